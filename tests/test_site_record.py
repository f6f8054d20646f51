"""A site's record: of administration for its owners, of decisions for all of its people."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import acts
from feedback.accounts.acts import Deed
from feedback.accounts.models import Act, Editor, Role
from feedback.db import db, now
from feedback.desk import site_record
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Decision, Kind
from feedback.desk.site_record import Asked
from feedback.pages import Page, Place
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.web import site_record as pages
from tests.makers import a_site, a_spot, an_editor, newsroom, signed_in

BASE = "https://feedback.example"
PAGE = "/desk/sites/1/record"


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200
    return answer.text


def subjects(page: str) -> list[str]:
    return re.findall(r"<p><bdi>(.*?)</bdi></p>", page)


def older(page: str) -> str | None:
    return beside(page, "next")


def newer(page: str) -> str | None:
    return beside(page, "prev")


def beside(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else None


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    with newsroom(app) as (site, ed):
        own = an_editor(site, "owner@paper.example", Role.OWNER)
        tribune = a_site("Tribune", "https://tribune.example")
        for n in range(7):
            kind, by = (Deed.TOKEN_MADE, ed) if n % 2 else (Deed.INVITED, own)
            acts.note(db.session, kind, f"deed {n}", site.id, by)
        acts.note(db.session, Deed.ORIGIN_ADMITTED, "by command", site.id, None)
        acts.note(db.session, Deed.INVITED, "elsewhere", tribune.id, None)
        db.session.commit()
    return signed_in(app, "owner@paper.example")


def test_acts_stand_newest_first_and_only_the_sites(owner: FlaskClient) -> None:
    page = text(owner, PAGE)

    assert subjects(page) == ["by command", *(f"deed {n}" for n in range(6, -1, -1))]
    assert "the command line" in page


def test_acts_are_filtered_by_kind_and_person(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        ed = db.session.scalars(sa.select(Editor).where(Editor.email.startswith("ed"))).one()

    assert subjects(text(owner, f"{PAGE}?kind=token-made")) == ["deed 5", "deed 3", "deed 1"]
    assert subjects(text(owner, f"{PAGE}?who={ed.id}&kind=")) == ["deed 5", "deed 3", "deed 1"]
    assert subjects(text(owner, f"{PAGE}?who=0")) == ["by command"]
    assert subjects(text(owner, f"{PAGE}?who={ed.id}&kind=invited")) == []


def test_acts_come_in_pages_that_keep_the_filter(
    owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    found: list[str] = []
    path: str | None = f"{PAGE}?kind=invited"

    while path:
        page = text(owner, path)
        found += subjects(page)
        path = older(page)

    assert found == ["deed 6", "deed 4", "deed 2", "deed 0"]


def test_acts_are_paged_back_as_they_came_with_the_filter(
    owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 3)
    first = text(owner, f"{PAGE}?kind=invited")
    second = text(owner, str(older(first)))

    back = text(owner, str(newer(second)))

    assert subjects(second) == ["deed 0"]
    assert subjects(back) == subjects(first) == ["deed 6", "deed 4", "deed 2"]
    assert (newer(first), older(second), newer(back)) == (None, None, None)
    assert str(older(back)) == str(older(first))
    assert "kind=invited" in str(newer(second))


def test_a_page_before_what_is_newest_is_the_first_one_and_full(
    owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 3)
    first = text(owner, PAGE)

    for path in (f"{PAGE}?after=7", f"{PAGE}?after={2**63 - 1}"):
        assert subjects(text(owner, path)) == subjects(first)


@pytest.mark.parametrize(
    "query",
    [
        "kind=nothing",
        "who=x",
        "who=-1",
        "who=" + "9" * 25,
        "before=0",
        "before=%D9%A1",
        "after=-1",
        "after=x",
        "who=1.5",
    ],
)
def test_an_address_that_asks_for_nonsense_leads_nowhere(owner: FlaskClient, query: str) -> None:
    for path in (PAGE, f"{PAGE}/decisions"):
        assert owner.get(f"{path}?{query}", base_url=BASE).status_code == 404


@pytest.mark.parametrize("day", ["x", "2027-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_there_is_none_leads_nowhere(app: Flask, owner: FlaskClient, day: str) -> None:
    with app.app_context():
        db.session.execute(sa.update(Editor).values(zone="Asia/Tokyo"))
        db.session.commit()

    statuses = {
        owner.get(f"{PAGE}/decisions?{name}={day}", base_url=BASE).status_code
        for name in ("since", "until")
    }

    assert statuses <= {200, 404}
    assert 404 in statuses


def test_every_deed_has_its_words() -> None:
    assert set(pages.DEEDS) == set(Deed)


# Decisions


def decided(site: Site, editor: Editor | None, n: int, kind: Kind = Kind.ACCEPT) -> int:
    """Decide on a spot of its own; give the decision's id."""
    url = f"{site.origins[0].origin}/page-{n}"
    spot = a_spot(site, url=url, id=f"00000000-0000-4000-8000-{site.id:04}{n:08}")
    decision = decide(db.session, spot, editor, Verdict(kind, spot.version))
    db.session.commit()
    return decision.id if decision else 0


