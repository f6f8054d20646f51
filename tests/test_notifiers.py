"""What every notifier promises (`delivery.contract`), whatever it speaks: one test over them all.

A notifier that is added to the TABLE is tested here as soon as `OUTLETS` says where it sends to.
"""

import email
import email.policy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus

import pytest
from flask import Flask

from feedback import create_app
from feedback.config import load
from feedback.delivery import notifiers, signing
from feedback.delivery.contract import BadTarget, Notifier, NotTaken, Office, Taken
from feedback.delivery.models import Means
from feedback.delivery.notifiers.mail import Mail
from feedback.delivery.notifiers.webhook import Webhook
from feedback.outbound import Policy
from tests import chats
from tests import letters as told
from tests.far_end import Behaviour, a_closed_port, a_far_end, answering, sending
from tests.mail_server import a_mail_server

BASE = "https://feedback.example"
#: What a reader may write to lead others astray.
EVIL = "https://evil.example/x"
HOSTILE = (
    EVIL,
    f"<a href='{EVIL}'>teh</a>",
    f"[teh]({EVIL})",
    f"<{EVIL}|teh>",
    f"teh\r\nBcc: ann@evil.example\r\n\r\n{EVIL}",
    f"=?utf-8?q?teh=0ABcc:ann@evil.example?= {EVIL}",
    f"@everyone <!channel> @here {EVIL}",
    f"{{{{ 7 * 7 }}}} {{% print 1 %}} \u202e {EVIL}",
    f"\x00\x1b[31m\ud800 {EVIL}",
)


@dataclass
class Sent:
    """What came to a far end: the names of headers, and the text."""

    headers: set[str] = field(default_factory=set)
    text: str = ""
    recipients: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outlet:
    """A notifier, and where it sends to in these tests."""

    means: Means
    notifier: Notifier
    address: str
    office: Office
    seen: Callable[[], Sent]
    secrets: tuple[str, ...] = ()

    def send(self, kind: str, body: Any) -> Taken:
        parcel = told.a_parcel(kind, body, address=self.address, secrets=self.secrets)
        return self.notifier.send(parcel, self.office)

    def result(self, kind: str) -> Taken | NotTaken:
        try:
            return self.send(kind, None)
        except NotTaken as error:
            return error

    def kept(self, address: str) -> str | BadTarget:
        try:
            return self.notifier.check(address, self.office)
        except BadTarget as error:
            return error


def an_office(**more: Any) -> Office:
    return Office(**({"policy": Policy(), "base_url": BASE, "secret": "hush"} | more))


@contextmanager
def mail(behaviour: Behaviour | None = None) -> Iterator[Outlet]:
    """A mailbox; where a far end behaves so, it is one that speaks no SMTP."""
    with ExitStack() as stack:
        if behaviour is not None:
            end = stack.enter_context(a_far_end(behaviour, reads=False))
            office = an_office(smtp_url=f"smtp://127.0.0.1:{end.port}")
            yield Outlet(Means.MAIL, Mail(), "ed@paper.example", office, Sent)
            return
        server = stack.enter_context(a_mail_server())

        def seen() -> Sent:
            envelope = server.mails[-1]
            content = envelope.content
            assert isinstance(content, bytes)
            message = email.message_from_bytes(content, policy=email.policy.default)
            parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
            return Sent(set(message.keys()), "\n".join(parts), envelope.rcpt_tos)

        office = an_office(smtp_url=server.url())
        yield Outlet(Means.MAIL, Mail(), "ed@paper.example", office, seen)


@contextmanager
def webhook(behaviour: Behaviour | None = None) -> Iterator[Outlet]:
    with a_far_end(behaviour or answering(b"")) as end:

        def seen() -> Sent:
            request = end.requests[-1]
            return Sent(set(request.headers), request.body.decode())

        office = an_office(policy=Policy(allow=frozenset({end.pair})))
        secrets = (signing.make(), signing.make())
        yield Outlet(Means.WEBHOOK, Webhook(), end.url, office, seen, secrets)


def chat(service: str) -> Callable[..., Any]:
    @contextmanager
    def chat(behaviour: Behaviour | None = None) -> Iterator[Outlet]:
        with a_far_end(behaviour or answering(chats.TAKEN[service])) as end:

            def seen() -> Sent:
                text = "".join(_plain(request.body.decode()) for request in end.requests)
                return Sent(set(end.requests[-1].headers), text)

            office = an_office(policy=Policy(allow=frozenset({end.pair})))
            address = chats.an_address(service, end)
            yield Outlet(Means.CHAT, chats.a_chat(end), address, office, seen)

    return chat


