"""The queue of all an editor's sites: whose rows it shows, and what may be done in each."""

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts.models import Membership, Role
from feedback.db import db, now
from feedback.desk import claims, index, reasons
from feedback.desk.decisions import Verdict, decide
from feedback.desk.models import Decision, Kind
from feedback.reports.models import Spot, Status
from feedback.sites import Site
from feedback.web import queue_page
from feedback.web.live import microseconds
from tests.conftest import BASE
from tests.makers import ORIGIN, a_site, a_spot, an_editor, csrf, newsroom, signed_in

ALL = "/desk/all/"
TRIBUNE = "https://tribune.example"


@pytest.fixture
def spots(app: Flask) -> dict[str, int]:
    """A spot of each site; Ed edits the Paper and reads the Tribune, of the Courier he is none."""
    with newsroom(app) as (paper, _):
        tribune = a_site("Tribune", TRIBUNE)
        courier = a_site("Courier", "https://courier.example")
        an_editor(tribune, role=Role.VIEWER)
        an_editor(courier, "olga@courier.example", Role.OWNER)
        return {
            "Paper": spot_of(paper),
            "Tribune": spot_of(tribune),
            "Courier": spot_of(courier),
        }


def spot_of(site: Site, number: int = 0, **more: Any) -> int:
    return a_spot(site, url=f"{site.origins[0].origin}/{number}", **more).id


def get(client: FlaskClient, path: str = ALL) -> Any:
    return client.get(path, base_url=BASE)


