"""Mail: what letters look like as mail, and what nobody can do by what they wrote in them."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedback import create_app
from feedback.config import load
from feedback.delivery import messages, stopping
from feedback.delivery.contract import BadTarget, NotTaken
from feedback.delivery.inert import BREAK, inert
from feedback.delivery.inert import body as inert_body
from feedback.delivery.notifiers.mail import Mail, Sender, message
from feedback.delivery.wishes import Wishes
from feedback.outbound import Policy
from tests.letters import (
    ARTICLE,
    BASE,
    BODIES,
    UID,
    a_decision,
    a_digest,
    a_parcel,
    a_told,
    an_office,
)
from tests.mail_server import a_mail_server

HEADERS = [
    "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
]  # fmt: skip

#: What makes a program for mail show a link, in the widest sense.
LINKED = re.compile(r"\w+:[^\s\u200b]|[^\s\u200b]\.[^\s\u200b]|[^\s\u200b]@[^\s\u200b]|//\S|\d{7}")
EVIL = "https://evil.example/x?y=1 www.evil.example me@evil.example +49 30 12345678 evil。com"
TRAP = "=?utf-8?q?=0ABcc:evil@evil.example?= \r\nBcc: evil@evil.example\r\n\r\n<b>x</b>"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application without a database: mail needs none."""
    return create_app(load(home=tmp_path_factory.mktemp("home"), base_url=BASE))


def mailed(app: Flask, kind: str = "digest", body: Any = None, **more: Any) -> EmailMessage:
    """A letter, as a program for mail reads it."""
    with app.app_context():
        data = bytes(message(a_parcel(kind, body, **more), an_office(), "ed@paper.example"))
    assert data.isascii()
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def texts(mail: EmailMessage) -> tuple[str, str]:
    plain, html = mail.iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return plain.get_content(), html.get_content()


def links(html: str) -> list[str]:
    tree = LexborHTMLParser(html)
    return [str(node.attributes["href"]) for node in tree.css("a")]


def words(html: str) -> str:
    """What of a page is text, outside of links."""
    html = re.sub(r"<style>.*?</style>|<a .*?</a>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", html))


# What it looks like


def test_a_digest_is_a_mail_that_one_can_decide_by(app: Flask) -> None:
    mail = mailed(app)
    plain, html = texts(mail)

    assert list(mail.keys()) == HEADERS
    assert mail["From"] == "The Paper <feedback@paper.example>"
    assert mail["To"] == "ed@paper.example"
    assert mail["Subject"] == "Paper: New: “wrold”"
    assert mail["Message-ID"] == f"<{UID.hex}@paper.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<carrier-3.letters.paper.example>"
    token = stopping.make("hush", 3, "ed@paper.example")
    assert mail["List-Unsubscribe"] == f"<{BASE}/letters/stop/{token}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "The [wrold → world] is round, said the captain" in plain
    assert "> It is round indeed" in plain
    assert "3 readers · News" in plain
    assert "<mark><del>wrold</del><ins>world</ins></mark> is round" in html
    assert "It is round indeed" in html
    for address in (f"{BASE}/desk/spots/7", *a_told()["actions"].values()):
        assert address in plain
        assert address in links(html)


def test_nothing_is_loaded_and_nothing_is_run(app: Flask) -> None:
    for kind in BODIES:
        _, html = texts(mailed(app, kind))
        tree = LexborHTMLParser(html)

        assert not tree.css("img, script, link, iframe, object, form, [src], [background], table")
        assert "url(" not in html
        assert "@import" not in html
        assert [node.tag for node in tree.css("style")] == ["style"]


@pytest.mark.parametrize("kind", BODIES)
def test_each_kind_is_put_into_words(kind: str, app: Flask) -> None:
    mail = mailed(app, kind)
    plain, html = texts(mail)

    assert "Paper" in mail["Subject"]
    assert len(plain.strip().splitlines()) >= 1
    assert all(link.startswith((f"{BASE}/", "https://paper.example/")) for link in links(html))
    assert set(re.findall(r"https?://\S+", plain)) == set(links(html))
    assert ("List-Unsubscribe" in mail) == (kind != "notice")
    assert (f"{BASE}/letters/stop/" in plain) == (kind not in {"answer", "notice"})


