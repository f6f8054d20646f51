"""Carrying: a far end that hangs holds up no other, what breaks comes again, owners are told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.accounts.models import Role
from feedback.db import db, now
from feedback.delivery import carriers, notifiers, outbox
from feedback.delivery.contract import NotTaken, Office, Parcel, Taken
from feedback.delivery.models import Carrier, Letter, Means, State
from feedback.desk.models import Alarm
from feedback.sites import Site
from feedback.worker import Duty, Worker, letters
from tests.far_end import Behaviour, FarEnd, Visit, a_far_end, answering
from tests.makers import a_carrier, a_letter, a_site, a_spot, an_editor

#: Seconds to wait for what must come, at the most.
PATIENCE = 20.0


class Hang:
    """A far end that answers nobody until it is let go."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def __call__(self, visit: Visit) -> None:
        self.over.wait(PATIENCE)
        answering(b"")(visit)


class Count:
    """A far end that answers at once; `enough` is set once it has so many letters."""

    def __init__(self, enough: int) -> None:
        self.left = enough
        self.enough = threading.Event()

    def __call__(self, visit: Visit) -> None:
        answering(b"")(visit)
        self.left -= 1
        if self.left == 0:
            self.enough.set()


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """A worker that carries letters, in threads of its own."""
    worker = Worker(app, (Duty("carry", 0.01, letters.carry_next, abreast=letters.HANDS),))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def far_ends(stack: ExitStack, *behaviours: Behaviour) -> list[FarEnd]:
    return [stack.enter_context(a_far_end(behaviour)) for behaviour in behaviours]


def states(carrier: Carrier) -> list[State]:
    query = sa.select(Letter.state).where(Letter.carrier_id == carrier.id).order_by(Letter.id)
    return list(db.session.scalars(query))


@pytest.mark.parametrize("hanging", ["one that is new", "many that are known"])
def test_who_hangs_holds_up_no_other(make_app: Callable[..., Flask], hanging: str) -> None:
    many = 1 if hanging == "one that is new" else letters.HANDS + 2
    hang, quick = Hang(), Count(5)
    with ExitStack() as stack:
        slow, end = far_ends(stack, hang, quick)
        app = make_app(fetch_allow=f"{slow.pair},{end.pair}")
        with app.app_context():
            site = a_site()
            stuck = [a_carrier(site, address=f"{slow.url}{number}") for number in range(many)]
            for carrier in stuck:
                carrier.rest_until = now() - timedelta(seconds=1) if many > 1 else None
                for _ in range(3):
                    a_letter(carrier)
            good = a_carrier(site, address=end.url)
            for _ in range(5):
                a_letter(good)
            with working(app):
                arrived = quick.enough.wait(PATIENCE)
                meanwhile = {state for carrier in stuck for state in states(carrier)}
                hang.over.set()

    assert arrived
    assert meanwhile == {State.WAITING}


class Broken:
    """A notifier that fails in a way that none should."""

    def check(self, address: str, office: Office) -> str:
        return address

    def send(self, parcel: Parcel, office: Office) -> Taken:
        raise KeyError("spots")


def missing(means: Means) -> Any:
    raise notifiers.NotInstalled(f"letters by {means} need the module apprise")


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[Site]:
    app = make_app(smtp_url="smtp://mail.example", retry_delays="5")
    with app.app_context():
        site = a_site()
        an_editor(site, "olga@paper.example", Role.OWNER)
        an_editor(site, "ed@paper.example", Role.EDITOR)
        yield site


def carried(carrier: Carrier, how: Any, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """Carry a letter, by a notifier that does as it is told."""

    class Told:
        def send(self, parcel: Parcel, office: Office) -> Taken:
            if isinstance(how, Exception):
                raise how
            return Taken()

    monkeypatch.setattr(notifiers, "by", how if callable(how) else lambda _: Told())
    letter = a_letter(carrier)
    claimed = outbox.seize(db.session, letter, now(), 60)
    db.session.commit()
    letters.carry(claimed)
    return letter


@pytest.mark.parametrize(
    ("how", "said"),
    [(lambda _: Broken(), "see the log"), (missing, "apprise")],
    ids=["a fault of ours", "not installed"],
)
def test_what_breaks_here_is_tried_again(
    site: Site, how: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = carried(a_carrier(site), how, monkeypatch)

    assert letter.state is State.WAITING
    assert [said in attempt.said for attempt in letter.attempts] == [True]


def test_where_nothing_is_due_nothing_is_done(site: Site) -> None:
    carriers.off(a_carrier(site), now())
    db.session.commit()

    assert letters.carry_next() is False
    assert letters.tell_what_happened() is False
    assert letters.forget_old_letters() is False


def test_what_happens_is_told_by_the_worker(site: Site) -> None:
    far = a_carrier(site)
    a_spot(site)

    letters.tell_what_happened()

    assert states(far) == [State.WAITING]


# Owners


def notices() -> list[tuple[str, Any]]:
    found = db.session.scalars(sa.select(Letter).where(Letter.kind == "notice"))
    return [(letter.address, json.loads(letter.body)) for letter in found]


GONE = NotTaken("410 Gone", status=410, gone=True)
REFUSED = NotTaken("no such field", status=422, permanent=True)


@pytest.mark.parametrize(("how", "what"), [(GONE, "off"), (REFUSED, "dead")], ids=["off", "dead"])
def test_owners_are_told_what_will_not_arrive(
    site: Site, how: NotTaken, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = a_carrier(site)
    carried(far, how, monkeypatch)

    ((address, body),) = notices()
    assert address == "olga@paper.example"
    assert body == {
        "site": {"id": site.id, "name": "Paper"},
        "carrier": {"name": "https://far.example/…", "means": "webhook"},
        "what": what,
        "why": how.said,
        "link": f"https://feedback.example/desk/sites/{site.id}/carriers/{far.id}",
        "lang": "",
    }


def test_each_owner_is_told_in_the_language_that_the_desk_speaks_to_them(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, lang in (("anna", "de"), ("marie", "fr")):
        an_editor(site, f"{name}@paper.example", Role.OWNER).language = lang
    db.session.commit()
    late = NotTaken("the mail server was too slow", permanent=True)

    carried(a_carrier(site), late, monkeypatch)

    assert [(address, body["lang"]) for address, body in notices()] == [
        ("olga@paper.example", ""),
        ("anna@paper.example", "de"),
        ("marie@paper.example", "fr"),
    ]


def test_owners_are_told_once_a_day_of_each_carrier(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = a_carrier(site), a_carrier(site, address="https://other.example/")
    for far in (first, first, second):
        carried(far, REFUSED, monkeypatch)
    before = len(notices())
    db.session.execute(sa.update(Alarm).values(at=now() - timedelta(days=1)))
    db.session.execute(sa.delete(Letter).where(Letter.state == State.WAITING))
    db.session.commit()
    carried(first, REFUSED, monkeypatch)

    assert before == 2
    assert len(notices()) == 1


def test_of_the_post_itself_nobody_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    post = carriers.post_office(db.session, site.id, now())
    db.session.commit()

    letter = carried(post, REFUSED, monkeypatch)

    assert letter.state is State.DEAD
    assert notices() == []


def test_where_no_mail_is_sent_nobody_is_told(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    with make_app().app_context():
        site = a_site()
        an_editor(site, "olga@paper.example", Role.OWNER)
        letter = carried(a_carrier(site), REFUSED, monkeypatch)

        assert letter.state is State.DEAD
        assert notices() == []
