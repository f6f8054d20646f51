"""A spot's page: what the article says of it, and merging, splitting and looking by form."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.anchoring.words import Step
from feedback.articles.looking import Failure
from feedback.articles.models import Article
from feedback.db import db, now
from feedback.desk import passages
from feedback.desk.passages import Passages
from feedback.reports.models import Report, Spot, Status
from feedback.web.wording import TROUBLES
from tests.makers import (
    TEXT,
    a_claim,
    a_look,
    a_miss,
    a_site,
    a_spot,
    csrf,
    newsroom,
    signed_in,
    standing,
)

BASE = "https://feedback.example"
QUEUE = "/desk/sites/1/"
FIXED = TEXT.replace("The wrold is", "The world is")
#: Another paragraph stands where the second one stood.
WITHOUT = "\n".join(
    [TEXT.split("\n")[0], "An advertisement, of all things. " * 4, TEXT.split("\n")[2]]
)


@pytest.fixture
def spot_id(app: Flask) -> int:
    """The spot in the second paragraph."""
    with newsroom(app) as (site, _):
        return a_spot(site, nth=1).id


@pytest.fixture
def ed(app: Flask, spot_id: int) -> FlaskClient:
    return signed_in(app)


def look(app: Flask, spot_id: int, *texts: str, **more: Any) -> None:
    with app.app_context():
        article = db.session.get_one(Spot, spot_id).article
        for text in texts:
            a_look(article, text, **more)


def page(client: FlaskClient, path: str | int) -> str:
    """A page's words, tags and all, white space as one sees it."""
    address = f"/desk/spots/{path}" if isinstance(path, int) else path
    return unescape(" ".join(client.get(address, base_url=BASE).text.split()))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def part(html: str, name: str) -> str:
    """The section that is called `name` by its id."""
    found = re.search(rf'<section[^>]*id="{name}".*?</section>', html)
    assert found, f"no section {name}"
    return found[0]


def post(client: FlaskClient, path: str, **fields: Any) -> Any:
    data = {"csrf_token": csrf(client.get(QUEUE, base_url=BASE).text)} | fields
    headers = {"Referer": BASE + QUEUE}
    return client.post(f"/desk/spots/{path}", base_url=BASE, headers=headers, data=data)


def decide(client: FlaskClient, spot_id: int, kind: str, version: int = 1, **more: Any) -> Any:
    fields = {"kind": kind, "version": version} | more
    return post(client, f"{spot_id}/decisions", **fields)


def another(app: Flask, exact: str = "teh", **more: Any) -> int:
    """Another spot of the same article, or another report of the same spot."""
    with app.app_context():
        return a_spot(a_site_again(), exact, **more).id


def a_site_again() -> Any:
    site = db.session.scalars(sa.select(Spot).limit(1)).one().site
    assert site.origins
    db.session.commit()
    return site


def uids(app: Flask, comment: str) -> list[str]:
    with app.app_context():
        found = db.session.scalars(sa.select(Report.uid).where(Report.comment == comment))
        return [str(uid) for uid in found]


def spot_of(app: Flask, spot_id: int) -> Spot:
    with app.app_context():
        return standing(db.session.get_one(Spot, spot_id))


# What the article says


def test_a_changed_passage_is_shown_as_it_was_and_as_it_is(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, TEXT, FIXED)

    seen = part(page(ed, spot_id), "seen")

    assert "Now reads “world”" in words(seen)
    assert re.search(r"<del>.*?wrold.*?</del><ins>.*?world.*?</ins>.* is round, said", seen)
    assert "Changed between" in seen
    assert "So they sailed on" not in seen


def test_a_quote_that_is_there_is_marked_in_its_paragraph(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, TEXT)

    seen = part(page(ed, spot_id), "seen")

    assert "Still in the article" in seen
    assert "The <mark>wrold</mark> is round, said the captain" in seen
    assert "<del>" not in seen


