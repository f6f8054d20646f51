"""The webhook notifier against real far ends: what is sent, how it is signed, what comes of it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from feedback.delivery import signing
from feedback.delivery.contract import SAID, BadTarget, NotTaken, Office, Parcel, Taken
from feedback.delivery.notifiers import webhook
from feedback.delivery.notifiers.webhook import Webhook as Notifier
from feedback.delivery.wishes import Wishes
from feedback.outbound import Policy
from tests.far_end import (
    Behaviour,
    FarEnd,
    a_certificate,
    a_closed_port,
    a_far_end,
    answering,
    dripping,
    endless,
    head,
    redirecting,
    sending,
    silent,
)

WEBHOOK = Notifier()
UID = UUID("0b7c5d8e-57a4-4f0e-9f50-8d2c1f6f3a11")
NEW, OLD, OLDEST = (signing.make() for _ in range(3))
EVENT = {
    "type": "spot.opened",
    "timestamp": "2026-11-24T00:33:55.868832Z",
    "data": {"é": "“wrold”"},
}


def an_office(*pairs: str, **limits: Any) -> Office:
    return Office(Policy(allow=frozenset(pairs), **limits), "https://feedback.example", "secret")


def a_parcel(address: str, *secrets: str, kind: str = "spot.opened", **body: Any) -> Parcel:
    at = datetime(2026, 11, 24, 0, 33, 55, tzinfo=UTC)
    return Parcel(UID, kind, at, body or EVENT, address, secrets or (NEW,), Wishes(), 1)


def sent(end: FarEnd, *secrets: str, **more: Any) -> Taken:
    return WEBHOOK.send(a_parcel(f"{end.url}hook?key=1", *secrets, **more), an_office(end.pair))


def refused(behaviour: Behaviour, **limits: Any) -> NotTaken:
    with a_far_end(behaviour) as end, pytest.raises(NotTaken) as caught:
        WEBHOOK.send(a_parcel(end.url), an_office(end.pair, **limits))
    return caught.value


def test_a_letter_is_posted_as_it_was_signed() -> None:
    with a_far_end(answering(b"thanks", 202)) as end:
        taken = sent(end)

    [request] = end.requests
    assert taken == Taken(202, "thanks")
    assert (request.method, request.path) == ("POST", "/hook?key=1")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "msg_0b7c5d8e57a44f0e9f508d2c1f6f3a11"
    assert Webhook(NEW).verify(request.body, request.headers) == EVENT
    assert "“wrold”".encode() in request.body


def test_a_changed_letter_is_not_verified() -> None:
    with a_far_end(answering(b"")) as end:
        sent(end)

    [request] = end.requests
    verifier = Webhook(NEW)
    for body, headers in (
        (request.body + b" ", {}),
        (request.body, {"webhook-id": "msg_1"}),
        (request.body, {"webhook-timestamp": str(int(request.headers["webhook-timestamp"]) + 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(body, request.headers | headers)


def test_each_try_has_the_same_id_and_body_and_its_own_time() -> None:
    start = datetime.now(UTC)
    with a_far_end(answering(b"no", 500)) as end:
        for minutes in (0, 7):
            at = start + timedelta(minutes=minutes)
            with time_machine.travel(at, tick=False), pytest.raises(NotTaken):
                sent(end)

    first, second = end.requests
    stamps = [int(each.headers["webhook-timestamp"]) for each in (first, second)]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert stamps[1] - stamps[0] == 420


def test_while_a_secret_is_changed_both_are_good() -> None:
    with a_far_end(answering(b"")) as end:
        sent(end, NEW, OLD, OLDEST)

    [request] = end.requests
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(request.body, request.headers) == EVENT
    with pytest.raises(WebhookVerificationError):
        Webhook(OLDEST).verify(request.body, request.headers)


@pytest.mark.parametrize("secrets", [("",), ("whsec_",), ("whsec_*",)])
def test_without_a_good_secret_nothing_is_sent(secrets: tuple[str, ...]) -> None:
    with a_far_end(answering(b"")) as end, pytest.raises(NotTaken, match="make a new secret"):
        sent(end, *secrets)

    assert end.requests == []


def test_what_is_no_event_is_sent_under_its_kind() -> None:
    with a_far_end(answering(b"")) as end:
        sent(end, kind="test", site={"id": 1, "name": "Paper"}, by="Ed")

    assert json.loads(end.requests[0].body) == {
        "type": "test",
        "timestamp": "2026-11-24T00:33:55.000000Z",
        "data": {"site": {"id": 1, "name": "Paper"}, "by": "Ed"},
    }


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_success_is_one(status: int) -> None:
    with a_far_end(answering(b"", status)) as end:
        assert sent(end) == Taken(status, "")


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (answering(b"x" * 1_000_000), "x" * SAID),
        (endless(head(200)), "x" * SAID),
        (endless(head(200, content_length=10**9)), "x" * SAID),
        (answering(b"fine", content_length=9), ""),
        (answering(b"fine", content_encoding="gzip"), ""),
        (answering("caf\u00e9 \0\x1b[1m\n\u202eok".encode()), "café   [1m\n ok"),
        (answering(b"\xff\xfe"), "\ufffd\ufffd"),
    ],
    ids=["large", "endless", "promising", "short", "garbled", "control", "bytes"],
)
def test_after_a_success_its_answer_matters_no_more(behaviour: Behaviour, said: str) -> None:
    with a_far_end(behaviour) as end:
        taken = sent(end)

    assert taken.status == 200
    assert taken.said.startswith(said[:4])
    assert len(taken.said) <= SAID


def test_a_success_whose_body_drips_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.5)
    with a_far_end(dripping(head(200, content_length=10_000))) as end:
        assert sent(end).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    with a_far_end(answering(b"here")) as there:
        error = refused(redirecting(f"{there.url}new", status=status))

    assert there.requests == []
    assert f"{there.url}new" in error.said
    assert "put the new address in its place" in error.said
    assert (error.status, error.permanent) == (status, False)


def test_a_redirect_that_leads_nowhere_is_told_too() -> None:
    error = refused(answering(b"", 302))

    assert error.said.startswith("the address redirects; ")


def test_410_switches_off() -> None:
    error = refused(answering(b"moved away", 410))

    assert (error.status, error.gone, error.permanent) == (410, True, True)
    assert "410 Gone" in error.said
    assert "moved away" in error.said


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500, 502, 503, 999])
def test_other_failures_are_tried_again(status: int) -> None:
    error = refused(answering(b"", status))

    assert (error.status, error.permanent, error.gone) == (status, False, False)
    assert str(status) in error.said


@pytest.mark.parametrize(
    ("status", "resting"), [(422, False), (413, False), (500, True), (401, True)]
)
def test_what_is_about_one_letter_does_not_hold_up_others(status: int, resting: bool) -> None:
    assert refused(answering(b"no", status)).resting is resting


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 400, 999_999_999.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1.5", None),
        ("Tue, 31 Dec 99999999999 23:59:59 GMT", None),
    ],
)
def test_how_long_the_far_end_wants_to_rest_is_heard(
    status: int, text: str, seconds: float | None
) -> None:
    assert refused(answering(b"busy", status, retry_after=text)).retry_after == seconds


@pytest.mark.parametrize(("minutes", "seconds"), [(10, 600.0), (-10, 0.0)])
def test_until_when_the_far_end_wants_to_rest_is_heard(minutes: int, seconds: float) -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    then = format_datetime(at + timedelta(minutes=minutes), usegmt=True)
    with time_machine.travel(at, tick=False):
        error = refused(answering(b"busy", 503, retry_after=then))

    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (sending(b""), "hung up"),
        (sending(b"HTTP/1.1 200 OK\r\nContent-"), "hung up"),
        (sending(b"hello\r\n\r\n"), "no valid HTTP"),
    ],
    ids=["hangs-up", "cut", "no-http"],
)
def test_a_far_end_in_trouble_is_tried_again(behaviour: Behaviour, said: str) -> None:
    error = refused(behaviour)

    assert said in error.said
    assert (error.status, error.permanent, error.resting) == (None, False, True)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (silent(), "silent for 0.2 s"),
        (dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "), "longer than 0.5 s"),
    ],
    ids=["silent", "dripping"],
)
def test_a_slow_far_end_is_tried_again(
    behaviour: Behaviour, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.5)

    error = refused(behaviour, read=0.2)

    assert said in error.said
    assert (error.status, error.permanent, error.resting) == (None, False, True)


def test_a_far_end_that_is_not_there_is_tried_again() -> None:
    port = a_closed_port()

    with pytest.raises(NotTaken, match="takes no connection") as caught:
        WEBHOOK.send(a_parcel(f"http://127.0.0.1:{port}/"), an_office(f"127.0.0.1:{port}"))

    assert not caught.value.permanent


def test_a_far_end_must_prove_who_it_is(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path, "localhost")
    with a_far_end(answering(b""), certificate=certificate) as end:
        pair = f"localhost:{end.port}"
        parcel = a_parcel(f"https://{pair}/")
        with pytest.raises(NotTaken, match="no secure connection") as caught:
            WEBHOOK.send(parcel, an_office(pair))
        taken = WEBHOOK.send(parcel, an_office(pair, ca_bundle=certificate[0]))

    assert not caught.value.permanent
    assert taken.status == 200
    assert len(end.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://10.0.0.1/hook",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://ed:secret@hooks.example/",
        "http://hooks.example/",
        "ftp://hooks.example/",
        "hooks.example",
    ],
)
def test_nothing_is_sent_where_it_may_not_go_and_the_owner_is_told(address: str) -> None:
    with pytest.raises(NotTaken) as caught:
        WEBHOOK.send(a_parcel(address), an_office())

    assert caught.value.gone


def test_a_private_far_end_is_reached_only_where_it_is_named() -> None:
    with a_far_end(answering(b"")) as end:
        with pytest.raises(NotTaken, match="FEEDBACK_FETCH_ALLOW"):
            WEBHOOK.send(a_parcel(end.url), an_office())
        sent(end)

    assert end.connections == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://hooks.example", "https://hooks.example/"),
        (" https://Hooks.Example:443/a?b=c#d ", "https://hooks.example/a?b=c"),
        ("http://intranet.example:8080/x", "http://intranet.example:8080/x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://10.0.0.7/", "https://10.0.0.7/"),
    ],
)
def test_an_address_is_kept_in_one_spelling(written: str, kept: str) -> None:
    office = an_office("intranet.example:8080", "10.0.0.7:443")

    assert WEBHOOK.check(written, office) == kept


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://hooks.example/", "https://"),
        ("http://intranet.example:8080/", "add intranet.example:8080 to FEEDBACK_FETCH_ALLOW"),
        ("http://[fd00::1]/", "add [fd00::1]:80 to FEEDBACK_FETCH_ALLOW"),
        ("https://hooks.example:8443/", "add hooks.example:8443 to FEEDBACK_FETCH_ALLOW"),
        ("https://192.168.1.1/", "private address"),
        ("https://[::1]/", "this machine"),
        ("https://0x7f.1/", "four decimal numbers"),
        ("https://a:b@hooks.example/", "leave it out"),
        ("mailto:ed@paper.example", "http"),
        ("", "http"),
        ("https://", "no address"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_the_remedy(address: str, said: str) -> None:
    with pytest.raises(BadTarget) as caught:
        WEBHOOK.check(address, an_office())

    assert said in str(caught.value)


def test_secrets_are_as_the_specification_asks() -> None:
    secrets = {signing.make() for _ in range(50)}

    assert len(secrets) == 50
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 24


def test_the_specifications_own_example_is_signed_as_there() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1_614_265_330, UTC)

    headers = signing.sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = b'{"url": "https://paper.example/"}'


def signed(**changed: str) -> dict[str, str]:
    return signing.sign([NEW], "msg_1", AT, BODY) | {
        f"webhook-{name}": text for name, text in changed.items()
    }


def test_what_the_library_signs_is_taken() -> None:
    headers = signed(signature=Webhook(NEW).sign("msg_1", AT, BODY.decode()))

    signing.check(NEW, headers, BODY, AT)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    signing.check(NEW, signed(), BODY, AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 10**8])
def test_clocks_may_not_differ_by_more(seconds: int) -> None:
    with pytest.raises(signing.NotSigned, match="five minutes"):
        signing.check(NEW, signed(), BODY, AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "msg_2"},
        {"id": "é"},
        {"id": ""},
        {"timestamp": ""},
        {"timestamp": "now"},
        {"timestamp": "1e9"},
        {"timestamp": "-1"},
        {"timestamp": "٣"},
        {"timestamp": "9" * 5000},
        {"signature": ""},
        {"signature": "v1"},
        {"signature": "v1,"},
        {"signature": "v1,é"},
        {"signature": "v1,\udc80"},
        {"signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signature": ", , ,,"},
    ],
)
def test_what_is_not_signed_is_not_taken(changed: dict[str, str]) -> None:
    with pytest.raises(signing.NotSigned):
        signing.check(NEW, signed(**changed), BODY, AT)


def test_one_of_several_signatures_suffices() -> None:
    good = signed()["webhook-signature"]
    headers = signed(signature=f"v1a,abc v1,{'A' * 43}= {good}")

    signing.check(NEW, headers, BODY, AT)
    with pytest.raises(signing.NotSigned):
        signing.check(OLD, headers, BODY, AT)