def rows(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li class="row[^>]* id="spot-(\d+)"', page)]


def row(page: str, spot_id: int) -> str:
    """The part of a page that is about a spot."""
    return page.partition(f'id="spot-{spot_id}"')[2].partition('<li class="row')[0]


def offered(page: str, spot_id: int) -> str:
    """The reasons that a row's menu is filled with: each site's stand on the page once."""
    name = re.search(r'data-fill="(reject-\d+)"', row(page, spot_id))
    assert name is not None
    return page.partition(f'data-blank="{name[1]}"')[2].partition("</template>")[0]


def promote(app: Flask, role: Role) -> None:
    """Give Ed a role at the Tribune."""
    with app.app_context():
        paper, tribune = db.session.scalars(sa.select(Site).order_by(Site.id).limit(2))
        assert paper.name == "Paper"
        an_editor(tribune, role=role)


def post(client: FlaskClient, spot_id: int, **fields: str) -> Any:
    data = {"csrf_token": csrf(get(client).text), "kind": "accept", "version": "1"} | fields
    headers = {"Referer": BASE + ALL}
    path = f"/desk/spots/{spot_id}/decisions"
    return client.post(path, base_url=BASE, headers=headers, data=data)


# Whose rows


def test_rows_of_all_the_editors_sites_name_their_site(app: Flask, spots: dict[str, int]) -> None:
    page = get(signed_in(app)).text

    assert rows(page) == [spots["Tribune"], spots["Paper"]]
    assert '<a href="/desk/sites/2/"><bdi>Tribune</bdi></a>' in row(page, spots["Tribune"])
    assert '<a href="/desk/sites/1/"><bdi>Paper</bdi></a>' in row(page, spots["Paper"])
    assert "Courier" not in page


def test_a_site_that_is_left_is_gone_at_once(app: Flask, spots: dict[str, int]) -> None:
    ed = signed_in(app)
    since = 0
    with app.app_context():
        db.session.execute(sa.delete(Membership).where(Membership.site_id == 2))
        db.session.commit()

    page = get(ed).text
    news = get(ed, f"{ALL}news?since={since}").json

    assert rows(page) == [spots["Paper"]]
    assert "Tribune" not in page
    assert news["opened"] == 1


def test_who_is_at_no_site_is_told_so(app: Flask, spots: dict[str, int]) -> None:
    ed = signed_in(app)
    with app.app_context():
        db.session.execute(sa.delete(Membership))
        db.session.commit()

    answer = get(ed)

    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert get(ed, f"{ALL}news?since=0").json["opened"] == 0


def test_the_desk_begins_with_all_sites_where_there_are_several(
    app: Flask, spots: dict[str, int]
) -> None:
    assert get(signed_in(app), "/desk/").location == ALL
    assert get(signed_in(app, "olga@courier.example"), "/desk/").location == "/desk/sites/3/"


def test_the_switcher_leads_to_all_sites_and_back(app: Flask, spots: dict[str, int]) -> None:
    ed = signed_in(app)

    link = '<li><a href="/desk/all/"{}>All sites</a></li>'
    assert link.format("") in get(ed, "/desk/sites/1/").text
    assert link.format(' aria-current="true"') in get(ed).text
    assert link.format("") not in get(signed_in(app, "olga@courier.example"), "/desk/sites/3/").text


def test_sites_beyond_what_a_page_takes_are_told_of(
    app: Flask, monkeypatch: pytest.MonkeyPatch, spots: dict[str, int]
) -> None:
    monkeypatch.setattr(queue_page, "SITES", 1)

    page = get(signed_in(app)).text

    assert rows(page) == [spots["Paper"]]
    assert "the first 1 of your 2 sites" in page


# Finding and paging


@pytest.mark.parametrize("order", ["urgent", "newest", "most-reported", "article"])
def test_pages_go_over_the_sites_without_gaps(
    app: Flask, monkeypatch: pytest.MonkeyPatch, spots: dict[str, int], order: str
) -> None:
    monkeypatch.setattr(queue_page, "PAGE", 3)
    with app.app_context():
        sites = db.session.scalars(sa.select(Site).order_by(Site.id).limit(2)).all()
        mine = [spot_of(site, number) for number in range(1, 4) for site in sites]
    mine += [spots["Paper"], spots["Tribune"]]
    ed, ways = signed_in(app), {"next": [], "prev": []}  # type: dict[str, list[int]]
    path = f"{ALL}?order={order}"

    for way, seen in ways.items():
        while path:
            page = get(ed, path).text
            seen[:] = [*seen, *rows(page)] if way == "next" else [*rows(page), *seen]
            last, found = path, re.search(rf'rel="{way}" href="([^"]*)"', page)
            path = unescape(found[1]) if found else ""
        path = last

    assert sorted(ways["next"]) == sorted(mine)
    assert ways["prev"] == ways["next"]


def test_search_filters_and_counts_are_of_all_sites(app: Flask, spots: dict[str, int]) -> None:
    with app.app_context():
        tribune = db.session.get_one(Site, 2)
        sea = spot_of(tribune, 1, exact="teh", comment="the lantern")
        paper = db.session.get_one(Site, 1)
        spot_of(paper, 1, exact="teh", comment="a lantern too")
        index.refresh(db.session, 100)
        db.session.commit()
    ed = signed_in(app)

    found = get(ed, f"{ALL}?q=lantern").text
    waiting = get(ed).text
    of_them = get(ed, f"{ALL}?q=%22the+lantern%22&status=any&order=newest").text

    assert len(rows(found)) == 2
    assert rows(of_them) == [sea]
    assert 'data-count="waiting">4</span>' in waiting
    assert 'action="/desk/all/"' in waiting
    assert "/desk/sites/1/?" not in found


@pytest.mark.parametrize("query", ["status=x", "cursor=x", "cursor=W10"])
def test_a_made_up_address_is_not_found(app: Flask, spots: dict[str, int], query: str) -> None:
    assert get(signed_in(app), f"{ALL}?{query}").status_code == 404


# Deciding


def test_a_viewers_rows_have_no_buttons(app: Flask, spots: dict[str, int]) -> None:
    page = get(signed_in(app)).text

    assert f"/desk/spots/{spots['Paper']}/decisions" in row(page, spots["Paper"])
    assert f"/desk/spots/{spots['Tribune']}/decisions" not in page


def test_an_editor_of_nothing_but_views_sees_rows(app: Flask, spots: dict[str, int]) -> None:
    with app.app_context():
        an_editor(db.session.get_one(Site, 1), role=Role.VIEWER)

    page = get(signed_in(app)).text

    assert len(rows(page)) == 2
    assert "/decisions" not in page


def test_each_row_offers_the_reasons_of_its_site(app: Flask, spots: dict[str, int]) -> None:
    promote(app, Role.OWNER)
    with app.app_context():
        reasons.add(db.session, 2, "Dialect", "We write as people speak.")
        reasons.retire(reasons.add(db.session, 1, "Obsolete", "It is not offered."))
        reasons.add(db.session, 3, "Foreign", "It is another desk's.")
        db.session.commit()

    page = get(signed_in(app)).text

    assert "Dialect" in offered(page, spots["Tribune"])
    assert "Dialect" not in offered(page, spots["Paper"])
    assert 'value="abuse"' in offered(page, spots["Paper"])
    assert 'value="abuse"' not in offered(page, spots["Tribune"])
    assert "Obsolete" not in page
    assert "Foreign" not in page


def test_a_decision_leads_back_and_is_undone_there(app: Flask, spots: dict[str, int]) -> None:
    ed, spot_id = signed_in(app), spots["Paper"]
    back = f"{ALL}?order=newest#spot-{spots['Tribune']}"

    answer = post(ed, spot_id, back=back)
    page = get(ed, f"{ALL}?order=newest").text
    undo = page.partition('name="kind" value="undo"')[2]
    version = re.search(r'name="version" value="(\d+)"', undo)
    assert version
    undone = post(ed, spot_id, kind="undo", version=version[1], back=ALL)

    assert (answer.status_code, answer.location) == (303, back)
    assert f'name="back" value="{ALL}?order=newest#spot-{spot_id}"' in page
    assert (undone.status_code, undone.location) == (303, ALL)
    with app.app_context():
        assert db.session.get_one(Spot, spot_id).status is Status.WAITING


def test_many_at_once_and_views_are_of_one_site(app: Flask, spots: dict[str, int]) -> None:
    promote(app, Role.OWNER)

    page = get(signed_in(app), f"{ALL}?order=newest").text

    for name in ("data-choice", "data-bulk", "/views", "/batches"):
        assert name not in page


def test_a_viewer_of_a_site_decides_nothing_there(app: Flask, spots: dict[str, int]) -> None:
    assert post(signed_in(app), spots["Tribune"]).status_code == 403
    assert post(signed_in(app), spots["Courier"]).status_code == 404
    with app.app_context():
        assert db.session.scalars(sa.select(Decision)).all() == []


# News


def test_news_are_of_all_the_editors_sites(app: Flask, spots: dict[str, int]) -> None:
    with app.app_context():
        eva = an_editor(db.session.get_one(Site, 2), "eva@tribune.example")
        eva.name = "Eva"
        olga_site, since = db.session.get_one(Site, 3), microseconds(now())
        spot = db.session.get_one(Spot, spots["Tribune"])
        decide(db.session, spot, eva, Verdict(Kind.FIX, spot.version))
        held = spot_of(db.session.get_one(Site, 2), 1)
        claims.take(db.session, held, eva, now())
        spot_of(db.session.get_one(Site, 1), 1)
        spot_of(olga_site, 1)
        db.session.commit()
    ed = signed_in(app)

    news = get(ed, f"{ALL}news?since={since}").json

    assert news["opened"] == 2
    assert [(spot["id"], spot["status"], spot["said"]) for spot in news["spots"]] == [
        (spots["Tribune"], "fixed", "Eva: Marked as fixed")
    ]
    assert news["claims"] == {str(held): "Eva"}
    assert f'data-news="{ALL}news"' in get(ed).text
    assert get(ed, f"{ALL}news").status_code == 404
    assert f"{ORIGIN}/" in get(ed).text
