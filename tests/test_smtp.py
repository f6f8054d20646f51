"""SMTP: real conversations with servers on loopback, good and bad."""

import socket
from email import message_from_bytes
from email.policy import default
from time import monotonic
from urllib.parse import quote

import pytest

from feedback.delivery import smtp
from feedback.delivery.contract import NotTaken, Taken
from feedback.delivery.smtp import Mail, Server
from tests.mail_server import PASSWORD, USER, a_mail_server, a_script, localhost

__all__ = ["localhost"]

DATA = b"Subject: hello\r\n\r\n.dotted\r\n..twice\r\n"
WHO = f"{quote(USER)}:{quote(PASSWORD)}@"


def a_mail(recipient: str = "ed@paper.example") -> Mail:
    return Mail("feedback@paper.example", recipient, DATA)


def sent(url: str, mail: Mail | None = None, ca: str | None = None) -> Taken:
    return smtp.send(Server.read(url), mail or a_mail(), name="paper.example", ca_bundle=ca)


def not_sent(url: str, mail: Mail | None = None, ca: str | None = None) -> NotTaken:
    with pytest.raises(NotTaken) as caught:
        sent(url, mail, ca)
    return caught.value


# The address


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 587, False, "offered")),
        ("smtp://mail.example:25/?tls=off", Server("mail.example", 25, False, "off")),
        ("smtps://mail.example", Server("mail.example", 465, True, "offered")),
        ("smtp://[::1]:25?tls=required", Server("::1", 25, False, "required")),
        (
            "smtp://a%40b.example:p%3A%2F@mail.example",
            Server("mail.example", 587, False, "required", "a@b.example", "p:/"),
        ),
    ],
)
def test_a_server_is_read_from_its_address(url: str, server: Server) -> None:
    assert Server.read(url) == server
    assert "p:/" not in repr(Server.read(url))


# What goes well


def test_a_mail_is_taken(localhost: tuple[str, str]) -> None:
    with a_mail_server() as server:
        taken = sent(server.url())

    assert (taken.status, taken.said) == (250, "2.0.0 Queued")
    (mail,) = server.mails
    assert mail.mail_from == "feedback@paper.example"
    assert mail.rcpt_tos == ["ed@paper.example"]
    assert mail.mail_options == [f"SIZE={len(DATA)}"]
    assert mail.content == DATA


def test_what_is_offered_is_encrypted(localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost) as server:
        sent(server.url(), ca=localhost[0])

    assert server.encrypted == [True]


def test_a_mail_is_encrypted_from_the_first_byte(localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost, implicit=True, sign_in=True) as server:
        sent(server.url("smtps", WHO), ca=localhost[0])

    assert server.encrypted == [True]
    assert server.users == [USER]


def test_it_signs_in_once_it_is_encrypted(localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost, sign_in=True) as server:
        sent(server.url(who=WHO), ca=localhost[0])

    assert server.encrypted == [True]
    assert server.users == [USER]


def test_a_password_goes_unencrypted_where_the_settings_say_so() -> None:
    with a_mail_server(sign_in=True) as server:
        sent(server.url(who=WHO, query="?tls=off"))

    assert server.encrypted == [False]
    assert server.users == [USER]


def test_an_address_with_other_letters_goes_where_the_server_takes_it() -> None:
    with a_mail_server() as server:
        sent(server.url(), a_mail("rédaction@paper.example"))

    assert server.mails[0].rcpt_tos == ["rédaction@paper.example"]
    assert "SMTPUTF8" in server.mails[0].mail_options


def test_what_is_sent_is_a_mail() -> None:
    with a_mail_server() as server:
        sent(server.url())

    assert message_from_bytes(server.mails[0].content or b"", policy=default)["subject"] == "hello"


# What goes badly


def test_a_password_is_not_shown_to_who_may_listen() -> None:
    with a_mail_server(sign_in=True) as server:
        why = not_sent(server.url(who=WHO))

    assert "STARTTLS" in why.said
    assert not why.permanent
    assert server.users == []


@pytest.mark.parametrize("implicit", [True, False])
def test_a_certificate_must_be_trusted(implicit: bool, localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost, implicit=implicit) as server:
        why = not_sent(server.url("smtps" if implicit else "smtp"))

    assert "certificate is not trusted" in why.said
    assert not why.permanent
    assert server.mails == []


@pytest.mark.parametrize("implicit", [True, False])
def test_a_certificate_must_name_the_server(implicit: bool, localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost, implicit=implicit) as server:
        url = server.url("smtps" if implicit else "smtp").replace("localhost", "127.0.0.1")
        why = not_sent(url, ca=localhost[0])

    assert "certificate is not trusted" in why.said


def test_a_wrong_password_is_tried_again_and_not_told(localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost, sign_in=True) as server:
        why = not_sent(server.url(who=f"{quote(USER)}:wrong@"), ca=localhost[0])

    assert why.status == 535
    assert not why.permanent
    assert "wrong" not in why.said


