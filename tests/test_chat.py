"""The chats against real far ends: what is sent, how readers' words stay text, what comes of it."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.delivery.contract import BadTarget, NotTaken, Taken
from feedback.delivery.models import Happening
from feedback.delivery.notifiers.chat import (
    composing,
    discord,
    matrix,
    others,
    pressing,
    slack,
    teams,
    telegram,
)
from feedback.delivery.notifiers.chat.message import (
    JOINER,
    Button,
    Item,
    Look,
    Message,
    Press,
    Run,
    defused,
    fitted,
    theirs,
    units,
)
from tests.chats import (
    ADDRESSES,
    BASE,
    TAKEN,
    TOKEN,
    UID,
    a_chat,
    a_digest,
    a_parcel,
    a_spot_body,
    an_address,
    an_event,
    an_office,
    sent,
)
from tests.far_end import a_closed_port, a_far_end, answering, silent

#: A loaded machine is no fault of what is tried.
trials = settings(max_examples=100)

SERVICES = list(ADDRESSES)
NASTY = [
    "@everyone @here <!channel> <!here> <@U123> <#C1|x> @room",
    "*bold* _it_ ~no~ `code` **b** __u__ ~~s~~ ||spoiler|| :smile:",
    "[click](https://evil.example) <https://evil.example|click> https://evil.example",
    "www.evil.example evil.example/path ann@evil.example /start #tag $CASH",
    "<b>bold</b><a href='https://evil.example'>x</a><script>1</script>&amp;&lt;",
    "> quote\n# head\n- list\n1. one\n```\ncode",
    '<at>Ed</at> <users/all> <at user_id="all">x</at> \u202eevil\u2066',
    "\\*not\\* \\<@1\\> &#60;!here&#62;",
]


def a_message(text: str, link: str = "") -> Message:
    """A message in which a reader wrote everything that readers write."""
    looks = tuple(theirs(text, 300, look) for look in Look)
    line = (*looks, theirs(text, 120, link=link or "https://paper.example/a"))
    return Message((Run("Paper"),), (Item((line,), (), 12),))


# What is told


def told(body: dict[str, Any], kind: str, *, presses: bool = False) -> str:
    message = composing.compose(a_parcel(body, kind), an_office(), presses=presses)
    return matrix.plain(message).replace(JOINER, "")


def test_a_digest_tells_of_each_spot_in_its_sentence() -> None:
    spots = (a_spot_body(), a_spot_body("teh", id=13, correction="the", readers=1))

    text = told(a_digest(*spots, more=4, comments=["look here"]), "digest")

    assert text == (
        "Paper: 6 spots wait\n\n"
        "1. The [wrold] world is round.\nThe end of the wrold · 2 readers\n“look here”\n"
        f"Open at the desk: {BASE}/desk/spots/12\n\n"
        "2. The [teh] the is round.\nThe end of the wrold · 1 reader\n“look here”\n"
        f"Open at the desk: {BASE}/desk/spots/13\n\n"
        "…, 4 more"
    )


@pytest.mark.parametrize("kind", list(Happening))
def test_each_happening_is_told_by_itself(kind: Happening) -> None:
    article = {"url": "https://paper.example/captain", "title": "The captain"}
    decision = {"kind": "fix", "by": "ed@paper.example", "note": "thanks"}
    body = an_event(kind, spot=a_spot_body(), decision=decision)
    if kind is Happening.CHANGED:
        body = an_event(kind, article=article)

    text = told(body, kind)

    assert text.startswith("Paper: ")
    assert ("The captain" if kind is Happening.CHANGED else "The [wrold] world is round.") in text
    assert ("Marked as fixed: ed@paper.example" in text) is (kind is not Happening.CHANGED)


def test_alarms_notices_and_tests_are_told() -> None:
    site = {"id": 1, "name": "Paper"}
    link = f"{BASE}/desk/sites/1/"
    article = {"title": "The captain", "url": "https://paper.example/captain"}
    carrier = {"name": "Newsroom", "means": "webhook"}
    alarm = {"site": site, "count": 9, "hours": 1, "link": link}
    notice = {"site": site, "carrier": carrier, "why": "410 Gone", "link": link, "what": "off"}

    assert "9 new spots within an hour" in told(alarm | {"article": None}, "alarm")
    assert "9 reports on one page within an hour" in told(alarm | {"article": article}, "alarm")
    assert "switched off\n\nNewsroom\n410 Gone" in told(notice, "notice")
    assert "this is a test" in told({"site": site, "by": "Ed"}, "test")


def test_an_image_or_a_link_is_told_as_one() -> None:
    about = {"type": "link", "text": "here", "url": "https://paper.example/old"}
    spot = a_spot_body(about=about, correction="https://paper.example/new")

    text = told(a_digest(spot), "digest")

    assert "1. [https://paper.example/old] https://paper.example/new\n" in text


@pytest.mark.parametrize(("kind", "body"), [("answer", {}), ("digest", {"x": 1}), ("alarm", {})])
def test_a_letter_that_says_nothing_known_is_dead(kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(NotTaken) as caught:
        a_chat().send(a_parcel(body, kind, f"tgram://123456:{TOKEN}/1"), an_office())

    assert caught.value.permanent
    assert not caught.value.gone


def test_a_letter_is_in_the_carriers_language(app: Flask) -> None:
    with app.app_context():
        end, _ = sent("telegram", answering(TAKEN["telegram"]), a_parcel(None, "digest", lang="de"))

    [request] = end.requests
    label = json.loads(request.body)["reply_markup"]["inline_keyboard"][0][0]["text"]
    assert label
    with app.app_context():
        other, _ = sent("telegram", answering(TAKEN["telegram"]), a_parcel(lang="xx-nonsense"))
    assert len(other.requests) == 1


# What readers wrote is text


texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=80),
    st.text(st.sampled_from("*_~`<>@#/:.[]()\\|&!=- ab\n\u202e\0"), max_size=60),
)

#: What clients make links, mentions, tags and commands of.
_LIVE = re.compile(r"[@#$/:.\u3002]\S")


@trials
@given(texts)
def test_no_client_finds_a_link_in_what_a_reader_wrote(text: str) -> None:
    shown = theirs(text, 300).text

    assert not [found for found in _LIVE.findall(shown) if found[1] != JOINER]
    assert "\n" not in shown
    assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069]", shown)


@trials
@given(texts)
def test_slack_reads_nothing_in_what_a_reader_wrote(text: str) -> None:
    body = slack.encode(a_message(text))

    elements = [each for block in body["blocks"] for each in block["elements"][0]["elements"]]
    assert {each["type"] for each in elements} <= {"text", "link"}
    assert {each["url"] for each in elements if each["type"] == "link"} <= {
        "https://paper.example/a"
    }
    assert not re.search(r"[<>*_~`]", body["text"])
    assert not re.search(r"&(?!amp;|lt;|gt;)", body["text"])
    assert not re.search(r":[^\s\u2060]", body["text"])
    assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@trials
@given(texts)
def test_telegram_and_matrix_read_nothing_in_what_a_reader_wrote(text: str) -> None:
    message = a_message(text)
    content = matrix.encode(message)
    words = "".join(run.text for run in message.items[0].lines[0])

    for page, strong, struck in (
        (telegram.encode(message)["text"], "b", "s"),
        (content["formatted_body"], "strong", "del"),
    ):
        tags = Tags(page)
        assert tags.open == []
        assert {tag for tag, _ in tags.found} <= {"a", "p", strong, struck}
        assert {values["href"] for tag, values in tags.found if tag == "a"} <= {
            "https://paper.example/a"
        }
        assert words.strip() in tags.text
    assert content["m.mentions"] == {}


@trials
@given(texts)
def test_discord_reads_nothing_in_what_a_reader_wrote(text: str) -> None:
    body = discord.encode(a_message(text))

    shown = body["embeds"][0]["description"]
    link = "](<https://paper.example/a>)"
    bare = re.sub(r"\\[\W_]", "", shown.replace(link, "\x01"))
    bare = bare.replace("**", "").replace("~~", "")
    assert not re.search(r"[*_~`|<>@#:\\]", bare)
    assert bare.count("[") == bare.count("\x01") + bare.count("]")
    assert body["allowed_mentions"] == {"parse": []}


@trials
@given(texts)
def test_teams_reads_nothing_in_what_a_reader_wrote(text: str) -> None:
    card = teams.encode(a_message(text))["attachments"][0]["content"]

    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert {run["selectAction"]["url"] for run in runs if "selectAction" in run} <= {
        "https://paper.example/a"
    }
    assert "msteams" not in card


@trials
@given(texts)
def test_other_chats_read_nothing_in_what_a_reader_wrote(text: str) -> None:
    shown = others.text(a_message(text), formats=True)

    assert not re.search(r"[*_~`<>|]", shown)
    assert "<" in others.text(a_message("a < b"))


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://a.example/\nx",
        'https://a.example/"x',
        "//a.example",
        "x" * 2000,
    ],
)
def test_what_is_no_address_of_the_web_is_no_link(link: str) -> None:
    message = Message((Run("x", link=link),), (Item(((Run("y", link=link),),)),))

    assert "href" not in telegram.encode(message)["text"]
    assert "href" not in matrix.encode(message)["formatted_body"]
    assert "](" not in discord.encode(message)["content"]
    assert '"url"' not in json.dumps(slack.encode(message))
    assert "selectAction" not in json.dumps(teams.encode(message))


def test_a_link_ends_where_it_ends() -> None:
    message = Message((Run("x", link="https://a.example/(b)[c]?d='e'&f=<"),))
    told = Message((Run("x", link="https://a.example/(b)[c]?d=e&f=1"),))

    assert "](" not in discord.encode(message)["content"]
    assert discord.encode(told)["content"] == "[x](<https://a.example/%28b%29%5Bc%5D?d=e&f=1>)"
    assert telegram.encode(told)["text"] == '<a href="https://a.example/(b)[c]?d=e&amp;f=1">x</a>'


# Limits


@pytest.mark.parametrize("nasty", ["&" * 3000, "*" * 3000, "😀" * 3000, "a.b" * 1000])
def test_each_message_keeps_to_its_services_limits(nasty: str) -> None:
    spot = a_spot_body(nasty, correction=nasty[:-3] + "b")
    spot["article"] = {"url": "https://paper.example/" + "a" * 3000, "title": nasty}
    spot["link"] = spot["article"]["url"]
    body = a_digest(*(spot for _ in range(20)), comments=[nasty] * 5, more=1000)
    message = composing.compose(a_parcel(body), an_office(), presses=True)

    found = slack.encode(message)
    assert len(found["blocks"]) <= 50
    assert len(found["text"]) <= 4000
    assert len(json.dumps(found["blocks"], ensure_ascii=False).encode()) < 40_000
    assert units(telegram.encode(message)["text"]) <= 4096
    assert telegram.encode(message)["text"].startswith("<b>Paper</b>")
    embeds = discord.encode(message)
    sizes = [units(each["description"]) for each in embeds["embeds"]]
    assert 1 <= len(sizes) <= 10
    assert max(sizes) <= 4096
    assert sum(sizes) <= 6000
    assert units(embeds["content"]) <= 2000
    assert len(json.dumps(teams.encode(message), ensure_ascii=False).encode()) < 28_000
    assert len(json.dumps(matrix.encode(message), ensure_ascii=False).encode()) < 60_000
    assert len(others.text(message)) <= 2000
    for text in (telegram.encode(message)["text"], embeds["content"].replace("\\", "")):
        left = re.search(r"…, (\d+) more", text)
        assert left
        assert 1000 < int(left[1]) <= 1020


def test_what_was_left_out_is_counted() -> None:
    items = tuple(Item(((Run(str(number)),),)) for number in range(5))
    message = Message((Run("x"),), items, more=2, rest=lambda more: f"{more} more")

    cut = fitted(message, lambda each: len(each.items) <= 2)

    assert [item.lines[0][0].text for item in cut.items] == ["0", "1"]
    assert cut.foot[0].text == "…, 5 more"


def test_buttons_name_their_spot_where_there_are_several() -> None:
    spots = [a_spot_body(id=number) for number in (12, 13)]
    actions = {kind: f"{BASE}/act/{kind}" for kind in ("accept", "fix", "reject")}
    body = a_digest(*spots, actions=actions)

    links = composing.compose(a_parcel(body), an_office(), presses=False)
    presses = composing.compose(a_parcel(body), an_office(), presses=True)

    keyboard = telegram.encode(links)["reply_markup"]["inline_keyboard"]
    assert [[each["text"] for each in row] for row in keyboard] == [
        ["1: Accept", "Fixed", "Reject", "Open at the desk"],
        ["2: Accept", "Fixed", "Reject", "Open at the desk"],
    ]
    assert keyboard[0][0]["url"] == f"{BASE}/act/accept"
    assert all(
        len(each.get("callback_data", "")) <= 64
        for row in telegram.encode(presses)["reply_markup"]["inline_keyboard"]
        for each in row
    )
    elements = [b for b in slack.encode(presses)["blocks"] if b["type"] == "actions"]
    assert [each["block_id"] for each in elements] == ["spot-12", "spot-13"]
    pressed = pressing.read("secret", elements[1]["elements"][1]["value"])
    assert pressed == pressing.Pressed(Press.FIX, 13, 3)
    assert "act/accept" in discord.encode(links)["embeds"][0]["description"]
    assert "act/accept" in matrix.encode(links)["formatted_body"]


def test_telegram_is_given_no_button_that_it_refuses() -> None:
    for base, count in (("http://127.0.0.1:8000", 3), ("http://localhost", 3), (BASE, 4)):
        office = type(an_office())(an_office().policy, base, "secret")
        message = composing.compose(a_parcel(), office, presses=True)

        [row] = telegram.encode(message)["reply_markup"]["inline_keyboard"]

        assert len(row) == count


def test_without_a_secret_no_button_decides_in_place() -> None:
    for secrets, expected in (((), False), (("",), False), (("s3cret",), True)):
        end, _ = sent(
            "telegram", answering(TAKEN["telegram"]), a_parcel(None, "digest", "", *secrets)
        )
        assert (b"callback_data" in end.requests[0].body) is expected


@trials
@given(st.text(max_size=80))
def test_a_press_that_was_made_up_is_none(data: str) -> None:
    with pytest.raises(pressing.NoPress):
        pressing.read("secret", data)


def test_a_press_is_as_it_was_signed() -> None:
    data = pressing.make("secret", Press.ACCEPT, 2**63 - 1, 2**31)

    assert len(data) <= 64
    assert pressing.read("secret", data) == pressing.Pressed(Press.ACCEPT, 2**63 - 1, 2**31)
    for other in ("f" + data[1:], data.replace("5", "4"), data[:-1], data + "=", f"{data}:x"):
        with pytest.raises(pressing.NoPress):
            pressing.read("secret", other)
    with pytest.raises(pressing.NoPress):
        pressing.read("other", data)


# Addresses

HOOK = "https://hooks.slack.com/services/T0000/B0000/" + "s" * 24
GOOD = {
    HOOK: HOOK,
    "slack://T0000/B0000/" + "s" * 24: HOOK,
    "slack://xoxb-123-456-abcdef/C0123/": "slack://xoxb-123-456-abcdef/C0123",
    f"tgram://123456:{TOKEN}/-1001234/": f"tgram://123456:{TOKEN}/-1001234",
    f"tgram://bot123456:{TOKEN}/@news_desk": f"tgram://123456:{TOKEN}/@news_desk",
    f"tgram://123456%3A{TOKEN}/-1001:7": f"tgram://123456:{TOKEN}/-1001:7",
    f"discord://1234567/{TOKEN}": f"https://discord.com/api/webhooks/1234567/{TOKEN}",
    f"https://canary.discord.com/api/v10/webhooks/1234567/{TOKEN}?thread_id=77777": (
        f"https://discord.com/api/webhooks/1234567/{TOKEN}?thread_id=77777"
    ),
    f"matrixs://{TOKEN}@matrix.example.org/!r:example.org": (
        f"matrixs://{TOKEN}@matrix.example.org/!r:example.org"
    ),
    "https://prod-1.westeurope.logic.azure.com:443/workflows/1/x?sig=y": (
        "https://prod-1.westeurope.logic.azure.com/workflows/1/x?sig=y"
    ),
    "pover://" + "u" * 30 + "@" + "t" * 30: "pover://" + "u" * 30 + "@" + "t" * 30,
}
BAD = [
    "",
    "C0123",
    "https://hooks.slack.com/triggers/T0000/1/abc",
    "https://hooks.slack.com.evil.example/services/T0000/B0000/" + "s" * 24,
    "https://hooks.slack.com@evil.example/services/T0000/B0000/" + "s" * 24,
    "slack://T0000",
    "tgram://123456/1",
    f"tgram://123456:{TOKEN}/../getMe",
    "https://discord.com/channels/1/2",
    f"https://discord.com.evil.example/api/webhooks/1234567/{TOKEN}",
    "matrixs://matrix.example.org/!r:example.org",
    f"matrix://{TOKEN}@matrix.example.org/!r:example.org",
    f"matrixs://{TOKEN}@127.0.0.1/!r:example.org",
    f"matrixs://{TOKEN}@[::1]:8448/!r:example.org",
    f"matrixs://{TOKEN}@0x7f.1/!r:example.org",
    f"matrixs://{TOKEN}%0d%0aX@matrix.example.org/!r:example.org",
    "http://prod-1.westeurope.logic.azure.com/workflows/1",
    "https://evillogic.azure.com.example/workflows/1",
    "msteams://a/b/c",
    "https://example.org/hook",
    "http://[",
    "pover://nothing",
    *(
        f"{scheme}://x/y"
        for scheme in (
            *("json", "jsons", "xml", "form", "file", "syslog", "dbus", "gnome", "windows"),
            *("mailto", "mmost", "ntfy", "gotify", "rocket", "apprise", "exec", "macosx", "x"),
        )
    ),
]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_is_kept_in_one_form(address: str) -> None:
    assert a_chat().check(f" {address} ", an_office()) == GOOD[address]
    assert a_chat().check(GOOD[address], an_office()) == GOOD[address]


@pytest.mark.parametrize("address", BAD)
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(BadTarget):
        a_chat().check(address, an_office())


def test_without_apprise_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise.plugins.pushover", None)

    with pytest.raises(BadTarget, match=r"reader-feedback\[chat\]"):
        a_chat().check("pover://" + "u" * 30 + "@" + "t" * 30, an_office())


# The far ends


@pytest.mark.parametrize("service", SERVICES)
def test_a_letter_is_taken(service: str) -> None:
    end, taken = sent(service, answering(TAKEN[service]))

    [request] = end.requests
    assert isinstance(taken, Taken)
    assert request.method == ("PUT" if service == "matrix" else "POST")
    assert request.headers["content-type"].startswith("application/json")
    assert b"wrold" in request.body


def test_each_service_is_called_as_it_wants() -> None:
    paths = {}
    for service in SERVICES:
        end, _ = sent(service, answering(TAKEN[service]))
        paths[service] = end.requests[0].path
        body = json.loads(end.requests[0].body)
        if service == "slack bot":
            assert end.requests[0].headers["authorization"] == "Bearer xoxb-1234567890-abc"
            assert body["channel"] == "C0123"
        if service == "telegram":
            assert body["chat_id"] == -1001
            assert body["link_preview_options"] == {"is_disabled": True}
        if service == "matrix":
            assert end.requests[0].headers["authorization"] == f"Bearer {TOKEN}"

    assert paths == {
        "slack": "/slack/services/T0000/B0000/" + "s" * 24,
        "slack bot": "/api/chat.postMessage",
        "telegram": f"/bot123456:{TOKEN}/sendMessage",
        "discord": f"/discord/api/webhooks/1234567/{TOKEN}",
        "matrix": "/_matrix/client/v3/rooms/%21room%3Aexample.org/send/m.room.message/" + UID.hex,
        "teams": "/workflows/1/triggers/manual/paths/invoke?sig=x",
    }


def test_a_room_of_matrix_is_found_by_its_alias() -> None:
    with a_far_end(answering(b'{"room_id": "!r:example.org", "event_id": "$1"}')) as end:
        address = f"matrix://{TOKEN}@{end.pair}/#desk:example.org"
        a_chat(end).send(a_parcel(address=address), an_office(end.pair))

    assert [(each.method, each.path.rpartition("/v3")[2]) for each in end.requests] == [
        ("POST", "/join/%23desk%3Aexample.org"),
        ("PUT", f"/rooms/%21r%3Aexample.org/send/m.room.message/{UID.hex}"),
    ]


#: What each service answers, and what that means: a wait, or that it is gone.
REFUSALS: list[tuple[str, int, bytes, dict[str, str], float | None, bool]] = [
    ("slack", 429, b"rate_limited", {"retry_after": "30"}, 30.0, False),
    ("slack", 404, b"no_service", {}, None, True),
    ("slack", 410, b"channel_is_archived", {}, None, True),
    ("slack", 403, b"invalid_token", {}, None, True),
    ("slack", 400, b"invalid_payload", {}, None, False),
    ("slack", 500, b"", {}, None, False),
    ("slack bot", 200, b'{"ok": false, "error": "ratelimited"}', {"retry_after": "7"}, 7.0, False),
    ("slack bot", 200, b'{"ok": false, "error": "is_archived"}', {}, None, True),
    ("slack bot", 200, b'{"ok": false, "error": "fatal_error"}', {}, None, False),
    ("telegram", 429, b'{"ok": false, "parameters": {"retry_after": 11}}', {}, 11.0, False),
    (
        "telegram",
        400,
        b'{"ok": false, "description": "Bad Request: chat not found"}',
        {},
        None,
        True,
    ),
    ("telegram", 403, b'{"description": "Forbidden: bot was blocked by the user"}', {}, None, True),
    ("telegram", 400, b'{"description": "Bad Request: message is too long"}', {}, None, False),
    ("telegram", 401, b'{"description": "Unauthorized"}', {}, None, True),
    ("telegram", 502, b"<html>", {}, None, False),
    ("discord", 429, b'{"retry_after": 0.65, "global": false}', {"retry_after": "1"}, 0.65, False),
    ("discord", 404, b'{"message": "Unknown Webhook", "code": 10015}', {}, None, True),
    ("discord", 400, b'{"message": "Invalid Form Body", "code": 50035}', {}, None, False),
    ("discord", 503, b"[1]", {}, None, False),
    ("matrix", 429, b'{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}', {}, 1.5, False),
    ("matrix", 403, b'{"errcode": "M_FORBIDDEN"}', {}, None, True),
    ("matrix", 401, b'{"errcode": "M_UNKNOWN_TOKEN"}', {}, None, True),
    ("matrix", 500, b'{"errcode": "M_UNKNOWN"}', {}, None, False),
    ("teams", 429, b"", {"retry_after": "60"}, 60.0, False),
    ("teams", 404, b'{"error": {"code": "WorkflowNotFound", "message": "gone"}}', {}, None, True),
    ("teams", 502, b'{"error": "x"}', {}, None, False),
]


@pytest.mark.parametrize(("service", "status", "body", "headers", "wait", "gone"), REFUSALS)
def test_a_refusal_is_understood(
    service: str, status: int, body: bytes, headers: dict[str, str], wait: float | None, gone: bool
) -> None:
    _, error = sent(service, answering(body, status, **headers))

    assert isinstance(error, NotTaken)
    assert (error.status, error.retry_after, error.gone) == (status, wait, gone)
    assert error.permanent is gone
    assert error.resting is (status != 400)
    assert TOKEN not in error.said


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_no_redirect_is_followed(service: str, status: int) -> None:
    with a_far_end(answering(b"")) as other:
        end, error = sent(service, answering(b"", status, location=other.url))

    assert isinstance(error, NotTaken)
    assert not error.permanent
    assert len(end.requests) == 1
    assert other.requests == []


def test_a_private_machine_is_not_asked() -> None:
    with a_far_end(answering(b"ok")) as end:
        for service in ("slack", "telegram", "discord", "teams"):
            parcel = a_parcel(address=an_address(service, end))
            with pytest.raises(NotTaken):
                a_chat(end).send(parcel, an_office())

    assert end.requests == []


def test_a_service_that_is_down_or_silent_is_asked_again() -> None:
    port = a_closed_port()
    address = f"matrix://{TOKEN}@127.0.0.1:{port}/!r:example.org"
    with pytest.raises(NotTaken) as caught:
        a_chat().send(a_parcel(address=address), an_office(f"127.0.0.1:{port}"))
    assert not caught.value.permanent

    with a_far_end(silent()) as end:
        office = an_office(end.pair)
        policy = type(office.policy)(allow=office.policy.allow, read=0.2)
        patient = type(office)(policy, office.base_url, office.secret)
        with pytest.raises(NotTaken) as caught:
            a_chat(end).send(a_parcel(address=an_address("slack", end)), patient)
    assert not caught.value.permanent


def test_a_service_of_apprise_gets_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "pover://" + "u" * 30 + "@" + "t" * 30
    service = others._made(address)
    with a_far_end(answering(b'{"status": 1}')) as end:
        monkeypatch.setattr(type(service), "notify_url", end.url)
        taken = a_chat().send(a_parcel(address=address), an_office())

    [request] = end.requests
    assert isinstance(taken, Taken)
    assert b"wrold" in request.body


def test_what_apprise_says_of_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "pover://" + "u" * 30 + "@" + "t" * 30
    service = others._made(address)
    with a_far_end(answering(b"no", 500)) as end:
        monkeypatch.setattr(type(service), "notify_url", end.url)
        with pytest.raises(NotTaken) as caught:
            a_chat().send(a_parcel(address=address), an_office())

    assert "Pushover" in caught.value.said
    assert not caught.value.permanent


def test_defusing_keeps_what_is_read() -> None:
    assert defused("See https://a.example, ann@b.example.").replace(JOINER, "") == (
        "See https://a.example, ann@b.example."
    )
    assert Button("x").data == ""


def test_what_ends_a_run_is_defused_too() -> None:
    """The next run may go on with it: `@` and `everyone` are one mention to a client."""
    first, second = theirs("so @", 9), theirs("everyone", 9)

    assert first.text + second.text == f"so @{JOINER}everyone"
    assert theirs("the end. ", 9).text == "the end. "