def test_an_answer_is_stopped_where_the_address_is_erased(app: Flask) -> None:
    assert mailed(app, "answer")["List-Unsubscribe"] == f"<{BASE}/erase/abc.def>"


def test_the_same_letter_is_the_same_mail(app: Flask) -> None:
    with app.app_context():
        twice = [bytes(message(a_parcel(), an_office(), "ed@paper.example")) for _ in range(2)]

    assert twice[0] == twice[1]


def test_a_mail_of_many_spots_says_how_many(app: Flask) -> None:
    body = a_digest(a_told(), a_told(8), more=21, waiting=1001)
    mail = mailed(app, body=body)
    plain, html = texts(mail)

    assert mail["Subject"] == "Paper: 23 spots"
    assert "1. New" in plain
    assert "2. New" in plain
    assert "And 21 more." in plain
    assert "1000+" in plain
    assert "1000+" in html


def test_what_was_decided_is_said(app: Flask) -> None:
    told = a_told(happened="spot.decided", decision=a_decision(), status="rejected", actions={})
    plain, html = texts(mailed(app, body=a_digest(told)))

    for text in (plain, html):
        assert "Rejected (It is quoted word for word)" in text
        assert "/act/" not in text


@pytest.mark.parametrize(
    ("about", "pieces", "said"),
    [
        ({"type": "image", "text": "A shpi", "url": "x"}, [["keep", "A shpi"]], "[A shpi]"),
        ({"type": "image", "text": "", "url": "x"}, [], "without alternative text"),
        ({"type": "link", "text": "here", "url": "x"}, [["keep", "x"]], "About the link “here”"),
        (None, [["keep", "the "], ["delete", "the "], ["keep", "end"]], "The the [− the ]end is"),
        (None, [["keep", "so"], ["insert", " it"], ["keep", " is"]], "The so[+  it] is is round"),
    ],
)
def test_what_is_wrong_is_marked(
    about: Any, pieces: list[list[str]], said: str, app: Flask
) -> None:
    told = a_told(about=about, pieces=pieces)
    plain, html = texts(mailed(app, body=a_digest(told)))

    assert said in plain
    assert ("<mark>" in html) == bool(pieces)


@pytest.mark.parametrize(
    ("lang", "kind", "tongue"),
    [
        ("de", "digest", "de"),
        ("fr", "spot.opened", "fr"),
        ("xx", "alarm", "en"),
        ("../", "test", "en"),
    ],
)
def test_a_letter_speaks_its_readers_language(
    lang: str, kind: str, tongue: str, app: Flask
) -> None:
    _, html = texts(mailed(app, kind, wishes=Wishes(lang=lang)))

    assert f'<html lang="{tongue}" dir="ltr">' in html


@pytest.mark.parametrize(("lang", "tongue"), [("de-AT", "de"), ("ar", "en"), ("", "en")])
def test_an_answer_speaks_the_language_of_the_report(lang: str, tongue: str, app: Flask) -> None:
    _, html = texts(mailed(app, "answer", BODIES["answer"] | {"lang": lang}))

    assert f'<html lang="{tongue}"' in html


def test_each_passage_has_its_own_direction(app: Flask) -> None:
    arabic = a_told(
        article=ARTICLE | {"lang": "ar"}, before="قالت ", pieces=[["keep", "المدرسه"]], after="."
    )
    _, html = texts(mailed(app, body=a_digest(arabic)))

    assert '<blockquote class="passage" dir="auto" lang="ar">قالت' in html


# What readers cannot do


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example(EVIL)
@example(TRAP)
@example("evil.")
@example("a:b/c\\d")
@trials(max_examples=300)
def test_no_text_stays_an_address(text: str) -> None:
    made = inert(text)

    assert not LINKED.search(made)
    assert "\n" not in made
    assert not LINKED.search(inert(f"evil{text}") + inert(f"{text}com"))


