"""Notifications at the desk: where word goes, what became of it, and an editor's own mail."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from feedback.accounts import people
from feedback.accounts.models import Act, Role
from feedback.db import db, now
from feedback.delivery import carriers, outbox
from feedback.delivery.contract import NotTaken, Taken
from feedback.delivery.models import Carrier, Happening, Letter, Means, State
from feedback.delivery.wishes import Rhythm, Wishes
from feedback.desk.letters import fanning, subscriptions
from feedback.desk.models import Gathered
from feedback.sites import Site
from tests.makers import (
    a_carrier,
    a_letter,
    a_site,
    a_spot,
    an_editor,
    csrf,
    newsroom,
    signed_in,
)

BASE = "https://feedback.example"
PAGE = "/desk/sites/1/carriers"
MAIL = "/desk/profile/mail"
OWNER = "owner@paper.example"
ROOM = "https://hooks.slack.com/services/T0AAAAAA/B0AAAAAA/abcdefghijklmnopqrstuvwx"


def get(client: FlaskClient, path: str = PAGE, status: int = 200) -> str:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == status
    return answer.text


def post(client: FlaskClient, path: str = PAGE, page: str = PAGE, **data: Any) -> Any:
    token = csrf(get(client, page))
    headers = {"Referer": BASE + page}
    return client.post(path, base_url=BASE, headers=headers, data={"csrf_token": token} | data)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """An application that sends mail; no worker runs, so that none leaves."""
    return make_app(smtp_url="smtp://127.0.0.1:9")


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    with newsroom(app) as (site, _):
        an_editor(site, OWNER, Role.OWNER)
    return signed_in(app, OWNER)


def only(app: Flask) -> Carrier:
    """The one carrier that there is, read and left alone."""
    with app.app_context():
        found = db.session.scalars(sa.select(Carrier)).one()
        db.session.expunge(found)
        return found


def wishes(app: Flask) -> Wishes:
    return Wishes.read(only(app).wishes)


def acts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(act.kind, act.subject) for act in db.session.scalars(sa.select(Act))]


def a_webhook(app: Flask) -> int:
    with app.app_context():
        return a_carrier(db.session.get_one(Site, 1)).id


def letters(app: Flask, carrier_id: int, count: int = 1, said: str = "") -> list[int]:
    """Letters to a carrier; dead ones where its far end said something."""
    with app.app_context():
        carrier, made = db.session.get_one(Carrier, carrier_id), []
        for _ in range(count):
            letter = a_letter(carrier)
            made.append(letter.id)
            if said:
                claimed = outbox.seize(db.session, letter, now(), 60)
                why = NotTaken(said, status=422, permanent=True, resting=False)
                outbox.settle(db.session, claimed, why, now(), now(), [1.0])
                db.session.commit()
        return made


def state(app: Flask, letter_id: int) -> State:
    with app.app_context():
        return db.session.get_one(Letter, letter_id).state


# Adding


@pytest.mark.parametrize(
    ("address", "means", "rhythm"),
    [
        ("desk@paper.example", Means.MAIL, Rhythm.AT_ONCE),
        ("https://cms.paper.example/in?key=open-sesame", Means.WEBHOOK, Rhythm.EACH),
        (ROOM, Means.CHAT, Rhythm.AT_ONCE),
    ],
)
def test_an_address_suffices_to_add_one(
    app: Flask, owner: FlaskClient, address: str, means: Means, rhythm: Rhythm
) -> None:
    answer = post(owner, address=f" {address} ")

    assert answer.status_code == (200 if means is Means.WEBHOOK else 303), answer.text
    carrier = only(app)
    assert (carrier.means, carrier.address) == (means, address)
    assert wishes(app).rhythm is rhythm
    assert wishes(app).happenings == carriers.usual(means).happenings
    [(kind, subject)] = acts(app)
    assert (kind, subject) == ("carrier-added", f"{means} · {carrier.place}")


def test_the_secret_of_a_webhook_is_shown_once(app: Flask, owner: FlaskClient) -> None:
    answer = post(owner, address="https://cms.paper.example/in")

    secret = only(app).secret
    assert secret in answer.text
    assert secret not in get(owner, f"{PAGE}/{only(app).id}")


def test_what_it_is_to_hear_is_kept(app: Flask, owner: FlaskClient) -> None:
    chosen = {
        "address": "desk@paper.example",
        "name": "The desk",
        "happenings": ["spot.opened", "spot.fixed", "article.changed"],
        "rhythm": "daily",
        "hour": "7",
        "sections": "Sport\nMusic, Film",
        "zone": "Europe/Berlin",
        "lang": "de",
        "quiet_from": "22",
        "quiet_to": "6",
        "alarm_spots": "30",
        "alarm_reports": "",
    }

    assert post(owner, **chosen).status_code == 303

    assert only(app).name == "The desk"
    assert wishes(app) == Wishes(
        happenings=(Happening.OPENED, Happening.FIXED),
        rhythm=Rhythm.DAILY,
        sections=("Sport", "Music", "Film"),
        hour=7,
        zone="Europe/Berlin",
        lang="de",
        quiet_from=22,
        quiet_to=6,
        alarm_spots=30,
    )
    page = get(owner, f"{PAGE}/{only(app).id}")
    for said in ("The desk", "A spot is fixed", "07:00", "Sport, Music, Film", "Europe/Berlin"):
        assert said in page


WRONG: tuple[dict[str, Any], ...] = (
    {"address": ""},
    {"address": "nonsense"},
    {"address": "http://10.0.0.1/in"},
    {"address": "file:///etc/passwd"},
    {"address": "a" * 2001},
    {"rhythm": "yearly"},
    {"hour": "24"},
    {"zone": "Mars/Olympus"},
    {"lang": "xx"},
    {"alarm_spots": "-1"},
    {"alarm_reports": "many"},
    {"happenings": ["all"]},
    {"means": "post"},
)


def test_what_cannot_be_is_refused(app: Flask, owner: FlaskClient) -> None:
    for wrong in WRONG:
        answer = post(owner, **{"address": "desk@paper.example"} | wrong)

        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text, wrong
    with app.app_context():
        assert db.session.scalars(sa.select(Carrier)).all() == []


def test_mail_without_a_server_is_said(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with newsroom(app) as (site, _):
        an_editor(site, OWNER, Role.OWNER)
    client = signed_in(app, OWNER)

    for page in (PAGE, MAIL):
        assert "FEEDBACK_SMTP_URL is not set" in get(client, page)
    assert post(client, address="desk@paper.example").status_code == 422


# Changing


def test_a_carrier_is_changed_without_its_address(app: Flask, owner: FlaskClient) -> None:
    post(owner, address=ROOM)
    edit = f"{PAGE}/{only(app).id}/edit"

    assert "abcdefghijklmnopqrstuvwx" not in get(owner, edit)
    answer = post(owner, edit, edit, address="", name="Room", happenings="spot.fixed")

    assert answer.status_code == 303
    assert (only(app).address, only(app).name) == (ROOM, "Room")
    assert wishes(app).happenings == (Happening.FIXED,)


def test_a_carrier_moves_to_another_address(app: Flask, owner: FlaskClient) -> None:
    carrier_id = a_webhook(app)
    edit = f"{PAGE}/{carrier_id}/edit"

    assert post(owner, edit, edit, address="http://10.0.0.1/in").status_code == 422
    assert only(app).address == "https://far.example/in"
    assert post(owner, edit, edit, address="https://near.example/in").status_code == 303
    assert only(app).address == "https://near.example/in"
    assert wishes(app).rhythm is Rhythm.EACH


def test_a_carrier_is_switched_off_and_on(app: Flask, owner: FlaskClient) -> None:
    here = f"{PAGE}/{a_webhook(app)}"

    post(owner, f"{here}/off", here)
    assert only(app).off_at is not None
    assert post(owner, f"{here}/test", here).status_code == 409
    post(owner, f"{here}/on", here)

    assert only(app).off_at is None
    assert [kind for kind, _ in acts(app)] == ["carrier-off", "carrier-on"]


def test_a_new_secret_is_shown_once_and_the_old_one_is_good_for_a_day(
    app: Flask, owner: FlaskClient
) -> None:
    here = f"{PAGE}/{a_webhook(app)}"
    before = only(app).secret

    page = post(owner, f"{here}/rotate", here).text

    carrier = only(app)
    assert carrier.secret in page
    assert before not in page
    assert carrier.old_secret == before
    assert carrier.old_until
    assert carrier.old_until > now() + timedelta(hours=23)


def test_a_carrier_is_removed_with_its_letters(app: Flask, owner: FlaskClient) -> None:
    carrier_id = a_webhook(app)
    letters(app, carrier_id)

    answer = post(owner, f"{PAGE}/{carrier_id}/remove", f"{PAGE}/{carrier_id}")

    assert answer.location == PAGE
    assert "Nobody is told of anything yet" in get(owner)
    with app.app_context():
        assert db.session.scalars(sa.select(Letter)).all() == []


def test_a_test_is_written_and_its_result_shown(app: Flask, owner: FlaskClient) -> None:
    here = f"{PAGE}/{a_webhook(app)}"
    with app.app_context():
        db.session.execute(sa.update(Carrier).values(rest_until=now() + timedelta(hours=9)))
        db.session.commit()

    there = post(owner, f"{here}/test", here).location

    assert "data-soon" in get(owner, there)
    with app.app_context():
        carrier = db.session.scalar(outbox.free(now()))
        assert carrier is not None
        claimed = outbox.claim(db.session, carrier, now(), 60)
        assert claimed is not None
        assert claimed.parcel.body["by"] == OWNER
        outbox.settle(db.session, claimed, Taken(204, "thanks"), now(), now(), [1.0])
        db.session.commit()
    page = get(owner, there)
    assert "data-soon" not in page
    assert "It arrived." in page
    assert "thanks" in page


# Letters


def test_the_log_is_paged_both_ways(
    app: Flask, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.web.carriers.PAGE", 2)
    carrier_id = a_webhook(app)
    made = letters(app, carrier_id, 5)

    def shown(page: str) -> list[int]:
        return [int(each) for each in re.findall(r'/letters/(\d+)"', page)]

    first = get(owner, f"{PAGE}/{carrier_id}")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = get(owner, older[1])
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer

    assert shown(first) == made[:2:-1]
    assert shown(second) == made[2:0:-1]
    assert shown(get(owner, newer[1])) == made[:2:-1]
    get(owner, f"{PAGE}/{carrier_id}?before=x", 404)


def test_counts_stop_where_they_are_more(
    app: Flask, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.delivery.history.MOST", 2)
    carrier_id = a_webhook(app)
    letters(app, carrier_id, 2, said="no")
    letters(app, carrier_id, 3)

    page = get(owner)

    assert "2+ waiting" in page
    assert "2 dead" in page


def test_a_letter_shows_what_it_says_and_what_was_answered(app: Flask, owner: FlaskClient) -> None:
    carrier_id = a_webhook(app)
    with app.app_context():
        carrier = db.session.get_one(Carrier, carrier_id)
        body = {"spots": [{"exact": "<b>", "actions": {"accept": "https://x/act/key"}}]}
        letter = outbox.write(db.session, carrier, "digest", body, at=now())
        claimed = outbox.seize(db.session, letter, now(), 60)
        why = NotTaken("<i>no</i> at https://far.example/in", status=503)
        outbox.settle(db.session, claimed, why, now(), now(), [60.0])
        letter_id = letter.id
        db.session.commit()

    page = get(owner, f"/desk/sites/1/letters/{letter_id}")

    assert "&lt;b&gt;" in page
    assert "act/key" not in page
    assert "&lt;i&gt;no&lt;/i&gt;" in page
    assert "far.example/in" not in page
    assert "503" in page
    assert "next try" in page


def test_what_is_for_one_person_is_not_shown(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        carrier = a_carrier(db.session.get_one(Site, 1))
        letter_id = a_letter(carrier, "reply").id

    assert '"n": 1' not in get(owner, f"/desk/sites/1/letters/{letter_id}")


def test_dead_letters_are_replayed_and_dropped(app: Flask, owner: FlaskClient) -> None:
    carrier_id = a_webhook(app)
    again, away = letters(app, carrier_id, 2, said="no")
    here = f"{PAGE}/{carrier_id}"

    for letter_id, deed in ((again, "replay"), (away, "drop"), (away, "drop"), (again, "replay")):
        there = f"/desk/sites/1/letters/{letter_id}"
        assert post(owner, f"{there}/{deed}", here).status_code == 303

    assert state(app, again) is State.WAITING
    assert state(app, away) is State.DROPPED
    assert [kind for kind, _ in acts(app)] == ["letters-replayed", "letters-dropped"]


@pytest.mark.parametrize(("what", "becomes"), [("replay", State.WAITING), ("drop", State.DROPPED)])
def test_all_dead_letters_are_settled_some_at_a_time(
    app: Flask, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch, what: str, becomes: State
) -> None:
    monkeypatch.setattr("feedback.web.carriers.BATCH", 2)
    carrier_id = a_webhook(app)
    made = letters(app, carrier_id, 3, said="no")
    here = f"{PAGE}/{carrier_id}"

    post(owner, f"{here}/dead", here, what=what)
    assert [state(app, each) for each in made] == [becomes, becomes, State.DEAD]
    assert "There are more." in get(owner, here)
    post(owner, f"{here}/dead", here, what=what)

    assert {state(app, each) for each in made} == {becomes}
    assert "There is no dead letter" in get(owner, f"{here}?state=dead")


def test_another_sites_carriers_and_letters_are_not_there(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        tribune = a_site("Tribune", "https://tribune.example")
        carrier = a_carrier(tribune)
        letter_id, carrier_id = a_letter(carrier).id, carrier.id
        post_id = carriers.post_office(db.session, 1, now()).id
        letter = a_letter(db.session.get_one(Carrier, post_id), "answer", address="ann@x.example")
        answer_id = letter.id

    for path in (
        f"{PAGE}/{carrier_id}", f"{PAGE}/{post_id}", f"{PAGE}/{carrier_id}/edit",
        f"/desk/sites/1/letters/{letter_id}", f"/desk/sites/1/letters/{answer_id}",
    ):  # fmt: skip
        get(owner, path, 404)


# The notice


def test_owners_are_told_of_what_needs_a_hand(app: Flask, owner: FlaskClient) -> None:
    setup = "/desk/sites/1/setup"
    carrier_id = a_webhook(app)
    letters(app, carrier_id, 1)
    assert "Word does not get out" not in get(owner, setup)

    letters(app, carrier_id, 1, said="no")

    assert f'href="{PAGE}/{carrier_id}"' in get(owner, setup)
    assert "Word does not get out" not in get(signed_in(app), setup)


@pytest.mark.parametrize(("why", "told"), [("410 Gone", True), ("", False)])
def test_only_what_went_off_by_itself_is_told(
    app: Flask, owner: FlaskClient, why: str, told: bool
) -> None:
    with app.app_context():
        carriers.off(a_carrier(db.session.get_one(Site, 1)), now(), why)
        db.session.commit()

    assert ("Word does not get out" in get(owner, "/desk/sites/1/members")) is told
    assert why in get(owner)


# An editor's own mail


def test_an_editor_has_mail_as_chosen(app: Flask, owner: FlaskClient) -> None:
    ed = signed_in(app)
    post(ed, "/desk/profile", "/desk/profile", zone="Europe/Paris", language="fr", name="")

    answer = post(ed, f"{MAIL}/1", MAIL, rhythm="daily", hour="6", sections="Sport, Film")

    assert answer.status_code == 303, answer.text
    assert only(app).address == "ed@paper.example"
    held = wishes(app)
    assert (held.rhythm, held.hour, held.sections) == (Rhythm.DAILY, 6, ("Sport", "Film"))
    assert (held.zone, held.lang) == ("Europe/Paris", "fr")
    post(ed, "/desk/profile", "/desk/profile", zone="Europe/Kyiv", language="uk", name="")
    assert (wishes(app).zone, wishes(app).lang) == ("Europe/Kyiv", "uk")
    post(ed, f"{MAIL}/1", MAIL, rhythm="hourly")
    assert wishes(app).rhythm is Rhythm.HOURLY
    post(ed, f"{MAIL}/1", MAIL, rhythm="")
    with app.app_context():
        assert db.session.scalars(sa.select(Carrier)).all() == []
    assert [kind for kind, _ in acts(app)] == [
        "carrier-added", "carrier-changed", "carrier-removed"
    ]  # fmt: skip


def test_what_was_stopped_is_on_again_when_saved(app: Flask, owner: FlaskClient) -> None:
    ed = signed_in(app)
    post(ed, f"{MAIL}/1", MAIL, rhythm="at-once")
    with app.app_context():
        carriers.off(db.session.scalars(sa.select(Carrier)).one(), now(), "no such mailbox")
        db.session.commit()

    assert "no such mailbox" in get(ed, MAIL)
    assert "Word does not get out" not in get(owner, "/desk/sites/1/setup")
    post(ed, f"{MAIL}/1", MAIL, rhythm="at-once")

    assert only(app).off_at is None


def test_a_wrong_choice_is_refused_and_another_site_is_not_there(
    app: Flask, owner: FlaskClient
) -> None:
    with app.app_context():
        tribune = a_site("Tribune", "https://tribune.example").id
    ed = signed_in(app)

    assert post(ed, f"{MAIL}/1", MAIL, rhythm="each").status_code == 422
    assert post(ed, f"{MAIL}/{tribune}", MAIL, rhythm="daily").status_code == 404


def test_owners_see_an_editors_own_mail_and_only_remove_it(app: Flask, owner: FlaskClient) -> None:
    post(signed_in(app), f"{MAIL}/1", MAIL, rhythm="at-once")
    here = f"{PAGE}/{only(app).id}"

    assert "ed@paper.example’s own" in get(owner)
    get(owner, f"{here}/edit", 403)
    for deed in ("edit", "off", "on", "test", "rotate"):
        assert post(owner, f"{here}/{deed}", here).status_code == 403
    assert post(owner, f"{here}/remove", here).status_code == 303


def test_own_mail_ends_with_the_membership(app: Flask, owner: FlaskClient) -> None:
    post(signed_in(app), f"{MAIL}/1", MAIL, rhythm="at-once")
    with app.app_context():
        ed_id = people.named(db.session, "ed@paper.example").id
    members = "/desk/sites/1/members"

    assert post(owner, f"{members}/{ed_id}/remove", members).status_code == 303

    with app.app_context():
        assert db.session.scalars(sa.select(Carrier)).all() == []


def test_own_mail_ends_with_the_account(app: Flask, owner: FlaskClient) -> None:
    post(signed_in(app), f"{MAIL}/1", MAIL, rhythm="at-once")
    with app.app_context():
        ed = people.named(db.session, "ed@paper.example")
        subscriptions.end(db.session, ed.id)
        db.session.commit()
        assert subscriptions.of(db.session, ed) == {}
        assert db.session.scalars(sa.select(Carrier)).all() == []


def test_who_belongs_to_the_site_no_more_hears_nothing(app: Flask, owner: FlaskClient) -> None:
    post(signed_in(app), f"{MAIL}/1", MAIL, rhythm="at-once")

    def heard() -> int:
        with app.app_context():
            a_spot(db.session.get_one(Site, 1), "teh", comment=str(now()))
            while fanning.fan(db.session, now() + timedelta(days=1), timedelta(), 100):
                pass
            db.session.commit()
            return db.session.scalar(sa.select(sa.func.count()).select_from(Gathered)) or 0

    assert heard() == 1
    with app.app_context():
        people.disable(db.session, people.named(db.session, "ed@paper.example"))
        db.session.commit()
    with app.app_context():
        db.session.execute(sa.delete(Gathered))
        db.session.commit()
    assert heard() == 0
