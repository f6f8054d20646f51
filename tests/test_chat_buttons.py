"""Buttons in chats: who presses one decides, if the press is true and the person is an editor."""

import hashlib
import hmac
import json
import re
import time
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback.accounts.models import Act, Editor, Role
from feedback.db import db, now
from feedback.delivery import notifiers, outbox
from feedback.delivery.contract import Office
from feedback.delivery.models import Carrier, Happening, Letter, Means
from feedback.delivery.notifiers.chat import Chat, composing, pressing, slack, telegram
from feedback.delivery.notifiers.chat.message import Press
from feedback.delivery.wishes import Wishes
from feedback.desk import chatting, decisions, reasons
from feedback.desk.decisions import Verdict
from feedback.desk.letters import digests
from feedback.desk.models import ChatUser, Decision, Gathered, Kind
from feedback.reports.models import Spot, Status
from feedback.sites import Site
from feedback.worker import letters
from tests.chats import TOKEN, a_chat, a_digest, a_parcel, a_spot_body
from tests.far_end import a_far_end, answering
from tests.makers import a_site, a_spot, an_editor, csrf, newsroom, signed_in

BASE = "https://feedback.example"
TELEGRAM = f"tgram://123456:{TOKEN}/-1001"
SLACK = "https://hooks.slack.com/services/T0000/B0000/" + "s" * 24
SECRET = "0123456789abcdef0123456789abcdef"
ANSWER_AT = "https://hooks.slack.com/actions/T0000/1/abc"
ED, STRANGER = 777, 888


def a_carrier(site: Site, address: str, secret: str = SECRET) -> Carrier:
    carrier = Carrier(
        site_id=site.id,
        means=Means.CHAT,
        address=address,
        wishes=str(Wishes()),
        secret=secret,
        created_at=now(),
    )
    db.session.add(carrier)
    db.session.commit()
    return carrier


def known(site: Site, editor: Editor) -> None:
    """Let Ed be known in both chats."""
    for service in (
        chatting.service("telegram", site.id),
        chatting.service("slack", site.id, "T0000"),
    ):
        chatting.link(db.session, service, str(ED), "Ed", editor, now())
    db.session.commit()


def a_message(app: Flask, *spots: Spot) -> Any:
    """What a digest of these spots says, with buttons that decide."""
    body = a_digest(*(a_spot_body(id=each.id, version=each.version) for each in spots))
    return composing.compose(a_parcel(body), Office.of(app.extensions["settings"]), presses=True)


def data_of(app: Flask, press: Press, spot: Spot, version: int | None = None) -> str:
    secret = app.extensions["settings"].secret
    return pressing.make(secret, press, spot.id, version or spot.version)


def by_telegram(
    app: Flask,
    carrier_id: int,
    data: str,
    keyboard: list[Any] | None = None,
    *,
    user: Any = ED,
    secret: str = SECRET,
    **more: Any,
) -> Any:
    message = {"message_id": 5, "chat": {"id": -1001}}
    if keyboard is not None:
        message["reply_markup"] = {"inline_keyboard": keyboard}
    query = {"id": "q1", "from": {"id": user, "first_name": "Ed", "last_name": "B"}, "data": data}
    update = {"update_id": 1, "callback_query": {**query, "message": message, **more}}
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    path = f"/hooks/telegram/{carrier_id}"
    return app.test_client().post(path, base_url=BASE, headers=headers, json=update)


def signed(body: bytes, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    """The headers of both services."""
    stamp = str(int(time.time()) - age)
    mac = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mac}",
        "X-Telegram-Bot-Api-Secret-Token": secret,
    }