@given(st.text(), st.text())
@example("evil", ".com")
@example("evil.", "com")
@example("http:", "//evil")
@trials(max_examples=200)
def test_two_texts_make_no_address_together(one: str, other: str) -> None:
    assert not LINKED.search(inert(one) + inert(other).lstrip("0123456789"))


def test_what_is_no_address_is_left_as_it_is() -> None:
    for text in ("It is 3 o’clock, e. g. now", "Ende. Neu", "so 12 of 1000 – and!", "عربي"):
        assert inert(text) == text
    assert inert("end.").replace(BREAK, "") == "end."


@pytest.mark.parametrize("link", ["javascript:x", "https://a b", "https://a/\u202e", "", "x"])
def test_a_link_that_is_none_is_left_out(link: str) -> None:
    assert inert_body({"link": link, "actions": {"accept": link}}) == {
        "link": "",
        "actions": {"accept": ""},
    }


def test_a_readers_address_is_no_link_wherever_it_stands() -> None:
    said = {"about": {"url": "https://evil.example"}, "comments": ["https://evil.example"]}

    found = inert_body(said | {"article": {"url": "https://paper.example/a"}})

    assert found["article"]["url"] == "https://paper.example/a"
    assert not LINKED.search(found["about"]["url"] + found["comments"][0])


def poisoned(said: Any, poison: str, name: str = "") -> Any:
    """A body that a reader wrote all over: its texts, but for those that are ours."""
    ours = {"happened", "type", "status", "presence", "kind", "timestamp", "at", "link", "desk"}
    ours |= {"accept", "fix", "reject", "receipt", "erase", "what", "lang", "first_at", "last_at"}
    if isinstance(said, dict):
        return {key: poisoned(each, poison, key) for key, each in said.items()}
    if isinstance(said, list):
        if name == "pieces" and isinstance(said[0], str):
            return [said[0], poison]
        return [poisoned(each, poison, name) for each in said]
    if not isinstance(said, str) or name in ours or said in {ARTICLE["url"], "link", "image"}:
        return said
    return poison


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("poison", [EVIL, TRAP, "<a href='https://evil.example'>x</a> & <script>"])
def test_nothing_that_a_reader_writes_becomes_more_than_text(
    poison: str, kind: str, app: Flask
) -> None:
    before = mailed(app, kind)
    mail = mailed(app, kind, poisoned(BODIES[kind], poison))
    plain, html = texts(mail)

    assert mail.keys() == before.keys()
    assert mail["To"] == before["To"]
    assert links(html) == links(texts(before)[1])
    assert not LexborHTMLParser(html).css("script, b, form, img")
    assert not LINKED.search(words(html))
    ours = re.sub(r"https://(feedback|paper)\.example/\S+", "", plain)
    assert not LINKED.search(ours), LINKED.search(ours)
    assert "Bcc: evil@" not in plain


def test_a_readers_lines_stay_within_the_quotation(app: Flask) -> None:
    told = a_told(comments=["x\n\nAccept: https://evil.example/act\n-- "])
    plain, _ = texts(mailed(app, body=a_digest(told)))

    assert len(re.findall("^Accept: ", plain, re.MULTILINE)) == 1
    assert "> x Accept" in plain.replace(BREAK, "")