def test_words_that_were_taken_out_are_said_to_be(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, TEXT, TEXT.replace("The wrold is round", "The is round"))

    assert "Taken out of the article" in page(ed, spot_id)


def test_of_a_passage_that_is_gone_the_page_shows_how_it_stood(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, TEXT, WITHOUT)

    seen = part(page(ed, spot_id), "seen")

    assert "Gone from the article" in seen
    assert "The <mark>wrold</mark> is round, said the captain" in seen
    assert "So it stood there last" in seen


def test_a_page_without_the_passage_is_said_to_hide_it(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, "Please switch on JavaScript.")

    seen = part(page(ed, spot_id), "seen")

    assert "The article cannot be checked" in seen
    assert "What readers report is as good as ever" in seen


def test_every_failure_has_its_words() -> None:
    assert set(TROUBLES) == set(Failure)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Failure.REFUSED, "does not let us in"), (Failure.MISSING, "no such page any more")],
)
def test_why_an_article_could_not_be_read_is_said(
    app: Flask, ed: FlaskClient, spot_id: int, kind: Failure, said: str
) -> None:
    with app.app_context():
        for _ in range(2):
            a_miss(db.session.get_one(Spot, spot_id).article, kind)

    seen = part(page(ed, spot_id), "seen")

    assert f"The last 2 looks gave no page: {TROUBLES[kind]}" in seen
    assert said in seen


def test_what_an_article_says_of_itself_is_a_fact(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, TEXT, author="Agnes & Bo", section="Sea")

    html = page(ed, spot_id)

    assert "Agnes & Bo" in html
    assert "<dt>Section</dt><dd><bdi>Sea</bdi>" in html


