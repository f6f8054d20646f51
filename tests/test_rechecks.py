"""Rechecks: what follows for spots from looks at their article."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback.accounts.models import Editor
from feedback.anchoring.locate import Presence
from feedback.articles import revisions
from feedback.articles.looking import Failure, Known, Read
from feedback.articles.models import Article, Revision
from feedback.db import db
from feedback.desk import decisions, queue
from feedback.desk.decisions import Verdict
from feedback.desk.models import Decision, Kind, Reason
from feedback.reports.models import Report, Spot, Status
from feedback.sites import Site
from feedback.worker import looks
from tests.makers import (
    TEXT,
    a_claim,
    a_double,
    a_look,
    a_miss,
    a_page,
    a_site,
    a_spot,
    newsroom,
    standing,
)

Make = Callable[..., Flask]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIXED = TEXT.replace("The wrold is", "The world is")
#: The second paragraph is not in it.
SHORTER = TEXT.split("\n")[0] + "\n" + TEXT.split("\n")[2]
LONGER = "An advertisement, of all things.\n" + TEXT.replace("So they", "And so, after all, they")


def decide(spot: Spot, editor: Editor | None, kind: Kind, **more: object) -> Decision:
    spot = standing(spot)
    reason = Reason.CORRECT if kind is Kind.REJECT else None
    verdict = Verdict(kind, spot.version, **({"reason": reason} | more))
    decision = decisions.decide(db.session, spot, editor, verdict)
    db.session.commit()
    return decision


def the_spot(site: Site, exact: str = "wrold", **more: object) -> Spot:
    """The spot in the second paragraph."""
    return a_spot(site, exact, **({"nth": 1 if exact == "wrold" else 0} | more))


def told(spot: Spot) -> tuple[Status, Presence, str]:
    spot = standing(spot)
    return spot.status, spot.presence, spot.reads


def record(spot: Spot) -> list[tuple[Kind, str, bool]]:
    """What was decided on a spot, oldest first; whether by the article check."""
    found = db.session.scalars(queue.record(spot.id)).all()
    db.session.commit()
    return [(each.kind, each.became, each.editor is None) for each in reversed(found)]


def test_a_quote_that_stands_there_is_still_there(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)

        concluded = a_look(spot.article, TEXT)

        assert told(spot) == (Status.WAITING, Presence.STILL, "")
        assert (concluded.still, concluded.fixed) == (1, 0)


def test_a_spot_that_is_found_changed_in_two_looks_is_fixed(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, TEXT)

        a_look(spot.article, FIXED)
        once = told(spot)
        a_look(spot.article, FIXED)

        assert once == (Status.WAITING, Presence.CHANGED, "world")
        assert told(spot) == (Status.FIXED, Presence.CHANGED, "world")
        assert record(spot) == [(Kind.FIX, "world", True)]


def test_an_unchanged_page_is_a_second_look(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, FIXED)

        a_look(spot.article)

        assert told(spot) == (Status.FIXED, Presence.CHANGED, "world")


def test_an_accepted_spot_is_fixed_by_the_article_too(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = the_spot(site)
        decide(spot, ed, Kind.ACCEPT)

        a_look(spot.article, FIXED)
        a_look(spot.article, FIXED)

        assert told(spot)[0] is Status.FIXED


def test_two_looks_that_say_different_things_conclude_nothing(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)

        for word in ("word", "world", "globe", "world"):
            a_look(spot.article, TEXT.replace("The wrold is", f"The {word} is"))

        assert told(spot) == (Status.WAITING, Presence.CHANGED, "world")


def test_a_rejected_spot_stays_rejected(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = the_spot(site)
        decide(spot, ed, Kind.REJECT)

        a_look(spot.article, FIXED)
        a_look(spot.article, FIXED)

        assert told(spot) == (Status.REJECTED, Presence.CHANGED, "world")


def test_what_the_article_check_concludes_can_be_undone_and_stays_so(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = the_spot(site)
        a_look(spot.article, FIXED)
        a_look(spot.article, FIXED)

        decide(spot, ed, Kind.UNDO)
        a_look(spot.article, FIXED)
        a_look(spot.article)

        assert told(spot) == (Status.WAITING, Presence.CHANGED, "world")


def test_another_change_is_concluded_after_an_undo(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = the_spot(site)
        a_look(spot.article, FIXED)
        a_look(spot.article, FIXED)
        decide(spot, ed, Kind.UNDO)

        for _ in range(2):
            a_look(spot.article, TEXT.replace("The wrold is", "The whole world is"))

        assert told(spot)[0] is Status.FIXED


def test_a_fixed_spot_whose_words_come_back_is_reopened(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        for text in (TEXT, FIXED, FIXED, TEXT):
            a_look(spot.article, text)
        once = told(spot)[0]

        a_look(spot.article, TEXT)

        assert once is Status.FIXED
        assert told(spot) == (Status.WAITING, Presence.STILL, "")
        assert record(spot) == [(Kind.FIX, "world", True), (Kind.REOPEN, "", True)]


def test_a_spot_that_an_editor_fixed_waits_for_the_article(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = the_spot(site)
        a_look(spot.article, TEXT)
        decide(spot, ed, Kind.FIX)

        a_look(spot.article, TEXT)
        a_look(spot.article, TEXT)
        before = told(spot)
        for text in (FIXED, TEXT, TEXT):
            a_look(spot.article, text)

        assert before == (Status.FIXED, Presence.STILL, "")
        assert told(spot) == (Status.WAITING, Presence.STILL, "")


def test_a_reopening_that_is_undone_stays_so_until_the_words_have_left_again(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = the_spot(site)
        for text in (FIXED, FIXED, TEXT, TEXT):
            a_look(spot.article, text)

        decide(spot, ed, Kind.UNDO)
        a_look(spot.article, TEXT)
        a_look(spot.article, TEXT)

        assert told(spot) == (Status.FIXED, Presence.STILL, "")


def test_a_passage_that_was_there_and_is_not_is_gone(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        filler = "\nOther news of the day, at some length, so that nobody takes this for a teaser."
        a_look(spot.article, TEXT + filler)

        a_look(spot.article, SHORTER + filler)
        a_look(spot.article, SHORTER + filler)

        assert told(spot)[:2] == (Status.WAITING, Presence.GONE)


def test_a_passage_that_never_was_there_cannot_be_verified(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)

        a_look(spot.article, "Please enable JavaScript to read this newspaper on the web.")

        assert told(spot)[:2] == (Status.WAITING, Presence.UNVERIFIABLE)


def test_a_wall_makes_nothing_gone(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, TEXT)

        a_look(spot.article, TEXT.split("\n")[0] + "\nSubscribe to read on.")

        assert told(spot)[:2] == (Status.WAITING, Presence.UNVERIFIABLE)


def test_a_long_quote_in_which_something_else_changed_is_still_there(app: Flask) -> None:
    sentence = "The wrold is round, said the captain, and teh sea is flat."
    with newsroom(app) as (site, _):
        spot = a_spot(site, sentence, correction=sentence.replace("teh", "the"))
        a_look(spot.article, TEXT)

        for _ in range(2):
            a_look(spot.article, TEXT.replace("The wrold is", "The world is"))
        before = told(spot)
        for _ in range(2):
            a_look(spot.article, TEXT.replace("The wrold is", "The world is").replace("teh", "the"))

        assert before[:2] == (Status.WAITING, Presence.STILL)
        assert told(spot)[:2] == (Status.FIXED, Presence.CHANGED)


def test_a_spot_follows_its_article(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, LONGER)

        spot = standing(spot)

        assert LONGER[spot.start : spot.end] == "wrold"
        assert LONGER[spot.start - len(spot.prefix) : spot.start] == spot.prefix
        assert spot.length == len(LONGER)
        assert spot.place.startswith(":~:text=")
        report = db.session.scalars(sa.select(Report)).one()
        assert TEXT[report.start : report.end] == "wrold"


def test_a_report_lands_on_a_spot_that_has_moved_far(app: Flask) -> None:
    ads = "".join(f"Advertisement number {n}, which says nothing of interest.\n" for n in range(40))
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, ads + TEXT)

        again = a_spot(site, nth=1, text=ads + TEXT)

        assert again.id == spot.id


def test_reports_that_turn_out_to_be_one_are_merged(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site, comment="mine")
        other = a_double(site, spot)

        concluded = a_look(spot.article, TEXT)

        assert concluded.merged == 1
        assert told(other)[0] is Status.MERGED
        assert (standing(spot).readers, other.merged_into_id) == (2, spot.id)
        assert record(other) == [(Kind.MERGE, "", True)]


def test_the_same_word_elsewhere_is_left_apart(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spots = [a_spot(site, nth=nth) for nth in range(3)]

        a_look(spots[0].article, TEXT)

        assert [told(spot)[:2] for spot in spots] == [(Status.WAITING, Presence.STILL)] * 3


def test_a_server_that_stumbles_takes_nothing_back(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, TEXT)

        a_miss(spot.article)
        stumbled = told(spot)[1]
        a_miss(spot.article)
        a_miss(spot.article)
        lost = told(spot)[1]
        a_look(spot.article)

        assert (stumbled, lost) == (Presence.STILL, Presence.UNVERIFIABLE)
        assert told(spot)[1] is Presence.STILL
        assert (spot.article.trouble, spot.article.failures) == ("", 0)


def test_a_page_that_was_never_had_leaves_the_report_good(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)

        a_miss(spot.article, Failure.REFUSED)

        assert told(spot)[:2] == (Status.WAITING, Presence.UNVERIFIABLE)
        assert spot.article.trouble == "refused"


def test_a_page_that_is_taken_down_takes_its_passages_along(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        a_look(spot.article, TEXT)

        a_miss(spot.article, Failure.MISSING)
        once = told(spot)[1]
        a_miss(spot.article, Failure.MISSING)

        assert (once, told(spot)[1]) == (Presence.STILL, Presence.GONE)


def test_the_page_says_what_it_is_called(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = the_spot(site)
        article = spot.article

        a_look(article, TEXT, title="The End", lang="en-GB", author="Ann", section="Travel")
        the_spot(site, title="A title that scripts wrote")

        standing(spot)
        db.session.refresh(article)
        assert (article.title, article.lang) == ("The End", "en-GB")
        assert (article.author, article.section) == ("Ann", "Travel")


def due_in(article: Article) -> float | None:
    db.session.refresh(article)
    db.session.commit()
    return (article.due_at - NOON).total_seconds() if article.due_at else None


def test_looks_become_ever_rarer(make_app: Make) -> None:
    with newsroom(make_app(check_delays=[60, 600, 3600])) as (site, _):
        with time_machine.travel(NOON, tick=False):
            article = the_spot(site).article
            first = due_in(article)
            waits = []
            for _ in range(5):
                a_look(article, TEXT)
                waits.append(due_in(article))

        assert first == 0
        assert waits == [60, 600, 3600, 3600, 3600]


def test_what_happens_to_a_spot_hastens_the_next_look(make_app: Make) -> None:
    with (
        time_machine.travel(NOON, tick=False),
        newsroom(make_app(check_delays=[60, 600, 3600])) as (site, ed),
    ):
        spot = the_spot(site)
        for _ in range(4):
            a_look(spot.article, TEXT)

        decide(spot, ed, Kind.ACCEPT)
        accepted = due_in(spot.article)
        a_look(spot.article, TEXT)
        then = due_in(spot.article)

        assert (accepted, then) == (0, 600)


def test_a_new_report_has_the_article_looked_at_as_soon_as_is_decent(make_app: Make) -> None:
    with (
        time_machine.travel(NOON, tick=False),
        newsroom(make_app(check_delays=[60, 600, 3600])) as (site, _),
    ):
        spot = the_spot(site)
        for _ in range(3):
            a_look(spot.article, TEXT)

        the_spot(site, "teh")

        assert due_in(spot.article) == 10


def test_an_article_without_open_spots_is_left_alone_in_the_end(make_app: Make) -> None:
    with (
        time_machine.travel(NOON, tick=False),
        newsroom(make_app(check_delays=[60, 600])) as (site, ed),
    ):
        spot = the_spot(site)
        decide(spot, ed, Kind.REJECT)

        waits = []
        for _ in range(4):
            a_look(spot.article, TEXT)
            waits.append(due_in(spot.article))

        assert waits == [60, 600, None, None]


def test_a_busy_server_says_when(make_app: Make) -> None:
    with time_machine.travel(NOON, tick=False), newsroom(make_app(check_delays=[60])) as (site, _):
        article = the_spot(site).article

        a_miss(article, Failure.BUSY, retry_after=900)

        assert due_in(article) == 900


def test_what_happens_during_a_look_is_not_forgotten(make_app: Make) -> None:
    with (
        time_machine.travel(NOON, tick=False),
        newsroom(make_app(check_delays=[3600])) as (site, ed),
    ):
        spot = the_spot(site)
        claim = a_claim(spot.article)
        decide(spot, ed, Kind.ACCEPT)

        read = Read(a_page(TEXT), spot.article.address, Known())
        looks.conclude(claim, read)

        assert due_in(spot.article) == 0


def test_revisions_are_kept_once_and_thinned(app: Flask) -> None:
    with newsroom(app) as (site, _):
        with time_machine.travel(NOON, tick=False) as clock:
            spot = the_spot(site)
            a_look(spot.article, TEXT)
            for hour in range(24 * 30):
                clock.shift(timedelta(hours=1))
                a_look(spot.article, f"{FIXED}\nVisitors: {hour}" if hour % 6 == 0 else None)

        kept = db.session.scalars(sa.select(Revision).order_by(Revision.id)).all()
        assert revisions.unpack(kept[0].packed).text == TEXT
        assert 14 <= len(kept) <= 22
        assert revisions.unpack(kept[-1].packed).text.endswith("Visitors: 714")


@pytest.mark.parametrize("text", ["", "a\ud800b", "😀 \n ok", "нет"])
def test_a_revision_is_read_as_it_was_kept(text: str) -> None:
    normal = revisions.NormalText(text, ((0, "top"), (1, "ü")))

    assert revisions.unpack(revisions.pack(normal)) == normal


def test_another_site_is_not_touched(app: Flask) -> None:
    with newsroom(app) as (site, _):
        other = a_site("Gazette", "https://gazette.example")
        theirs = a_spot(other, nth=1, url="https://gazette.example/news/captain")
        spot = the_spot(site)

        a_look(spot.article, FIXED)
        a_look(spot.article, FIXED)

        assert told(theirs)[:2] == (Status.WAITING, Presence.UNCHECKED)
