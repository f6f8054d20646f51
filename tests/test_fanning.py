"""What happens is told: to whom, when, in what words, and what nobody hears of."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.accounts import people
from feedback.accounts.models import Editor, Membership
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.models import Carrier, Event, Happening, Letter, Means
from feedback.delivery.wishes import Rhythm
from feedback.desk import waking
from feedback.desk.decisions import Verdict, decide
from feedback.desk.letters import fanning
from feedback.desk.models import Decision, Gathered, Kind, Subscription
from feedback.reports.models import Spot
from feedback.sites import Site
from tests.makers import (
    TEXT,
    a_carrier,
    a_look,
    a_site,
    a_spot,
    newsroom,
    standing,
)

UNDO = timedelta(seconds=30)
ALL = tuple(Happening)


@pytest.fixture
def desk(app: Flask) -> Iterator[tuple[Site, Editor]]:
    with newsroom(app) as both:
        yield both


@pytest.fixture
def site(desk: tuple[Site, Editor]) -> Site:
    return desk[0]


@pytest.fixture
def ed(desk: tuple[Site, Editor]) -> Editor:
    return desk[1]


def tell(*, later: timedelta = UNDO) -> None:
    """Tell what happened, once nothing can be undone any more."""
    while fanning.fan(db.session, now() + later, UNDO, 100):
        pass
    db.session.commit()


def letters() -> list[Letter]:
    return list(db.session.scalars(sa.select(Letter).order_by(Letter.id)))


def kinds() -> list[str]:
    return [letter.kind for letter in letters()]


def body(letter: Letter) -> Any:
    return json.loads(letter.body)


def decided(spot: Spot, ed: Editor | None, kind: Kind, **more: Any) -> Decision:
    spot = standing(spot)
    decision = decide(db.session, spot, ed, Verdict(kind, spot.version, **more))
    db.session.commit()
    return decision


# What is told


def test_a_new_spot_is_told_with_its_report(site: Site) -> None:
    a_carrier(site)
    spot = a_spot(site, comment="twice on this page")

    tell()

    (letter,) = letters()
    said = body(letter)
    assert letter.kind == said["type"] == "spot.opened"
    assert letter.thread == f"spot:{spot.id}"
    assert said["data"]["site"] == {"id": site.id, "name": "Paper"}
    assert said["data"]["spot"]["id"] == spot.id
    assert said["data"]["spot"]["quote"]["exact"] == "wrold"
    assert said["data"]["report"]["comment"] == "twice on this page"


def test_no_address_of_a_reader_is_told(site: Site) -> None:
    a_carrier(site)
    a_spot(site, email="ann@reader.example")

    tell()

    assert "ann@" not in letters()[0].body


def test_of_several_reports_at_once_the_newest_is_told(site: Site) -> None:
    a_carrier(site)
    for comment in ("one", "two", "three"):
        a_spot(site, comment=comment)

    tell()
    a_spot(site, comment="four")
    tell()

    said = [(letter.kind, body(letter)["data"]["report"]["comment"]) for letter in letters()]
    assert said == [("spot.opened", "one"), ("spot.grew", "three"), ("spot.grew", "four")]


def test_a_decision_is_told_once_it_cannot_be_taken_back_unheard(site: Site, ed: Editor) -> None:
    spot = a_spot(site)
    a_carrier(site)
    decided(spot, ed, Kind.ACCEPT, note="indeed")

    tell(later=UNDO - timedelta(seconds=5))
    before = kinds()
    tell()

    (letter,) = letters()
    assert before == []
    assert letter.kind == "spot.decided"
    assert body(letter)["data"]["decision"]["by"] == "ed@paper.example"
    assert body(letter)["data"]["spot"]["status"] == "accepted"


def test_of_a_decision_taken_back_in_time_nobody_hears(site: Site, ed: Editor) -> None:
    spot = a_spot(site)
    a_carrier(site)
    decided(spot, ed, Kind.FIX)
    decided(spot, ed, Kind.UNDO)

    tell()

    assert kinds() == []


def test_a_decision_taken_back_too_late_is_told_so(site: Site, ed: Editor) -> None:
    spot = a_spot(site)
    a_carrier(site)
    decided(spot, ed, Kind.ACCEPT)
    tell()
    decided(spot, ed, Kind.UNDO)

    tell()

    assert kinds() == ["spot.decided", "spot.decided"]
    assert body(letters()[1])["data"]["decision"]["kind"] == "undo"
    assert body(letters()[1])["data"]["spot"]["status"] == "waiting"


def test_an_undo_spares_what_was_decided_before(site: Site, ed: Editor) -> None:
    spot = a_spot(site)
    a_carrier(site)
    decided(spot, ed, Kind.ACCEPT)
    decided(spot, ed, Kind.FIX)
    decided(spot, ed, Kind.UNDO)

    tell()

    assert [body(letter)["data"]["decision"]["kind"] for letter in letters()] == ["accept"]


def test_what_an_editor_calls_fixed_is_told_besides(site: Site, ed: Editor) -> None:
    spot = a_spot(site)
    a_carrier(site)
    decided(spot, ed, Kind.FIX)

    tell()

    assert kinds() == ["spot.decided", "spot.fixed"]


def test_what_the_article_mends_and_brings_back_is_told(site: Site) -> None:
    spot = a_spot(site)
    a_carrier(site)
    mended = TEXT.replace("wrold", "world", 1)
    for text in (mended, mended, TEXT, TEXT):
        a_look(spot.article, text)

    tell()

    assert kinds() == [
        *("spot.decided", "spot.fixed"),
        "article.changed",
        *("spot.decided", "spot.returned"),
    ]
    assert body(letters()[0])["data"]["decision"]["by"] == "article check"
    assert body(letters()[2])["data"]["article"]["url"] == spot.article.address


def test_the_first_look_and_an_unchanged_article_are_no_change(site: Site) -> None:
    spot = a_spot(site)
    a_carrier(site, happenings=(Happening.CHANGED,))
    a_look(spot.article, TEXT)
    a_look(spot.article, TEXT)
    a_look(spot.article)
    tell()
    before = kinds()

    a_look(spot.article, TEXT + "\nThe end.")
    tell()

    assert before == []
    assert kinds() == ["article.changed"]


def test_what_wakes_is_told(site: Site, ed: Editor) -> None:
    spot = a_spot(site)
    decided(spot, ed, Kind.SNOOZE)
    a_carrier(site)
    waking.wake(db.session, standing(spot))
    db.session.commit()

    tell()

    assert kinds() == ["spot.decided", "spot.returned"]


# Who hears


@pytest.mark.parametrize(
    "deaf",
    [
        lambda site: None,
        lambda site: carriers.post_office(db.session, site.id, now()),
        lambda site: a_carrier(a_site("Gazette", "https://gazette.example")),
        lambda site: carriers.off(a_carrier(site), now()),
    ],
    ids=["nobody", "the post", "another site's", "switched off"],
)
def test_where_nobody_hears_nothing_is_kept(site: Site, deaf: Callable[[Site], object]) -> None:
    deaf(site)
    db.session.commit()

    a_spot(site)

    assert db.session.scalars(sa.select(Event)).all() == []


def test_what_is_told_is_gone(site: Site) -> None:
    a_carrier(site)
    a_spot(site)

    tell()
    tell()

    assert kinds() == ["spot.opened"]
    assert db.session.scalars(sa.select(Event)).all() == []


def test_who_came_later_does_not_hear_of_it(site: Site) -> None:
    first = a_carrier(site)
    a_spot(site)
    late = a_carrier(site, address="https://late.example/")
    late.created_at = now()
    db.session.commit()

    tell()

    assert [letter.carrier_id for letter in letters()] == [first.id]


def test_wishes_say_of_what_and_of_which_sections(site: Site) -> None:
    a_carrier(site, happenings=(Happening.GREW,))
    sports = a_carrier(site, address="https://sports.example/", sections=("Sports",))
    a_carrier(site, address="https://city.example/", sections=("City",))
    spot = a_spot(site)
    spot.article.section = "Sports"
    db.session.commit()

    tell()

    assert [letter.carrier_id for letter in letters()] == [sports.id]


@pytest.mark.parametrize("leave", ["disabled", "removed"])
def test_an_editor_s_own_hears_while_the_editor_belongs_there(
    site: Site, ed: Editor, leave: str
) -> None:
    own = a_carrier(site, Means.MAIL, ed.email)
    db.session.add(Subscription(carrier_id=own.id, editor_id=ed.id))
    db.session.commit()
    a_spot(site)
    tell()
    heard = gathered()

    if leave == "disabled":
        people.disable(db.session, ed)
    else:
        db.session.execute(sa.delete(Membership).where(Membership.editor_id == ed.id))
    db.session.commit()
    a_spot(site, "teh")
    tell()

    assert heard == [(own.id, "spot.opened")]
    assert gathered() == heard


# When


def gathered() -> list[tuple[int, str]]:
    found = db.session.scalars(sa.select(Gathered).order_by(Gathered.id))
    return [(each.carrier_id, each.kind.value) for each in found]


def test_what_is_not_told_one_by_one_is_gathered_until_its_time(site: Site) -> None:
    mail = a_carrier(site, Means.MAIL, "desk@paper.example", happenings=ALL, rhythm=Rhythm.HOURLY)
    spot = a_spot(site)
    tell()
    first = db.session.get_one(Carrier, mail.id, populate_existing=True).gather_at
    a_spot(site, "teh")
    a_look(spot.article, TEXT)
    a_look(spot.article, TEXT + "\nThe end.")

    tell(later=timedelta(hours=2))

    assert letters() == []
    assert gathered() == [(mail.id, "spot.opened")] * 2
    assert first
    assert (first.minute, first.second) == (0, 0)
    assert db.session.get_one(Carrier, mail.id, populate_existing=True).gather_at == first


def test_quiet_hours_hold_letters_back(site: Site) -> None:
    hour = now().hour
    a_carrier(site, quiet_from=(hour - 1) % 24, quiet_to=(hour + 2) % 24)
    a_spot(site)

    tell()

    due_at = letters()[0].due_at
    assert due_at
    assert due_at.hour == (hour + 2) % 24


def test_much_is_told_bit_by_bit(site: Site) -> None:
    a_carrier(site)
    for exact in ("wrold", "teh", "round"):
        a_spot(site, exact)

    more = [fanning.fan(db.session, now() + UNDO, UNDO, 2) for _ in range(2)]
    db.session.commit()

    assert more == [True, False]
    assert kinds() == ["spot.opened"] * 3


def test_what_is_gone_meanwhile_is_not_told(site: Site) -> None:
    a_carrier(site)
    spot = a_spot(site)
    db.session.execute(sa.delete(Spot).where(Spot.id == spot.id))
    db.session.commit()

    tell()

    assert kinds() == []
    assert db.session.scalars(sa.select(Event)).all() == []


def test_what_cannot_be_put_into_words_keeps_nothing_else_from_being_told(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    a_carrier(site)
    odd = a_spot(site)
    fine = a_spot(site, "teh")
    odd.slip = "unheard of"
    db.session.commit()

    tell()

    assert [letter.thread for letter in letters()] == [f"spot:{fine.id}"]
    assert f"spot {odd.id} cannot be told" in caplog.text


def test_a_letter_is_due_and_its_carrier_knows(site: Site) -> None:
    far = a_carrier(site)
    a_spot(site)

    tell()

    carrier = db.session.scalar(outbox.free(now() + UNDO * 2))
    assert carrier
    assert carrier.id == far.id
