"""Digests: one letter of what was gathered, at the time that its reader wants."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, current_app

from feedback.accounts.models import Editor, Membership, Role
from feedback.db import db, now
from feedback.delivery.models import Carrier, Happening, Letter, Means
from feedback.delivery.wishes import Rhythm, Wishes
from feedback.desk import decisions
from feedback.desk.decisions import Verdict
from feedback.desk.letters import actions, digests
from feedback.desk.models import Gathered, Kind, Reason, Subscription
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.worker.digests import write_digests
from tests.makers import a_spot, an_editor, newsroom, standing

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_carrier(site: Site, means: Means = Means.MAIL, **wishes: Any) -> Carrier:
    """A carrier for Ed's mail; needs an application context."""
    carrier = Carrier(
        site_id=site.id,
        means=means,
        address="ed@paper.example",
        wishes=str(Wishes(**wishes)),
        created_at=now(),
    )
    db.session.add(carrier)
    db.session.commit()
    return carrier


def own(carrier: Carrier, editor: Editor) -> Carrier:
    db.session.add(Subscription(carrier_id=carrier.id, editor_id=editor.id))
    db.session.commit()
    return carrier


def gather(carrier: Carrier, *told: tuple[Spot, Happening]) -> None:
    """Have it happened, and due now."""
    for spot, kind in told:
        db.session.add(Gathered(carrier_id=carrier.id, kind=kind, spot_id=spot.id, at=now()))
    carrier.gather_at = now()
    db.session.commit()


def decide(spot: Spot, editor: Editor, kind: Kind, reason: str | None = None) -> None:
    decisions.decide(db.session, spot, editor, Verdict(kind, spot.version, reason))
    db.session.commit()


def letters() -> list[dict[str, Any]]:
    rows = db.session.scalars(sa.select(Letter).order_by(Letter.id)).all()
    db.session.commit()
    assert all(letter.kind == "digest" for letter in rows)
    return [json.loads(letter.body) for letter in rows]


def digest(app: Flask) -> dict[str, Any]:
    """The one letter that the duty writes."""
    while write_digests():
        pass
    (body,) = letters()
    return body


def test_a_digest_has_what_is_needed_to_decide(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site, "wrold", nth=1, comment="It is  round\nindeed.")
        carrier = a_carrier(site)
        gather(carrier, (spot, Happening.OPENED))

        body = digest(app)

        (told,) = body["spots"]
        assert (body["waiting"], body["more"]) == (1, 0)
        assert body["site"]["link"] == f"https://feedback.example/desk/sites/{site.id}/"
        assert told["happened"] == "spot.opened"
        assert told["before"] == "The "
        assert told["after"].startswith(" is round, said the captain")
        assert told["pieces"] == [["delete", "wrold"], ["insert", "world"]]
        assert told["comments"] == ["It is round indeed."]
        assert told["spot"]["readers"] == 1
        assert told["spot"]["article"]["title"] == "The end of the wrold"
        assert told["desk"] == f"https://feedback.example/desk/spots/{spot.id}"
        assert told["actions"] == {}
        db.session.refresh(carrier)
        assert carrier.gather_at is None
        assert db.session.scalars(sa.select(Gathered)).all() == []
        assert carrier.due_at is not None


def test_a_spot_stands_in_a_digest_once(app: Flask) -> None:
    with newsroom(app) as (site, _):
        first, second = a_spot(site), a_spot(site, "teh")
        told = [(first, Happening.GREW), (second, Happening.OPENED), (second, Happening.GREW)]
        gather(a_carrier(site), (first, Happening.OPENED), *told)

        spots = digest(app)["spots"]

        assert [(each["spot"]["id"], each["happened"]) for each in spots] == [
            (second.id, "spot.opened"),
            (first.id, "spot.opened"),
        ]