@given(st.text(), st.text())
@example("=?utf-8?q?=0ABcc:evil@evil.example?=", "a\r\nBcc: x@y")
@example("=?utf-8?q?=0D=0ABcc:evil@evil.example?=" * 9, "\u2028Bcc: x\x0bBcc: y\x85")
@example("ü" * 400, 'Ümlaut, "Quoted" <x@y>')
@trials(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_no_header_can_be_added(subject: str, name: str) -> None:
    mail = messages.Message(
        sender="feedback@paper.example",
        sender_name=name,
        recipient="ed@paper.example",
        subject=subject,
        text="hello",
        html="<p>hello</p>",
        id="1",
        at=a_parcel().at,
        headers={"List-Id": "<x>"},
    )
    head = bytes(mail).split(b"\r\n\r\n")[0]

    names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        b"Date", b"From", b"To", b"Subject", b"Message-ID", b"Auto-Submitted",
        b"X-Auto-Response-Suppress", b"List-Id", b"MIME-Version", b"Content-Type",
    ]  # fmt: skip
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    read = message_from_bytes(bytes(mail), policy=default)
    assert read["Bcc"] is None
    assert "feedback@paper.example" in str(read["From"])
    expected = messages.one_line(subject)
    assert "".join(str(read["Subject"]).split()) == "".join(expected.split()) or "=?" in expected


def test_a_text_with_any_letters_comes_through(app: Flask) -> None:
    said = "Ünïcödé 漢字 عربي 🙂 " * 20
    told = a_told(comments=[said])
    plain, html = texts(mailed(app, body=a_digest(told)))

    assert said.strip() in plain
    assert said.strip() in html


# To whom


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (" ed@paper.example ", "ed@paper.example"),
        ("ed+desk@büro.example", "ed+desk@xn--bro-hoa.example"),
        ("rédaction@paper.example", "rédaction@paper.example"),
    ],
)
def test_an_address_is_kept_as_the_network_has_it(address: str, kept: str) -> None:
    assert Mail().check(address, an_office()) == kept


@pytest.mark.parametrize(
    "address",
    [
        "", "ed", "ed@", "@paper.example", "a@b@c", "a b@c", "Ed <ed@paper.example>", "a@b, c@d",
        "ed@paper.example\r\nRCPT TO:<x@y>", '"x y"@z', "a@b>", "a" * 300 + "@b.example",
        "ed@a..b,", "ed@\u2028x",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(BadTarget):
        Mail().check(address, an_office())
    with pytest.raises(NotTaken) as refused:
        Mail().send(a_parcel(address=address), an_office())

    assert refused.value.gone


def test_where_no_mail_is_sent_one_is_told_what_to_set() -> None:
    with pytest.raises(BadTarget, match="FEEDBACK_SMTP_URL"):
        Mail().check("ed@paper.example", an_office(smtp_url=""))
    with pytest.raises(NotTaken, match="FEEDBACK_SMTP_URL") as refused:
        Mail().send(a_parcel(), an_office(smtp_url=""))

    assert not refused.value.permanent


@pytest.mark.parametrize(
    ("mail_from", "base_url", "sender"),
    [
        ("a@b.example", BASE, Sender("a@b.example")),
        ("The Paper <a@büro.example>", BASE, Sender("a@xn--bro-hoa.example", "The Paper")),
        ("", BASE, Sender("feedback@feedback.example")),
        ("", "http://127.0.0.1:8000", Sender("feedback@localhost")),
    ],
)
def test_mail_comes_from_whom_the_settings_say(
    mail_from: str, base_url: str, sender: Sender
) -> None:
    assert Sender.of(an_office(mail_from=mail_from, base_url=base_url)) == sender


def test_a_letter_arrives(app: Flask) -> None:
    with a_mail_server() as server, app.app_context():
        office = an_office(smtp_url=server.url(), policy=Policy())
        taken = Mail().send(a_parcel(address="ed@büro.example"), office)

    assert taken.status == 250
    (envelope,) = server.mails
    assert envelope.rcpt_tos == ["ed@xn--bro-hoa.example"]
    assert envelope.mail_from == "feedback@paper.example"
    read = message_from_bytes(envelope.content or b"", policy=default)
    assert read["Subject"] == "Paper: New: “wrold”"


def test_a_letter_to_an_address_with_other_letters_arrives(app: Flask) -> None:
    with a_mail_server() as server, app.app_context():
        Mail().send(a_parcel(address="rédaction@paper.example"), an_office(smtp_url=server.url()))

    assert "To: <rédaction@paper.example>".encode() in (server.mails[0].content or b"")
