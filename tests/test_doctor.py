"""`feedback doctor`: a whole installation is examined, each part of it for real."""

import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback.cli import checkup, doctor, reaching
from feedback.cli.reaching import Told
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery.models import State
from feedback.desk.figures import Figure
from feedback.embedding.findings import Finding, Mark
from feedback.server import Server
from feedback.web import reached
from feedback.worker import figures
from tests.far_end import Behaviour, Visit, a_closed_port, a_far_end, answering, head
from tests.mail_server import USER, a_mail_server
from tests.makers import a_carrier, a_letter, newsroom

Make = Callable[..., Flask]
Usage = namedtuple("Usage", "total used free")


def lines(found: Iterator[Finding]) -> list[str]:
    """What the doctor prints."""
    return [f"{each.mark}: {each.text} {each.line}".rstrip() for each in found]


def bad(found: list[str]) -> list[str]:
    return [line for line in found if line.startswith(Mark.BAD)]


@contextmanager
def served(app: Flask, port: int) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=Server(app, f"127.0.0.1:{port}").run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(30)


def test_a_whole_installation_is_found_well(make_app: Make) -> None:
    port = a_closed_port()
    with a_mail_server() as server:
        app = make_app(
            base_url=f"http://127.0.0.1:{port}", smtp_url=f"smtp://127.0.0.1:{server.port}?tls=off"
        )
        with newsroom(app), served(app, port):
            figures.add_up()

            found = lines(doctor.examine(app))

    assert bad(found) == []
    for said in (
        "ok: The database answers",
        "ok: Sites: Paper.",
        "ok: A worker does what is due.",
        "ok: No letter is dead.",
        f"ok: We answer at http://127.0.0.1:{port}.",
        "ok: Our headers arrive as we send them.",
        "ok: The clock of the service's machine goes as this one's.",
    ):
        assert any(line.startswith(said) for line in found), found
    assert server.mails == []


# The address


def at_proxy(app: Flask, change: Callable[[dict[str, str]], Any], sends: str = "") -> Behaviour:
    """Be a proxy before an application: it sends X-Forwarded-For, and may change headers."""

    def pass_on(visit: Visit) -> None:
        assert visit.request
        given = {"Authorization": visit.request.headers.get("authorization", "")}
        if sends:
            given["X-Forwarded-For"] = sends
        with app.test_client() as client:
            environ = {"REMOTE_ADDR": "10.0.0.7"}
            answer = client.get(visit.request.path, headers=given, environ_base=environ)
        told = {name: text for name, text in answer.headers.items() if name != "Content-Length"}
        change(told)
        told = {name.replace("-", "_"): text for name, text in told.items()}
        visit.send(head(answer.status_code, content_length=len(answer.data), **told) + answer.data)

    return pass_on


def seen(app: Flask, behaviour: Behaviour, *, in_use: bool = True) -> list[str]:
    """What the doctor says of an address at which somebody behaves so."""
    settings: Settings = app.extensions["settings"]
    with a_far_end(behaviour) as end:
        there = settings.model_copy(update={"base_url": end.url.rstrip("/")})
        return lines(reaching.examine(there, in_use=in_use))


@pytest.fixture
def proxied(make_app: Make) -> Flask:
    return make_app(trusted_proxies="10.0.0.0/8")


def test_a_proxy_that_says_for_whom_it_asks_is_well(proxied: Flask) -> None:
    found = seen(proxied, at_proxy(proxied, dict.items, "192.0.2.1"))

    # The application has an https address, its proxy here none.
    assert "ok: Requests come through 10.0.0.7, and we know for whom." in found
    assert bad(found) == []


def test_a_proxy_that_is_not_trusted_is_named_with_the_setting(app: Flask) -> None:
    found = seen(app, at_proxy(app, dict.items, "192.0.2.1"))

    (line,) = bad(found)
    assert line.startswith("BAD: Requests come through 10.0.0.7, which is not trusted")
    assert line.endswith("Set FEEDBACK_TRUSTED_PROXIES=10.0.0.7")


def test_behind_https_a_proxy_must_say_for_whom_it_asks(app: Flask) -> None:
    told = Told(peer="127.0.0.1", client="127.0.0.1", forwarded=False, at=0)

    (found,) = lines(reaching._proxies(told, app.extensions["settings"]))

    assert found.startswith("BAD: Requests come without X-Forwarded-For")


def test_headers_that_a_proxy_takes_away_are_named(proxied: Flask) -> None:
    def change(told: dict[str, str]) -> None:
        del told["Content-Security-Policy"]
        told["X-Frame-Options"] = "SAMEORIGIN"

    found = seen(proxied, at_proxy(proxied, change, "192.0.2.1"))

    assert len(bad(found)) == 1
    assert "Content-Security-Policy, X-Frame-Options." in bad(found)[0]


def test_somebody_else_at_the_address_is_found_out(app: Flask, make_app: Make) -> None:
    other = make_app(secret_key="x" * 40)

    answers = [
        seen(app, answering(b"<h1>Welcome to nginx!</h1>")),
        seen(app, answering(b"[1]")),
        seen(app, answering(b"", 502)),
        seen(app, at_proxy(other, dict.items)),
    ]

    for (line,), status in zip(answers, (200, 200, 502, 404), strict=True):
        assert line.startswith("BAD: What answers at")
        assert f"({status})" in line
    assert all("FEEDBACK_SECRET_KEY" in line for (line,) in answers)