def by_slack(
    app: Flask,
    carrier_id: int,
    value: str,
    blocks: list[Any] | None = None,
    *,
    user: Any = ED,
    secret: str = SECRET,
    age: int = 0,
    action: str = "decide-0",
) -> Any:
    payload = {
        "type": "block_actions",
        "team": {"id": "T0000"},
        "user": {"id": str(user), "name": "ed"},
        "response_url": ANSWER_AT,
        "actions": [{"action_id": action, "value": value}],
        "message": {"text": "x", "blocks": blocks or []},
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = signed(body, secret, age)
    return app.test_client().post(
        f"/hooks/slack/{carrier_id}",
        base_url=BASE,
        headers=headers,
        data=body,
        content_type="application/x-www-form-urlencoded",
    )


def replies() -> list[dict[str, Any]]:
    """What was written to answer presses."""
    return [
        json.loads(each.body) for each in db.session.scalars(sa.select(Letter).order_by(Letter.id))
    ]


def statuses() -> list[Status]:
    return list(db.session.scalars(sa.select(Spot.status).order_by(Spot.id)))


# Telegram


@pytest.mark.parametrize(
    ("press", "status", "said"),
    [
        (Press.ACCEPT, Status.ACCEPTED, "Accepted: will be fixed"),
        (Press.FIX, Status.FIXED, "Marked as fixed"),
    ],
)
def test_a_press_in_telegram_is_the_editors_decision(
    app: Flask, press: Press, status: Status, said: str
) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        spot, other = a_spot(site), a_spot(site, "teh")
        carrier_id = a_carrier(site, TELEGRAM).id
        keyboard = telegram.encode(a_message(app, spot, other))["reply_markup"]["inline_keyboard"]
        data = data_of(app, press, spot)

    answer = by_telegram(app, carrier_id, data, keyboard)

    assert answer.json == {
        "method": "answerCallbackQuery",
        "callback_query_id": "q1",
        "text": said,
        "show_alert": False,
    }
    with app.app_context():
        assert statuses() == [status, Status.WAITING]
        [decision] = db.session.scalars(sa.select(Decision))
        assert decision.editor
        assert decision.editor.email == "ed@paper.example"
        [reply] = replies()
        assert reply["method"] == "editMessageReplyMarkup"
        assert (reply["body"]["chat_id"], reply["body"]["message_id"]) == (-1001, 5)
        first, second = reply["body"]["reply_markup"]["inline_keyboard"]
        assert first[0]["text"].startswith(f"1: {said}: ed@")
        assert first[0]["url"] == f"{BASE}/desk/spots/1"
        assert second == keyboard[1]


def test_who_is_not_known_is_asked_at_the_desk(app: Flask) -> None:
    with newsroom(app) as (site, _):
        spot = a_spot(site)
        carrier_id = a_carrier(site, TELEGRAM).id
        data = data_of(app, Press.ACCEPT, spot)

    answer = by_telegram(app, carrier_id, data, user=STRANGER)

    assert answer.json["show_alert"] is True
    with app.app_context():
        assert statuses() == [Status.WAITING]
        [reply] = replies()
    assert reply["method"] == "sendMessage"
    link = reply["body"]["reply_markup"]["inline_keyboard"][0][0]["url"].removeprefix(BASE)
    ed_at = signed_in(app)
    page = ed_at.get(link, base_url=BASE)
    assert page.status_code == 200
    assert "Telegram" in page.text
    assert "<bdi>Ed B</bdi>" in page.text
    with app.app_context():
        assert list(db.session.scalars(sa.select(ChatUser))) == []

    confirmed = ed_at.post(
        link, base_url=BASE, data={"csrf_token": csrf(page.text)}, headers={"Referer": BASE}
    )

    assert confirmed.status_code == 303
    assert by_telegram(app, carrier_id, data, user=STRANGER).json["show_alert"] is False
    with app.app_context():
        assert statuses() == [Status.ACCEPTED]
        assert "chat-linked" in db.session.scalars(sa.select(Act.kind)).all()


def test_a_link_is_for_an_editor_of_the_site_and_for_an_hour(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(a_site("Tribune", "https://tribune.example"), "olga@tribune.example")
        carrier_id = a_carrier(site, TELEGRAM).id
        data = data_of(app, Press.ACCEPT, a_spot(site))
    by_telegram(app, carrier_id, data, user=STRANGER)
    with app.app_context():
        [reply] = replies()
    link = reply["body"]["reply_markup"]["inline_keyboard"][0][0]["url"].removeprefix(BASE)

    assert app.test_client().get(link, base_url=BASE).status_code == 303
    assert signed_in(app, "olga@tribune.example").get(link, base_url=BASE).status_code == 404
    ed_at = signed_in(app)
    assert ed_at.get(link[::-1].replace(".", "x.", 1)[::-1], base_url=BASE).status_code == 404
    assert ed_at.get(link, base_url=BASE).status_code == 200
    with time_machine.travel(time.time() + 3700):
        assert ed_at.get(link, base_url=BASE).status_code == 404


def test_an_editor_can_take_the_link_away(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        an_editor(site, "eve@paper.example")
        carrier_id = a_carrier(site, TELEGRAM).id
        data = data_of(app, Press.ACCEPT, a_spot(site))
        number = db.session.scalar(sa.select(ChatUser.id).where(ChatUser.service.like("telegram%")))
    eve, ed_at = signed_in(app, "eve@paper.example"), signed_in(app)
    page = ed_at.get("/desk/profile", base_url=BASE).text
    assert "Telegram: <bdi>Ed</bdi>" in page

    for client, expected in ((eve, 404), (ed_at, 303)):
        form = {"csrf_token": csrf(client.get("/desk/profile", base_url=BASE).text)}
        answer = client.post(
            f"/desk/chat/{number}/remove", base_url=BASE, data=form, headers={"Referer": BASE}
        )
        assert answer.status_code == expected

    assert "Telegram" not in ed_at.get("/desk/profile", base_url=BASE).text
    assert by_telegram(app, carrier_id, data).json["show_alert"] is True
    with app.app_context():
        assert statuses() == [Status.WAITING]


@pytest.mark.parametrize("who", ["viewer", "left", "disabled", "olga"])
def test_who_may_not_decide_at_the_desk_may_not_in_a_chat(app: Flask, who: str) -> None:
    with newsroom(app) as (site, ed):
        spot = a_spot(site)
        carrier_id = a_carrier(site, TELEGRAM).id
        data = data_of(app, Press.ACCEPT, spot)
        if who == "viewer":
            ed.memberships[0].role = Role.VIEWER
        elif who == "left":
            ed.memberships.clear()
        elif who == "disabled":
            ed.disabled_at = now()
        tribune = a_site("Tribune", "https://tribune.example")
        olga = an_editor(tribune, "olga@tribune.example")
        known(site, olga if who == "olga" else ed)

    answer = by_telegram(app, carrier_id, data)

    assert answer.json["show_alert"] is True
    with app.app_context():
        assert statuses() == [Status.WAITING]


def test_a_carrier_of_another_site_decides_nothing_here(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        tribune = a_site("Tribune", "https://tribune.example")
        known(site, ed)
        known(tribune, ed)
        ed.memberships.append(type(ed.memberships[0])(site_id=tribune.id, role=Role.EDITOR))
        db.session.commit()
        data = data_of(app, Press.ACCEPT, a_spot(site))
        carrier_id = a_carrier(tribune, TELEGRAM).id

    answer = by_telegram(app, carrier_id, data)

    assert "not there any more" in answer.json["text"]
    with app.app_context():
        assert statuses() == [Status.WAITING]


def test_of_two_who_press_the_second_hears_of_the_first(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        spot = a_spot(site)
        carrier_id = a_carrier(site, TELEGRAM).id
        keyboard = telegram.encode(a_message(app, spot))["reply_markup"]["inline_keyboard"]
        presses = (Press.ACCEPT, Press.FIX, Press.REJECT)
        accept, fix, reject = (data_of(app, press, spot) for press in presses)
        eve = an_editor(site, "eve@paper.example")
        verdict = Verdict(Kind.REJECT, spot.version, "correct")
        decisions.decide(db.session, spot, eve, verdict)
        db.session.commit()

    for data in (accept, fix, reject):
        answer = by_telegram(app, carrier_id, data, keyboard)

        assert answer.json["show_alert"] is True
        assert answer.json["text"].startswith("eve@paper.example decided meanwhile: Rejected")
    with app.app_context():
        assert statuses() == [Status.REJECTED]
        [[button]] = replies()[0]["body"]["reply_markup"]["inline_keyboard"]
    assert button == {"text": "Rejected: eve@paper.example", "url": f"{BASE}/desk/spots/1"}


def test_a_rejection_asks_for_the_reason(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        spot, other = a_spot(site), a_spot(site, "teh")
        carrier_id = a_carrier(site, TELEGRAM).id
        keyboard = telegram.encode(a_message(app, spot, other))["reply_markup"]["inline_keyboard"]
        data = data_of(app, Press.REJECT, other)

    answer = by_telegram(app, carrier_id, data, keyboard)

    assert answer.json["text"] == "Why is it rejected?"
    with app.app_context():
        assert statuses() == [Status.WAITING, Status.WAITING]
        asked = replies()[-1]["body"]["reply_markup"]["inline_keyboard"]
    assert asked[0] == keyboard[0]
    labels = [row[0]["text"] for row in asked[1:]]
    assert labels[0].startswith("2: It is correct as it is")
    assert labels[-2:] == ["Back", "Open at the desk"]
    assert all(len(b.get("callback_data", "")) <= 64 for row in asked for b in row)

    back = by_telegram(app, carrier_id, asked[-2][0]["callback_data"], asked)
    assert back.json["show_alert"] is False
    with app.app_context():
        assert replies()[-1]["body"]["reply_markup"]["inline_keyboard"] == keyboard

    done = by_telegram(app, carrier_id, asked[2][0]["callback_data"], asked)

    assert done.json["text"] == "Rejected"
    with app.app_context():
        assert statuses() == [Status.WAITING, Status.REJECTED]
        [decision] = db.session.scalars(sa.select(Decision))
        assert decision.reason == "quoted"
        rows = replies()[-1]["body"]["reply_markup"]["inline_keyboard"]
    assert [row[0]["text"] for row in rows] == ["1: Accept", "2: Rejected: ed@paper.example"]


def test_a_reason_that_is_another_one_now_rejects_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        spot = a_spot(site)
        carrier_id = a_carrier(site, TELEGRAM).id
        secret = app.extensions["settings"].secret
        data = pressing.for_reason(secret, 0, "correct", spot.id, spot.version)
        reasons.add(db.session, site.id, "Ours", "It is ours.")
        db.session.commit()

    answer = by_telegram(app, carrier_id, data)

    assert "out of date" in answer.json["text"]
    with app.app_context():
        assert statuses() == [Status.WAITING]


def test_a_button_that_was_made_up_decides_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        a_spot(site)
        carrier_id = a_carrier(site, TELEGRAM).id

    made = ["", "a:1:1", "a:1:1:xxxxxxxxxxxxxxxx", "x:1:1:x", "é:1:1:x", "\ud800", "x" * 500]
    answers = [by_telegram(app, carrier_id, data) for data in made]

    assert {each.status_code for each in answers} == {200}
    assert all("out of date" in each.json["text"] for each in answers)
    with app.app_context():
        assert statuses() == [Status.WAITING]


def test_only_telegram_is_heard_at_its_hook(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        data = data_of(app, Press.ACCEPT, a_spot(site))
        there = a_carrier(site, TELEGRAM).id
        without = a_carrier(site, TELEGRAM, "").id
        slack_id = a_carrier(site, SLACK).id

    asked: list[tuple[int, str]] = [
        (there, "wrong"),
        (there, ""),
        (without, ""),
        (without, SECRET),
        (slack_id, SECRET),
        (999, SECRET),
        (2**63, SECRET),
    ]
    answers = [
        by_telegram(app, number, data, secret=secret).status_code for number, secret in asked
    ]

    assert set(answers) == {403}
    with app.app_context():
        assert statuses() == [Status.WAITING]


#: What bots are told besides, and what nobody says.
ELSE = [
    b"",
    b"[1]",
    b"null",
    b'{"message": {"text": "hi"}}',
    b'{"callback_query": 5}',
    b'{"callback_query": {"id": "q", "from": {"id": "x"}, "data": []}}',
    b'{"callback_query": {"id": "q", "from": 1, "message": {"chat": []}}}',
    b"[" * 20_000,
]


def test_whatever_else_is_told_does_nothing(app: Flask) -> None:
    with newsroom(app) as (site, _):
        places = [f"/hooks/telegram/{a_carrier(site, TELEGRAM).id}"]
        places.append(f"/hooks/slack/{a_carrier(site, SLACK).id}")

    for path, body in product(places, [*ELSE, *(b"payload=" + each for each in ELSE)]):
        answer = app.test_client().post(path, base_url=BASE, headers=signed(body), data=body)

        assert answer.status_code == 200, body[:80]
    with app.app_context():
        assert replies() == []


def test_a_body_that_is_too_large_is_refused(app: Flask) -> None:
    with newsroom(app) as (site, _):
        places = [f"/hooks/telegram/{a_carrier(site, TELEGRAM).id}"]
        places.append(f"/hooks/slack/{a_carrier(site, SLACK).id}")

    body = b"x" * 200_000
    for path in places:
        answer = app.test_client().post(path, base_url=BASE, headers=signed(body), data=body)

        assert answer.status_code == 413


def test_presses_are_limited(make_app: Any) -> None:
    app = make_app(limit_api="2 per minute")

    answers = [by_telegram(app, 1, "x").status_code for _ in range(3)]

    assert answers == [403, 403, 429]


# Slack


def test_a_press_in_slack_is_the_editors_decision(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        spot, other = a_spot(site), a_spot(site, "teh")
        carrier_id = a_carrier(site, SLACK).id
        blocks = slack.encode(a_message(app, spot, other))["blocks"]
        data = data_of(app, Press.ACCEPT, spot)

    answer = by_slack(app, carrier_id, data, blocks)

    assert (answer.status_code, answer.data) == (200, b"")
    with app.app_context():
        assert statuses() == [Status.ACCEPTED, Status.WAITING]
        [reply] = replies()
    assert reply["url"] == ANSWER_AT
    assert reply["body"]["replace_original"] is True
    changed = reply["body"]["blocks"]
    assert [a == b for a, b in zip(changed, blocks, strict=True)].count(False) == 1
    [button] = next(each for each in changed if each.get("block_id") == "spot-1")["elements"]
    assert button["text"]["text"] == "Accepted: will be fixed: ed@paper.example"
    assert button["url"] == f"{BASE}/desk/spots/1"


def test_in_slack_only_who_pressed_hears_what_went_wrong(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        spot = a_spot(site)
        carrier_id = a_carrier(site, SLACK).id
        data = data_of(app, Press.ACCEPT, spot)

    by_slack(app, carrier_id, data, user=STRANGER)
    by_slack(app, carrier_id, data[:-1] + "!")

    with app.app_context():
        assert statuses() == [Status.WAITING]
        unknown, forged = replies()
    for reply in (unknown, forged):
        assert reply["body"]["response_type"] == "ephemeral"
        assert reply["body"]["replace_original"] is False
    assert unknown["body"]["blocks"][1]["elements"][0]["url"].startswith(f"{BASE}/desk/chat/")
    assert len(forged["body"]["blocks"]) == 1


@pytest.mark.parametrize("wrong", [{"secret": "other"}, {"age": 301}, {"age": -301}])
def test_only_slack_is_heard_at_its_hook(app: Flask, wrong: dict[str, Any]) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        data = data_of(app, Press.ACCEPT, a_spot(site))
        carrier_id = a_carrier(site, SLACK).id
        without = a_carrier(site, SLACK, "").id

    assert by_slack(app, carrier_id, data, **wrong).status_code == 403
    assert by_slack(app, without, data, secret="").status_code == 403
    assert app.test_client().post(f"/hooks/slack/{carrier_id}", base_url=BASE).status_code == 403
    with app.app_context():
        assert statuses() == [Status.WAITING]


def test_a_link_that_is_opened_in_slack_decides_nothing(app: Flask) -> None:
    with newsroom(app) as (site, ed):
        known(site, ed)
        data = data_of(app, Press.ACCEPT, a_spot(site))
        carrier_id = a_carrier(site, SLACK).id

    assert by_slack(app, carrier_id, data, action="open-3").status_code == 200
    with app.app_context():
        assert statuses() == [Status.WAITING]
        assert replies() == []


# The answers go out as letters


def test_what_answers_a_press_is_carried(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_far_end(answering(b'{"ok": true}')) as end, newsroom(app) as (site, _):
        allowed = app.extensions["settings"].model_copy(update={"fetch_allow": [end.pair]})
        monkeypatch.setitem(app.extensions, "settings", allowed)
        monkeypatch.setattr(notifiers, "by", lambda means: a_chat(end))
        carrier = a_carrier(site, TELEGRAM)
        outbox.write(db.session, carrier, "reply", telegram.change(-1001, 5, [[]]), at=now())
        address = f"{end.url}slack/services/T0000/B0000/" + "s" * 24
        hooks = a_carrier(site, address)
        url = f"{end.url}slack/actions/T0000/1/abc"
        outbox.write(db.session, hooks, "reply", slack.whisper(url, "<!here>"), at=now())
        elsewhere = slack.whisper("https://evil.example/actions/", "x")
        outbox.write(db.session, hooks, "reply", elsewhere, at=now())
        db.session.commit()
        while letters.carry_next():
            pass
        states = {each.state for each in db.session.scalars(sa.select(Letter))}

    paths = sorted(each.path for each in end.requests)
    assert paths == [f"/bot123456:{TOKEN}/editMessageReplyMarkup", "/slack/actions/T0000/1/abc"]
    assert {str(each) for each in states} == {"sent", "dead"}
    assert not any(b"<!here>" in each.body.split(b'"blocks"')[0] for each in end.requests)


def test_a_digest_reaches_the_room_and_its_buttons_decide(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_far_end(answering(b'{"ok": true}')) as end:
        allowed = app.extensions["settings"].model_copy(update={"fetch_allow": [end.pair]})
        monkeypatch.setitem(app.extensions, "settings", allowed)
        monkeypatch.setattr(notifiers, "by", lambda means: a_chat(end))
        with newsroom(app) as (site, ed):
            known(site, ed)
            spots = [a_spot(site, exact, comment="<b>@all</b>") for exact in ("wrold", "teh")]
            with_buttons, with_links = a_carrier(site, TELEGRAM), a_carrier(site, TELEGRAM, "")
            number = with_buttons.id
            for carrier in (with_buttons, with_links):
                for spot in spots:
                    told = Gathered(carrier_id=carrier.id, spot_id=spot.id, at=now())
                    told.kind = Happening.OPENED
                    db.session.add(told)
                db.session.flush()
                digests.write(db.session, carrier, Office.of(allowed), now())
            db.session.commit()
            while letters.carry_next():
                pass
        bodies = [json.loads(each.body) for each in end.requests]
    keyboards = {
        "callback_data" in body["reply_markup"]["inline_keyboard"][0][0]: body["reply_markup"]
        for body in bodies
    }
    assert all("&lt;b&gt;@\u2060all&lt;/\u2060b&gt;" in body["text"] for body in bodies)
    rows = keyboards[True]["inline_keyboard"]
    linked = keyboards[False]["inline_keyboard"]
    assert [len(row) for row in rows] == [len(row) for row in linked] == [4, 4]
    page = signed_in(app).get(linked[0][0]["url"].removeprefix(BASE), base_url=BASE)
    assert page.status_code == 200

    answer = by_telegram(app, number, rows[0][0]["callback_data"], rows)

    assert answer.json["show_alert"] is False
    with app.app_context():
        assert sorted(statuses()) == [Status.ACCEPTED, Status.WAITING]


# The owner's page


def owner_posts(app: Flask, path: str, **form: str) -> Any:
    client = signed_in(app, "owner@paper.example")
    form["csrf_token"] = csrf(client.get("/desk/profile", base_url=BASE).text)
    return client.post(path, base_url=BASE, data=form, headers={"Referer": BASE})


def test_an_owner_turns_telegrams_buttons_on_and_off(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "owner@paper.example", Role.OWNER)
        carrier_id = a_carrier(site, TELEGRAM, "").id
    path = f"/desk/sites/1/carriers/{carrier_id}/buttons"
    with a_far_end(answering(b'{"ok": true}')) as end:
        allowed = app.extensions["settings"].model_copy(update={"fetch_allow": [end.pair]})
        monkeypatch.setitem(app.extensions, "settings", allowed)
        monkeypatch.setattr(notifiers, "by", lambda means: a_chat(end))

        assert owner_posts(app, path).status_code == 303
        with app.app_context():
            secret = db.session.get_one(Carrier, carrier_id).secret
        assert owner_posts(app, f"{path}/off").status_code == 303

    told, left = (json.loads(each.body) for each in end.requests)
    assert told == {
        "url": f"{BASE}/hooks/telegram/{carrier_id}",
        "secret_token": secret,
        "allowed_updates": ["callback_query"],
    }
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,}", secret)
    assert left == {"url": ""}
    with app.app_context():
        assert db.session.get_one(Carrier, carrier_id).secret == ""
        kinds = db.session.scalars(sa.select(Act.kind).order_by(Act.id)).all()
    assert kinds[-2:] == ["chat-buttons-on", "chat-buttons-off"]


def test_a_bot_that_does_not_answer_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "owner@paper.example", Role.OWNER)
        carrier_id = a_carrier(site, TELEGRAM, "").id
    with a_far_end(answering(b'{"ok": false, "description": "Unauthorized"}', 401)) as end:
        allowed = app.extensions["settings"].model_copy(update={"fetch_allow": [end.pair]})
        monkeypatch.setitem(app.extensions, "settings", allowed)
        monkeypatch.setattr(notifiers, "by", lambda means: a_chat(end))

        answer = owner_posts(app, f"/desk/sites/1/carriers/{carrier_id}/buttons")

    assert answer.status_code == 422
    assert "Unauthorized" in answer.text
    with app.app_context():
        assert db.session.get_one(Carrier, carrier_id).secret == ""


def test_an_owner_pastes_slacks_signing_secret(app: Flask) -> None:
    with newsroom(app) as (site, _):
        an_editor(site, "owner@paper.example", Role.OWNER)
        carrier_id = a_carrier(site, SLACK, "").id
        discord = a_carrier(site, f"https://discord.com/api/webhooks/1234567/{TOKEN}", "").id
    path = f"/desk/sites/1/carriers/{carrier_id}/buttons"
    owner = signed_in(app, "owner@paper.example")

    there = f"/desk/sites/1/carriers/{carrier_id}"
    assert path in owner.get(there, base_url=BASE).text
    there = f"/desk/sites/1/carriers/{discord}"
    assert "/buttons" not in owner.get(there, base_url=BASE).text
    assert f"{BASE}/hooks/slack/{carrier_id}" in owner.get(path, base_url=BASE).text
    assert owner_posts(app, path, secret="no").status_code == 422
    assert owner_posts(app, path, secret=f" {SECRET} ").status_code == 303

    page = owner.get(path, base_url=BASE).text
    assert "It is on." in page
    assert SECRET not in page
    there = f"/desk/sites/1/carriers/{discord}/buttons"
    assert owner.get(there, base_url=BASE).status_code == 404
    assert Chat().pressable(SLACK, a_parcel_office(app)) is not None
    with app.app_context():
        assert db.session.get_one(Carrier, carrier_id).secret == SECRET


def a_parcel_office(app: Flask) -> Any:
    return Office.of(app.extensions["settings"])