def test_what_was_decided_meanwhile_is_left_out_or_said_to_be_decided(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        open_spot, rejected = a_spot(site), a_spot(site, "teh")
        carrier = a_carrier(site)
        gather(carrier, (open_spot, Happening.OPENED), (rejected, Happening.OPENED))
        decide(rejected, ed, Kind.REJECT, Reason.QUOTED)

        body = digest(app)

        assert [each["spot"]["id"] for each in body["spots"]] == [open_spot.id]
        gather(carrier, (standing(rejected), Happening.DECIDED))
        assert write_digests()
        (told,) = letters()[1]["spots"]
        assert told["happened"] == "spot.decided"
        assert (told["decision"]["kind"], told["decision"]["reason"]) == ("reject", "quoted")
        assert told["decision"]["by"] == "ed@paper.example"


def test_where_nothing_is_left_to_tell_there_is_no_letter(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        carrier = a_carrier(site)
        gather(carrier, (spot, Happening.OPENED), (spot, Happening.FIXED))
        decide(spot, ed, Kind.ACCEPT)

        assert write_digests()
        assert not write_digests()

        assert letters() == []
        assert db.session.scalars(sa.select(Gathered)).all() == []


def test_a_digest_shows_so_many_and_says_how_many_more_there_are(app: Flask) -> None:
    names = [f"mistake{n} " for n in range(digests.SPOTS + 2)]
    text = "".join(f"{name}{'and so the story went on for a while. ' * 2}" for name in names)
    with newsroom(app) as (site, _):
        spots = [a_spot(site, name.strip() + " ", text=text) for name in names]
        gather(a_carrier(site), *((spot, Happening.OPENED) for spot in spots))

        body = digest(app)

        assert (len(body["spots"]), body["more"]) == (digests.SPOTS, 2)
        assert body["waiting"] == digests.SPOTS + 2


def test_only_ones_own_mail_and_a_chat_have_links_that_decide(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        viewer = an_editor(site, "viewer@paper.example", Role.VIEWER)
        spot = a_spot(site)
        heard = [
            own(a_carrier(site), ed),
            own(a_carrier(site), viewer),
            a_carrier(site, Means.CHAT),
            a_carrier(site),
        ]
        for carrier in heard:
            gather(carrier, (spot, Happening.OPENED))

        while write_digests():
            pass

        of_ed, of_viewer, of_chat, of_all = (body["spots"][0]["actions"] for body in letters())
        assert of_viewer == of_all == {}
        assert set(of_ed) == set(of_chat) == {"accept", "fix", "reject"}
        secret = current_app.extensions["settings"].secret
        for links, editor_id in ((of_ed, ed.id), (of_chat, None)):
            token = links["accept"].removeprefix("https://feedback.example/act/")
            action = actions.read(secret, token, now())
            assert action == actions.Action(spot.id, 1, Kind.ACCEPT, editor_id)


def test_who_left_the_site_gets_no_digest(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        gather(own(a_carrier(site), ed), (a_spot(site), Happening.OPENED))
        db.session.execute(sa.delete(Membership).where(Membership.editor_id == ed.id))
        db.session.commit()
        db.session.expire_all()

        assert write_digests()

        assert letters() == []


def test_a_carrier_that_is_off_gets_no_digest(app: Flask) -> None:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site)
        gather(carrier, (a_spot(site), Happening.OPENED))
        carrier.off_at = now()
        db.session.commit()

        assert not write_digests()


def test_in_quiet_hours_a_digest_waits(app: Flask) -> None:
    with newsroom(app) as (site, _), time_machine.travel(MORNING, tick=False):
        spot = a_spot(site)
        carrier = a_carrier(site, zone="Europe/Berlin", quiet_from=9, quiet_to=11)
        gather(carrier, (spot, Happening.OPENED))

        assert write_digests()

        assert letters() == []
        assert carrier.gather_at == MORNING + timedelta(hours=1)
        with time_machine.travel(MORNING + timedelta(hours=1), tick=False):
            assert len(digest(app)["spots"]) == 1


# What a carrier's clock says. In Berlin 02:00 becomes 03:00 on 2026-03-29, and 03:00 becomes 02:00
# on 2026-10-25.

DAILY = {"rhythm": Rhythm.DAILY, "zone": "Europe/Berlin"}
HOURLY = {"rhythm": Rhythm.HOURLY, "zone": "Europe/Berlin"}
TIMES: list[tuple[dict[str, Any], str, str]] = [
    ({**DAILY, "hour": 8}, "2026-03-28T12:00", "2026-03-29T06:00"),  # a day of 23 hours
    ({**DAILY, "hour": 8}, "2026-03-27T12:00", "2026-03-28T07:00"),
    ({**DAILY, "hour": 8}, "2026-10-24T12:00", "2026-10-25T07:00"),  # one of 25
    ({**DAILY, "hour": 2}, "2026-03-28T12:00", "2026-03-29T01:00"),  # there is no such hour
    ({**DAILY, "hour": 2}, "2026-10-24T12:00", "2026-10-25T00:00"),  # there are two
    ({**DAILY, "hour": 2}, "2026-10-25T00:30", "2026-10-26T01:00"),
    ({**DAILY, "hour": 8}, "2026-03-02T07:00", "2026-03-03T07:00"),
    (HOURLY, "2026-03-29T00:30", "2026-03-29T01:00"),
    (HOURLY, "2026-10-25T00:30", "2026-10-25T01:00"),
    (HOURLY, "2026-10-25T01:30", "2026-10-25T02:00"),
    ({**HOURLY, "zone": "Asia/Kolkata"}, "2026-03-02T07:10", "2026-03-02T07:30"),
    ({**HOURLY, "quiet_from": 22, "quiet_to": 7}, "2026-03-28T22:15", "2026-03-29T05:00"),
    ({**HOURLY, "quiet_from": 22, "quiet_to": 7}, "2026-10-24T22:15", "2026-10-25T06:00"),
    ({**DAILY, "hour": 3, "quiet_from": 2, "quiet_to": 6}, "2026-10-24T12:00", "2026-10-25T05:00"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("wishes", "asked", "then"), TIMES)
def test_a_digest_comes_when_its_readers_clock_says_so(
    wishes: dict[str, Any], asked: str, then: str
) -> None:
    assert Wishes(**wishes).next(at(asked)) == at(then)


def test_what_is_told_at_once_is_gathered_for_a_moment() -> None:
    assert Wishes().next(MORNING) == MORNING + timedelta(seconds=20)
