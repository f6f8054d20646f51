"""Mail, all the way: a reader reports, an editor gets mail, decides by its link, stops it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import sqlalchemy as sa
import time_machine
from aiosmtpd.smtp import Envelope
from flask import Flask

from feedback import worker
from feedback.accounts.models import Editor
from feedback.config import Settings
from feedback.db import db, now
from feedback.delivery import carriers
from feedback.delivery.contract import Office
from feedback.delivery.models import Attempt, Carrier, Letter, Means, State
from feedback.delivery.wishes import Rhythm, Wishes
from feedback.desk.letters import subscriptions
from feedback.desk.models import Decision
from feedback.worker import digests, letters
from tests.mail_server import MailServer, a_mail_server
from tests.makers import a_body, csrf, newsroom, send

MakeApp = Callable[..., Flask]

BASE = "https://feedback.example"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def work(app: Flask) -> None:
    """Do what is due, until nothing is."""
    with app.app_context():
        while letters.tell_what_happened() | digests.write_digests() | letters.carry_next():
            pass


def read(envelope: Envelope) -> EmailMessage:
    found = message_from_bytes(envelope.content or b"", policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def subscribe(app: Flask, wishes: Wishes) -> None:
    with newsroom(app) as (site, ed):
        settings: Settings = app.extensions["settings"]
        subscriptions.keep(db.session, ed, site, wishes, Office.of(settings), now())
        db.session.commit()


def test_from_a_report_to_a_decision(make_app: MakeApp) -> None:
    with a_mail_server() as server, time_machine.travel(NOON, tick=False) as clock:
        app = make_app(smtp_url=server.url(), mail_from="Desk <desk@paper.example>")
        subscribe(app, Wishes(lang="de"))
        for exact in ("wrold", "teh"):
            assert send(app.test_client(), a_body(exact, nth=0)).status_code == 201

        work(app)
        assert server.mails == []
        clock.shift(timedelta(seconds=21))
        work(app)

        (envelope,) = server.mails
        mail = read(envelope)
        assert envelope.rcpt_tos == ["ed@paper.example"]
        assert mail["From"] == "Desk <desk@paper.example>"
        assert "2" in mail["Subject"]
        links = re.findall(rf"{BASE}/act/\S+\.accept\.\S+", text(mail))
        assert len(links) == 2
        client = app.test_client()
        path = links[0].removeprefix(BASE)
        data = {"csrf_token": csrf(client.get(path, base_url=BASE).text)}
        answer = client.post(path, base_url=BASE, data=data, headers={"Referer": links[0]})
        assert answer.status_code == 303
        with app.app_context():
            decision = db.session.scalars(sa.select(Decision)).one()
            assert db.session.get_one(Editor, decision.editor_id).email == "ed@paper.example"
        _stops(app, server, mail)


def _stops(app: Flask, server: MailServer, mail: EmailMessage) -> None:
    path = mail["List-Unsubscribe"].strip("<>").removeprefix(BASE)
    form = {"List-Unsubscribe": "One-Click"}
    assert app.test_client().post(path, base_url=BASE, data=form).status_code == 200
    assert send(app.test_client(), a_body("captain")).status_code == 201
    with app.app_context():
        assert db.session.scalars(sa.select(Carrier)).one().off_at is not None
    work(app)
    assert len(server.mails) == 1


def test_what_is_refused_for_now_comes_again_as_the_same_mail(make_app: MakeApp) -> None:
    answers = {"DATA": "451 4.3.0 Try later"}
    with a_mail_server(answers=answers) as server, time_machine.travel(NOON, tick=False) as clock:
        app = make_app(smtp_url=server.url(), retry_delays="5,60")
        subscribe(app, Wishes(rhythm=Rhythm.EACH))
        send(app.test_client())
        work(app)
        with app.app_context():
            letter = db.session.scalars(sa.select(Letter)).one()
            assert letter.state is State.WAITING
            said = db.session.scalars(sa.select(Attempt)).one()
            assert (said.status, said.said) == (451, "4.3.0 Try later")
            uid = letter.uid
        del answers["DATA"]

        clock.shift(timedelta(seconds=7))
        work(app)

        (envelope,) = server.mails
        assert read(envelope)["Message-ID"] == f"<{uid.hex}@feedback.example>"
        with app.app_context():
            assert db.session.scalars(sa.select(Letter)).one().state is State.SENT


def test_a_mailbox_that_is_gone_switches_its_carrier_off(make_app: MakeApp) -> None:
    with a_mail_server(answers={"RCPT": "550 5.1.1 No such user"}) as server:
        app = make_app(smtp_url=server.url())
        with newsroom(app) as (site, _):
            office = Office.of(app.extensions["settings"])
            wishes = Wishes(rhythm=Rhythm.EACH)
            carriers.add(
                db.session, site, Means.MAIL, "x@paper.example", office, now(), wishes=wishes
            )
            db.session.commit()
        send(app.test_client())

        work(app)

        with app.app_context():
            tried = sa.select(Carrier).where(Carrier.address == "x@paper.example")
            carrier = db.session.scalars(tried).one()
            assert carrier.off_why == "5.1.1 No such user"
            its = sa.select(Letter.state).where(Letter.carrier_id == carrier.id)
            assert db.session.scalars(its).one() is State.DEAD


def test_the_worker_has_these_duties() -> None:
    named = {duty.name for duty in worker.DUTIES}

    assert {"write digests", "raise alarms", "forget old alarms"} <= named