@pytest.fixture
def two_papers(app: Flask) -> dict[str, list[int]]:
    """Twelve decisions, of two sites by turns; the ids of each, newest first."""
    with newsroom(app) as (paper, ed):
        vi = an_editor(paper, "vi@paper.example", Role.VIEWER)
        tribune = a_site("Tribune", "https://tribune.example")
        olga = an_editor(tribune, "olga@tribune.example")
        for n in range(6):
            decided(paper, ed if n % 3 else vi, n, Kind.FIX if n == 4 else Kind.ACCEPT)
            decided(tribune, olga, n)
        rows = db.session.execute(
            sa.select(Decision.id, Spot.site_id).join(Decision.spot).order_by(Decision.id.desc())
        ).all()
    return {name: [i for i, s in rows if s == n] for n, name in ((1, "paper"), (2, "tribune"))}


@pytest.fixture(params=["few", "many", "sparse"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The site has few spots, or many; then the walk for a page may find none."""
    if request.param != "few":
        monkeypatch.setattr(site_record, "FEW", 0)
    if request.param == "sparse":
        monkeypatch.setattr(site_record, "WALKED", 1)
    return str(request.param)


def walked(app: Flask, asked: Asked, limit: int = 2) -> list[int]:
    """Turn the pages of a record to its end, then back; give all ids, which are the same."""
    with app.app_context():
        there = turned(asked, limit)
        found = [each.id for page in there for each in page.rows]
        if there[-1].newer is not None:
            start = Place(there[-1].newer, newer=True)
            back = {each.id for page in turned(asked, limit, start) for each in page.rows}
            assert {each for each in found if each > start.id} <= back <= set(found)
    return found


def turned(asked: Asked, limit: int, place: Place | None = None) -> list[Page[Decision]]:
    """The pages from a place to the end that its way leads to."""
    found: list[Page[Decision]] = []
    up = place is not None
    for _ in range(50):
        found.append(site_record.page(db.session, asked, place, limit))
        assert len(found[-1].rows) <= limit
        onward = found[-1].newer if up else found[-1].older
        if onward is None:
            return found
        place = Place(onward, newer=up)
    raise AssertionError("it has no end")


def test_all_of_a_sites_decisions_are_found_and_no_others(
    app: Flask, two_papers: dict[str, list[int]], size: str
) -> None:
    assert walked(app, Asked(1)) == two_papers["paper"]
    assert walked(app, Asked(2), limit=50) == two_papers["tribune"]
    assert walked(app, Asked(99)) == []


def test_decisions_are_filtered(app: Flask, two_papers: dict[str, list[int]], size: str) -> None:
    ids = two_papers["paper"]
    with app.app_context():
        vi = db.session.scalars(sa.select(Editor.id).where(Editor.email.startswith("vi"))).one()

    assert walked(app, Asked(1, kind=Kind.FIX)) == [ids[1]]
    assert walked(app, Asked(1, editor_id=vi)) == [ids[2], ids[5]]
    assert walked(app, Asked(1, editor_id=0)) == []


def test_decisions_are_found_by_their_day(
    app: Flask, two_papers: dict[str, list[int]], size: str
) -> None:
    start = now() - timedelta(days=100)
    with app.app_context():
        for day, (one, two) in enumerate(
            zip(two_papers["paper"][::-1], two_papers["tribune"][::-1], strict=True)
        ):
            at = start + timedelta(days=day)
            for decision_id in (one, two):
                db.session.execute(
                    sa.update(Decision).where(Decision.id == decision_id).values(at=at)
                )
        db.session.commit()
    since, until = start + timedelta(days=2), start + timedelta(days=4)

    assert walked(app, Asked(1, since=since, until=until)) == two_papers["paper"][2:4]
    assert walked(app, Asked(1, until=start)) == []
    assert walked(app, Asked(1, since=start + timedelta(days=50))) == []


def test_a_page_of_decisions_costs_the_same_whatever_there_is(
    app: Flask, two_papers: dict[str, list[int]], size: str
) -> None:
    asked: list[str] = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        site_record.page(db.session, Asked(1), None, 50)

    assert len(asked) == {"few": 3, "many": 4, "sparse": 3}[size]


def test_everyone_of_a_site_reads_its_decisions(
    app: Flask, two_papers: dict[str, list[int]]
) -> None:
    viewer = signed_in(app, "vi@paper.example")

    page = text(viewer, f"{PAGE}/decisions")

    assert page.count("Accepted: will be fixed") == 5
    assert "ed@paper.example" in page
    assert "olga@tribune.example" not in page
    assert f'href="{PAGE}"' not in page


def test_another_sites_person_is_not_named(app: Flask, two_papers: dict[str, list[int]]) -> None:
    with app.app_context():
        olga = db.session.scalars(sa.select(Editor.id).where(Editor.email.startswith("olga"))).one()

    page = text(signed_in(app), f"{PAGE}/decisions?who={olga}")

    assert "olga@tribune.example" not in page


def test_what_was_taken_back_says_so(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        decided(site, ed, 1)
        spot = db.session.scalars(sa.select(Spot)).one()
        decide(db.session, spot, ed, Verdict(Kind.UNDO, spot.version))
        db.session.commit()

    page = text(signed_in(app), f"{PAGE}/decisions")

    assert page.count("taken back") == 1
    assert "Undone" in page


def test_days_are_the_editors_own(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        decision_id = decided(site, ed, 1)
        at = datetime(2026, 5, 1, 20, 0, tzinfo=UTC)  # the second of May in Tokyo
        db.session.execute(sa.update(Decision).where(Decision.id == decision_id).values(at=at))
        ed.zone = "Asia/Tokyo"
        db.session.commit()
    client = signed_in(app)

    on_first = text(client, f"{PAGE}/decisions?since=2026-05-01&until=2026-05-01")
    on_second = text(client, f"{PAGE}/decisions?since=2026-05-02&until=2026-05-02")

    assert "wrold" not in on_first
    assert "wrold" in on_second


def test_what_concerns_a_person_is_told_to_each_of_their_sites(app: Flask) -> None:
    with newsroom(app) as (_, ed):
        tribune = a_site("Tribune", "https://tribune.example")
        an_editor(tribune, ed.email)
        db.session.refresh(ed, ["memberships"])
        nobody = Editor(email="nobody@paper.example", created_at=now(), memberships=[])
        db.session.add(nobody)
        acts.note_of(db.session, Deed.TWO_FACTOR_OFF, ed, None)
        acts.note_of(db.session, Deed.TWO_FACTOR_OFF, nobody, None)
        db.session.commit()

        told = db.session.execute(sa.select(Act.site_id, Act.subject).order_by(Act.id)).all()

    assert [tuple(each) for each in told] == [
        (1, "ed@paper.example"),
        (2, "ed@paper.example"),
        (None, "nobody@paper.example"),
    ]