def test_an_address_that_leads_elsewhere_is_named(app: Flask) -> None:
    (found,) = seen(app, answering(b"", 301, location="https://www.feedback.example/"))

    assert found.startswith("BAD: http://127.0.0.1:")
    assert "redirects elsewhere: set FEEDBACK_BASE_URL" in found


@pytest.mark.parametrize(("in_use", "mark"), [(True, "BAD"), (False, "note")])
def test_nobody_at_the_address_is_a_fault_once_the_service_is_in_use(
    app: Flask, in_use: bool, mark: str
) -> None:
    settings: Settings = app.extensions["settings"]
    there = settings.model_copy(update={"base_url": f"https://127.0.0.1:{a_closed_port()}"})

    (found,) = lines(reaching.examine(there, in_use=in_use))

    assert found.startswith(f"{mark}: Nobody answers at https://127.0.0.1:")
    assert "feedback serve" in found


def test_a_clock_that_goes_otherwise_is_found_out() -> None:
    assert bad(lines(reaching.skewed(30, "the database's machine"))) == [
        "BAD: The clock of the database's machine is 30 s ahead of this one's: let NTP keep both."
    ]
    assert bad(lines(reaching.skewed(-11, "x")))
    assert not bad(lines(reaching.skewed(-3, "x")))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_databases_clock_is_compared(app: Flask) -> None:
    with app.app_context():
        (well,) = lines(checkup.clock(app.extensions["settings"]))
        with time_machine.travel(now() + timedelta(hours=1)):
            (off,) = lines(checkup.clock(app.extensions["settings"]))

    assert well.startswith("ok: The clock of the database")
    assert off.startswith("BAD: The clock of the database's machine is 36")
    assert "behind" in off


def test_how_a_request_reaches_us_is_told_to_nobody_else(app: Flask) -> None:
    client, secret = app.test_client(), app.extensions["settings"].secret
    shown = reached.a_pass(secret)
    with time_machine.travel(now() - timedelta(hours=2)):
        old = reached.a_pass(secret)

    def answered(text: str | None) -> int:
        headers = {"Authorization": text} if text is not None else {}
        return client.get("/doctor", headers=headers).status_code

    assert answered(shown) == 200
    others = (None, "", "Bearer ", old, shown[:-1], reached.a_pass("other"), "Bearer é")
    assert {answered(text) for text in others} == {404}


# What it stands on


def test_a_worker_that_is_gone_is_missed(app: Flask) -> None:
    settings = app.extensions["settings"]
    with app.app_context():
        never = lines(checkup.worker(settings))
        figures.add_up()
        works = lines(checkup.worker(settings))
        db.session.execute(sa.update(Figure).values(at=now() - timedelta(minutes=11)))
        db.session.commit()
        gone = lines(checkup.worker(settings))

    assert never[0].startswith("note: No worker has worked here yet: feedback ")
    assert works == ["ok: A worker does what is due."]
    assert gone[0].startswith("BAD: No worker has worked since about ")
    assert gone[0].endswith("feedback serve" if settings.embedded else "feedback worker")


def test_letters_that_are_dead_are_counted(app: Flask) -> None:
    with newsroom(app) as (site, _):
        carrier = a_carrier(site)
        letter = a_letter(carrier)
        letter.state, letter.due_at = State.DEAD, None
        carrier.off_at, carrier.off_why = now(), "the far end answers 410 Gone"
        db.session.commit()

        found = lines(checkup.letters())

    assert found[0].startswith("note: https://far.example/… of Paper hears nothing any more")
    assert found[1].startswith("note: A letter is dead: ")
    assert found[1].endswith("feedback letters list --dead")


def test_a_valkey_that_does_not_answer_is_a_fault(make_app: Make) -> None:
    app = make_app(redis_url=f"redis://127.0.0.1:{a_closed_port()}/0")

    (found,) = lines(checkup.limits(app))

    assert found.startswith("BAD: FEEDBACK_REDIS_URL does not answer")


@pytest.mark.parametrize(
    ("who", "query", "sign_in", "said"),
    [
        ("", "?tls=off", False, "note: The mail server at 127.0.0.1:{port} lets us in, unencry"),
        ("", "?tls=required", False, "BAD: The mail server at 127.0.0.1:{port} does not let us in"),
        (f"{USER.replace('@', '%40')}:{'wrong'}@", "?tls=off", True, "BAD: The mail server at"),
    ],
    ids=["open", "not encrypted", "wrong password"],
)
def test_the_mail_server_is_asked_and_sent_nothing(
    make_app: Make, who: str, query: str, sign_in: bool, said: str
) -> None:
    with a_mail_server(sign_in=sign_in) as server:
        app = make_app(smtp_url=f"smtp://{who}127.0.0.1:{server.port}{query}")

        (found,) = lines(checkup.mail(app.extensions["settings"]))

    assert found.startswith(said.format(port=server.port))
    assert "wrong" not in found
    assert server.mails == []


def test_a_secret_key_that_others_may_read_is_a_fault(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    kept = settings.home / "secret_key"
    kept.chmod(0o644)

    (found,) = lines(checkup.secret(settings))

    assert found == f"BAD: Others may read the secret key: chmod 600 {kept}"


@pytest.mark.parametrize(("free", "mark"), [(5e9, "ok"), (9e8, "note"), (5e7, "BAD")])
def test_room_on_the_disk_is_looked_at(
    app: Flask, monkeypatch: pytest.MonkeyPatch, free: float, mark: str
) -> None:
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda _: Usage(1e12, 1, free))

    (found,) = lines(checkup.disk(app.extensions["settings"]))

    assert found.startswith(f"{mark}: ")