def _plain(body: str) -> str:
    """A body's texts as the service reads them."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return unquote_plus(body)


OUTLETS: dict[str, Callable[..., Any]] = {
    "mail": mail,
    "webhook": webhook,
    **{service: chat(service) for service in chats.ADDRESSES},
}
#: Every kind of letter in every outlet; answers go by the post alone.
LETTERS = [
    (name, kind) for name in OUTLETS for kind in told.BODIES if name == "mail" or kind != "answer"
]
PEOPLE = [name for name in OUTLETS if name != "webhook"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(load(home=tmp_path_factory.mktemp("home"), base_url=BASE))


@pytest.fixture(autouse=True)
def _within(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_every_means_has_a_notifier_and_is_tried_here() -> None:
    assert set(notifiers.TABLE) == set(Means)
    for means in Means:
        assert callable(notifiers.by(means).send)
    with ExitStack() as stack:
        tried = {stack.enter_context(make()).means for make in OUTLETS.values()}
    assert tried | {Means.POST} == set(Means)


@pytest.mark.parametrize(("name", "kind"), LETTERS)
def test_every_kind_of_letter_is_taken(name: str, kind: str) -> None:
    with OUTLETS[name]() as outlet:
        taken = outlet.send(kind, None)
        seen = outlet.seen()

    assert isinstance(taken, Taken)
    assert seen.text


@pytest.mark.parametrize("name", OUTLETS)
def test_a_letter_that_comes_again_says_the_same(name: str) -> None:
    with OUTLETS[name]() as outlet:
        outlet.send("spot.opened", None)
        first = outlet.seen()
        outlet.send("spot.opened", None)
        again = outlet.seen()

    assert again.headers == first.headers
    assert again.text.endswith(first.text)


def hostile(text: str) -> Any:
    """A digest in which a reader wrote a text wherever readers can."""
    item = told.a_told(
        before=text,
        after=text,
        pieces=[["delete", text], ["insert", text]],
        comments=[text],
        quote={"exact": text, "prefix": text, "suffix": text},
        correction=text,
    )
    return told.a_digest(item)


@pytest.mark.parametrize("text", HOSTILE, ids=[str(n) for n in range(len(HOSTILE))])
@pytest.mark.parametrize("name", OUTLETS)
def test_what_a_reader_writes_is_text_and_nothing_else(name: str, text: str) -> None:
    with OUTLETS[name]() as outlet:
        outlet.send("digest", hostile("teh"))
        plain = outlet.seen()
        outlet.send("digest", hostile(text))
        seen = outlet.seen()

    assert seen.headers == plain.headers
    assert seen.recipients == plain.recipients
    if name in PEOPLE:
        assert EVIL not in seen.text


#: How far ends fail.
FAILING: dict[str, Behaviour] = {
    "hangs up": sending(b""),
    "speaks something else": sending(b"\x00\xff\x16\x03\x01 what?\r\n\r\n"),
    "breaks off": sending(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
    "fails": answering(b"<h1>Oops</h1>", 500),
    "knows nothing of it": answering(b"", 404),
    "is gone": answering(b"", 410),
    "wants a rest": answering(b"{}", 429, **{"retry-after": "soon \x80"}),
    "leads elsewhere": answering(b"", 307, location="http://169.254.169.254/"),
    "says no in words": answering(b'{"ok": false, "error": ["odd"]}', 400),
}


@pytest.mark.parametrize("failure", FAILING)
@pytest.mark.parametrize("name", OUTLETS)
def test_a_far_end_that_fails_is_not_taken_and_nothing_worse(name: str, failure: str) -> None:
    with OUTLETS[name](FAILING[failure]) as outlet:
        result = outlet.result("test")

    if failure == "breaks off" and isinstance(result, Taken):
        return  # the status may be enough
    assert isinstance(result, NotTaken)
    assert result.said
    assert result.retry_after is None or result.retry_after >= 0


@pytest.mark.parametrize("name", OUTLETS)
def test_where_nobody_listens_it_is_tried_again(name: str) -> None:
    closed = a_closed_port()
    with OUTLETS[name]() as outlet:
        pass
    if name == "mail":
        outlet = replace(outlet, office=an_office(smtp_url=f"smtp://127.0.0.1:{closed}"))

    result = outlet.result("test")

    assert isinstance(result, NotTaken)
    assert (result.permanent, result.gone) == (False, False)


ADDRESSES = (
    "",
    " ",
    "x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://far.example/",
    "http://good\\@evil.example/",
    "https://far.example/\r\nX-Evil: 1",
    "https://[::1/",
    "https://far.example:99999/",
    "https://10.0.0.1/",
    "https://user:pass word@far.example/",
    "ed@paper.example\r\nBcc: ann@evil.example",
    "ed@paper.example, ann@evil.example",
    "<ed@paper.example>",
    "@",
    "a" * 5000 + "@paper.example",
    "slack://",
    "tgram://x/y/z",
    "matrix://@/",
    "json://127.0.0.1/",
    "\ud800://\x00",
)


@pytest.mark.parametrize("address", ADDRESSES, ids=[str(n) for n in range(len(ADDRESSES))])
@pytest.mark.parametrize("name", ["mail", "webhook", "slack"])
def test_an_address_is_refused_with_a_word_or_kept_as_one_line(name: str, address: str) -> None:
    with OUTLETS[name]() as outlet:
        kept = outlet.kept(address)

        assert str(kept)
        if isinstance(kept, str):
            assert kept.isprintable()
            assert outlet.kept(kept) == kept


@pytest.mark.parametrize("name", OUTLETS)
def test_an_address_that_is_good_is_kept(name: str) -> None:
    with OUTLETS[name]() as outlet:
        kept = outlet.notifier.check(f" {outlet.address} ", outlet.office)

        assert outlet.kept(kept) == kept


def test_a_means_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifiers, "TABLE", {Means.CHAT: ("carrier_pigeon", "Pigeon")})
    notifiers.by.cache_clear()

    with pytest.raises(notifiers.NotInstalled, match="carrier_pigeon"):
        notifiers.by(Means.CHAT)