def test_what_the_article_check_decides_is_said_to_be_its_doing(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    look(app, spot_id, TEXT, FIXED, FIXED)

    own, row = words(page(ed, spot_id)), words(page(ed, QUEUE + "?status=fixed"))
    refused = decide(ed, spot_id, "fix").text

    assert "Marked as fixed It reads “world” The article check" in own
    assert "Marked as fixed The article check" in row
    assert "The article check decided meanwhile: Marked as fixed." in refused


def test_the_queue_says_what_the_article_says(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    before = page(ed, QUEUE).partition('<ol class="rows"')[2]
    look(app, spot_id, TEXT, FIXED)

    assert "in the article" in before  # where its link leads
    assert "Still in the article" not in before
    assert "Not looked at" not in before
    assert "Now reads “world”" in words(page(ed, QUEUE))


def test_a_rejected_row_says_why_and_by_whom(ed: FlaskClient, spot_id: int) -> None:
    decide(ed, spot_id, "reject", reason="quoted")

    row = words(page(ed, QUEUE + "?status=rejected"))

    assert "Rejected: It is quoted word for word ed@paper.example" in row


def test_a_decision_that_was_taken_back_is_not_in_the_row(ed: FlaskClient, spot_id: int) -> None:
    decide(ed, spot_id, "accept")
    decide(ed, spot_id, "reject", 2, reason="quoted")
    decide(ed, spot_id, "undo", 3)

    row = words(page(ed, QUEUE + "?status=accepted"))

    assert "Accepted: will be fixed ed@paper.example" in row
    assert "quoted word for word ed" not in row


# Look now


def test_an_editor_has_the_article_looked_at_now(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    look(app, spot_id, TEXT)
    before = part(page(ed, spot_id), "seen")

    answer = post(ed, f"{spot_id}/look")

    assert (answer.status_code, answer.location) == (303, f"/desk/spots/{spot_id}")
    assert "Next look in" in words(before)
    assert "Next look any moment" in words(part(page(ed, spot_id), "seen"))
    with app.app_context():
        due_at = db.session.scalars(sa.select(Article.due_at)).one()
        assert due_at is not None
        assert due_at <= now()


def test_a_look_that_is_under_way_is_said_to_be(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    with app.app_context():
        a_claim(db.session.get_one(Spot, spot_id).article)

    assert "Next look any moment" in words(page(ed, spot_id))


def test_where_articles_are_not_looked_at_the_page_says_so(
    make_app: Callable[..., Flask], app: Flask, spot_id: int
) -> None:
    ed = signed_in(make_app(check_delays="off"))

    seen = part(page(ed, spot_id), "seen")
    answer = post(ed, f"{spot_id}/look")

    assert "This service does not look at articles" in seen
    assert "Look now" not in seen
    assert answer.status_code == 409
    assert "This service does not look at articles" in answer.text


# Merging and splitting


def test_a_spot_is_merged_and_the_editor_led_to_the_reports(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    other = another(app)

    answer = decide(ed, other, "merge", into=spot_id)
    head, merged = page(ed, spot_id), page(ed, other)

    assert (answer.status_code, answer.location) == (303, f"/desk/spots/{spot_id}")
    assert "Another spot was merged into this one “teh”" in words(head)
    assert "The reports are at another spot: “wrold”" in words(merged)
    assert f'href="/desk/spots/{spot_id}"' in merged
    assert (spot_of(app, other).merged_into_id, spot_of(app, spot_id).readers) == (spot_id, 2)


@pytest.mark.parametrize("from_head", [True, False])
def test_a_merge_is_undone_from_either_spots_record(
    app: Flask, ed: FlaskClient, spot_id: int, from_head: bool
) -> None:
    other = another(app)
    decide(ed, other, "merge", into=spot_id)
    html = page(ed, spot_id if from_head else other)
    form = re.search(
        rf'<form method="post" action="/desk/spots/{other}/decisions">(?:(?!</form>).)*?'
        r'name="version" value="(\d+)"(?:(?!</form>).)*value="undo"',
        html,
    )

    assert form
    answer = decide(ed, other, "undo", int(form[1]))

    assert answer.status_code == 303
    assert spot_of(app, other).status is Status.WAITING
    assert (spot_of(app, other).readers, spot_of(app, spot_id).readers) == (1, 1)


def test_a_chain_of_merges_leads_to_its_end(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    middle, first = another(app), another(app, "captain")
    decide(ed, first, "merge", into=middle)
    decide(ed, middle, "merge", into=spot_id)

    merged = page(ed, first)

    assert "The reports are at another spot: “wrold”" in words(merged)


def test_merged_spots_have_a_tab_only_while_one_looks_at_them(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    other = another(app)
    decide(ed, other, "merge", into=spot_id)

    assert "status=merged" not in page(ed, QUEUE)
    assert f'id="spot-{other}"' in page(ed, QUEUE + "?status=merged")


def test_other_spots_are_listed_nearest_first_without_the_merged(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    far, near = another(app, "sailed"), another(app, "captain")
    gone = another(app, "flat")
    decide(ed, gone, "merge", into=near)

    listed = re.findall(r'name="into" value="(\d+)"', page(ed, spot_id))

    assert listed == [str(near), str(far)]


def test_chosen_reports_move_to_a_spot_of_their_own_and_back(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    another(app, "wrold", nth=1, comment="second")
    chosen = uids(app, "second")

    answer = decide(ed, spot_id, "split", reports=chosen)
    html = page(ed, spot_id)
    new = int(re.findall(r'class="why" href="/desk/spots/(\d+)"', html)[0])

    assert answer.status_code == 303
    assert "Split into two spots" in words(html)
    assert "Split off from another spot “wrold”" in words(page(ed, new))
    assert (spot_of(app, spot_id).readers, spot_of(app, new).readers) == (1, 1)
    decide(ed, spot_id, "undo", 2)
    assert spot_of(app, spot_id).readers == 2


def test_an_undo_is_not_offered_where_it_would_take_back_something_else(
    app: Flask, ed: FlaskClient, spot_id: int
) -> None:
    another(app, "wrold", nth=1, comment="second")
    decide(ed, spot_id, "split", reports=uids(app, "second"))
    new = int(re.findall(r'class="why" href="/desk/spots/(\d+)"', page(ed, spot_id))[0])

    assert 'value="undo"' not in re.sub(r'<div class="toast.*', "", page(ed, new))


def test_one_report_cannot_be_split(ed: FlaskClient, spot_id: int) -> None:
    html = page(ed, spot_id)

    assert 'value="split"' not in html
    assert 'name="reports"' not in html


BAD = [
    ({"kind": "merge"}, "another one of the same article"),
    ({"kind": "merge", "into": "9" * 30}, "not complete"),
    ({"kind": "merge", "into": "x"}, "not complete"),
    ({"kind": "merge", "into": "999999"}, "another one of the same article"),
    ({"kind": "split"}, "Choose the reports"),
    ({"kind": "split", "reports": "x"}, "not complete"),
    ({"kind": "split", "reports": "00000000-0000-4000-8000-000000000000"}, "Choose the reports"),
]


@pytest.mark.parametrize(("fields", "said"), BAD)
def test_what_cannot_be_moved_is_explained_and_stays(
    app: Flask, ed: FlaskClient, spot_id: int, fields: dict[str, str], said: str
) -> None:
    answer = decide(ed, spot_id, **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert (spot_of(app, spot_id).status, spot_of(app, spot_id).version) == (Status.WAITING, 1)


def test_no_spot_is_merged_into_another_sites(app: Flask, ed: FlaskClient, spot_id: int) -> None:
    with app.app_context():
        tribune = a_site("Tribune", "https://tribune.example")
        foreign = a_spot(tribune, "teh", url="https://tribune.example/a").id

    answer = decide(ed, spot_id, "merge", into=foreign)

    assert answer.status_code == 422
    assert spot_of(app, foreign).readers == 1
    assert "Other spots of this article" not in page(ed, spot_id)


def test_a_spots_page_takes_a_fixed_number_of_queries(app: Flask, spot_id: int) -> None:
    ed, seen, numbers = signed_in(app), [], []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    first = another(app, "captain")
    decide(ed, first, "merge", into=spot_id)
    look(app, spot_id, TEXT, FIXED)
    for exact in ("sailed", "Nobody", "believed"):
        another(app, exact)
        another(app, "wrold", nth=1)
        decide(ed, another(app, exact[1:]), "merge", into=spot_id)
        page(ed, spot_id)  # what was just done is told once
        seen.clear()
        page(ed, spot_id)
        numbers.append(len([text for text in seen if text.startswith("SELECT")]))

    assert len(set(numbers)) == 1
    assert numbers[0] <= 14


# Passages


def test_of_a_long_paragraph_only_what_is_near_is_shown(app: Flask) -> None:
    long = "Much was said of it. " * 40 + "The wrold is round. " + "And so on, and on. " * 40
    with newsroom(app) as (site, _):
        spot = a_spot(site, text=long)
        a_look(spot.article, long)
        a_look(spot.article, long.replace("wrold", "world"))

        pieces = passages.of(db.session.get_one(Spot, spot.id)).pieces

        kept = [piece.text for piece in pieces if piece.step is Step.KEEP]
        assert [piece.text for piece in pieces if piece.step is not Step.KEEP] == ["wrold", "world"]
        assert [len(text) < 200 for text in kept] == [True, True]
        assert kept[0].startswith("… ")
        assert kept[1].endswith(" …")


def test_a_place_that_was_in_some_doubt_is_shown_all_the_same(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site, nth=1)
        a_look(spot.article, TEXT)
        a_look(spot.article, FIXED)
        db.session.execute(sa.update(Spot).values(start=Spot.start - 3, end=Spot.end - 3))
        db.session.commit()

        now_ = passages.of(standing(spot)).now

        assert now_ is not None
        assert (now_.before, now_.words) == ("The ", "world")


def test_no_passage_is_shown_that_is_not_in_the_revision(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site, nth=1)
        a_look(spot.article, FIXED)
        db.session.execute(sa.update(Spot).values(reads="globe"))
        db.session.commit()

        assert passages.of(standing(spot)) == Passages(None, None)
