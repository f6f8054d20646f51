"""What is forgotten of people, and when."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from feedback import worker
from feedback.accounts import forgetting, invitations, keys
from feedback.accounts.models import Act, Invitation, Role, Scope, SignIn, Token
from feedback.db import db, now
from tests.makers import an_editor, newsroom

NOON = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
IDLE = timedelta(days=7)


@pytest.fixture
def past(app: Flask) -> Flask:
    """Two invitations, and tokens that have an end, were revoked, and last; made at NOON."""
    with newsroom(app) as (site, _), time_machine.travel(NOON, tick=False):
        owner = an_editor(site, "owner@paper.example", Role.OWNER)
        invitations.make(db.session, site.id, Role.EDITOR, "Ann", owner)
        key = invitations.make(db.session, site.id, Role.EDITOR, "Vi", owner)
        vi = an_editor(site, "vi@paper.example")
        invitations.found(db.session, key).used_at = now()
        for name, days in (("a week", 7), ("revoked", None), ("lasts", None), ("a year", 365)):
            keys.make_token(db.session, vi, site, Scope.READ, name=name, days=days)
        db.session.flush()
        db.session.execute(sa.update(Token).where(Token.name == "revoked").values(revoked_at=now()))
        db.session.commit()
    return app


def forgotten(app: Flask, days: int) -> tuple[int, list[str]]:
    """What is left of invitations and tokens so many days later."""
    with app.app_context(), time_machine.travel(NOON + timedelta(days=days), tick=False):
        assert worker.forget_ended_keys() is False
        left = db.session.scalars(sa.select(Token.name).order_by(Token.id)).all()
        return db.session.scalars(sa.select(sa.func.count(Invitation.id))).one(), list(left)


def test_invitations_and_tokens_are_kept_thirty_days_after_their_end(past: Flask) -> None:
    assert forgotten(past, 29) == (2, ["a week", "revoked", "lasts", "a year"])
    assert forgotten(past, 30) == (2, ["a week", "lasts", "a year"])
    assert forgotten(past, 36) == (2, ["a week", "lasts", "a year"])
    assert forgotten(past, 37) == (0, ["lasts", "a year"])


def test_the_record_of_administration_stays(past: Flask) -> None:
    with past.app_context():
        before = db.session.scalars(sa.select(Act.subject).order_by(Act.id)).all()

    forgotten(past, 400)

    with past.app_context():
        assert db.session.scalars(sa.select(Act.subject).order_by(Act.id)).all() == before != []


def test_it_is_done_some_at_a_time(app: Flask) -> None:
    with newsroom(app) as (_, ed):
        for _n in range(5):
            keys.sign_in(db.session, ed, days=1)
        db.session.commit()
        later, left = now() + timedelta(days=2), []

        more = [True]
        while more[-1]:
            more.append(forgetting.forget(db.session, later, IDLE, 2))
            db.session.commit()
            left.append(db.session.scalars(sa.select(sa.func.count(SignIn.id))).one())

    assert left == [3, 1, 0]