def test_a_password_that_no_server_takes_is_no_crash(localhost: tuple[str, str]) -> None:
    with a_mail_server(certificate=localhost, sign_in=True) as server:
        why = not_sent(server.url(who="user:p%C3%A4ss@"), ca=localhost[0])

    assert not why.permanent


#: What a server answers to a step, and what that means: permanent, gone, resting.
ANSWERS = [
    ("RCPT", "421 4.3.2 Going down", (False, False, True)),
    ("RCPT", "450 4.2.1 Mailbox busy", (False, False, False)),
    ("RCPT", "451 4.7.1 Greylisted", (False, False, False)),
    ("RCPT", "550 5.1.1 No such user", (True, True, False)),
    ("RCPT", "550 No such user here", (True, True, False)),
    ("RCPT", "550 5.2.1 Mailbox disabled", (True, True, False)),
    ("RCPT", "550 5.7.1 Not from you", (True, False, False)),
    ("RCPT", "554 Transaction failed", (True, False, False)),
    ("RCPT", "552 5.2.2 Mailbox full", (False, False, False)),
    ("RCPT", "552 Too many recipients", (False, False, False)),
    ("RCPT", "530 5.7.0 Sign in first", (False, False, False)),
    ("MAIL", "421 Going down", (False, False, True)),
    ("MAIL", "451 4.3.0 Try later", (False, False, True)),
    ("MAIL", "550 5.1.8 Bad sender", (True, False, True)),
    ("MAIL", "552 Too large", (True, False, True)),
    ("DATA", "421 Going down", (False, False, True)),
    ("DATA", "450 4.7.0 Try later", (False, False, True)),
    ("DATA", "550 5.7.1 Looks like spam", (True, False, True)),
    ("DATA", "552 5.3.4 Too large", (True, False, True)),
]


@pytest.mark.parametrize(("step", "answer", "means"), ANSWERS)
def test_an_answer_means_what_it_says(
    step: str, answer: str, means: tuple[bool, bool, bool]
) -> None:
    with a_mail_server(answers={step: answer}) as server:
        why = not_sent(server.url())

    assert (why.status, why.said) == (int(answer[:3]), answer[4:])
    permanent, gone, resting = means
    assert (why.permanent, why.gone) == (permanent, gone)
    assert permanent or why.resting == resting
    assert server.mails == []


def test_a_server_that_takes_no_other_letters_gets_none() -> None:
    with a_mail_server(utf8=False) as server:
        why = not_sent(server.url(), a_mail("rédaction@paper.example"))

    assert (why.permanent, why.gone) == (True, False)


def test_a_mail_that_is_too_large_is_not_sent_at_all() -> None:
    with a_mail_server(largest=10) as server:
        why = not_sent(server.url())

    assert why.status == 552
    assert why.permanent


HELLO = (b"220 mail.example", b"250 mail.example", b"250 OK", b"250 OK")


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (b"220 mail.example",),
        HELLO[:3],
        HELLO,
        (*HELLO, b"354 Go on"),
    ],
    ids=["at once", "after the greeting", "after the sender", "before the text", "within the text"],
)
def test_who_hangs_up_is_asked_again(lines: tuple[bytes, ...]) -> None:
    with a_script(*lines) as port:
        why = not_sent(f"smtp://127.0.0.1:{port}")

    assert (why.permanent, why.resting) == (False, True)


@pytest.mark.parametrize("greeting", [b"421 Not now", b"554 No mail here", b"999 What", b"hello"])
def test_who_does_not_greet_is_asked_again(greeting: bytes) -> None:
    with a_script(greeting) as port:
        why = not_sent(f"smtp://127.0.0.1:{port}")

    assert (why.permanent, why.resting) == (False, True)


@pytest.mark.parametrize("lines", [(), HELLO[:2], (*HELLO, b"354 Go on")])
def test_who_is_silent_is_left(lines: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SILENCE", 0.3)
    with a_script(*lines, stalls=True) as port:
        why = not_sent(f"smtp://127.0.0.1:{port}")

    assert why.said == "the mail server was too slow"
    assert (why.permanent, why.resting) == (False, True)


@pytest.mark.parametrize("lines", [(), HELLO[:2]])
def test_who_drips_is_left(lines: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TOTAL", 0.5)
    begun = monotonic()
    with a_script(*lines, drips=True) as port:
        why = not_sent(f"smtp://127.0.0.1:{port}")

    assert why.said == "the mail server was too slow"
    assert monotonic() - begun < 10


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_where_nobody_is_one_asks_again(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    why = not_sent(f"smtp://{host}:{port}")

    assert (why.permanent, why.resting) == (False, True)
    assert why.said.startswith("the mail server cannot be reached")


def test_what_a_server_says_is_kept_as_a_line() -> None:
    with a_mail_server(answers={"RCPT": "450-4.2.1 Busy\r\n450 \x1b[31m and\x00 red"}) as server:
        why = not_sent(server.url())

    assert why.said == "4.2.1 Busy [31m and red"
