"""The outbox: a letter is claimed, carried and settled; what fails comes again, and no other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback.db import db
from feedback.delivery import carriers, outbox, retrying
from feedback.delivery.contract import NotTaken, Taken
from feedback.delivery.models import Attempt, Carrier, Letter, Means, State
from feedback.delivery.outbox import CannotReplay, Claimed, Settled
from feedback.sites import Site
from tests.makers import a_carrier, a_letter, a_site

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DELAYS = (5.0, 60.0, 600.0)
LEASE = 60.0


@pytest.fixture
def site(app: Flask) -> Iterator[Site]:
    with app.app_context():
        yield a_site()


@pytest.fixture
def far(site: Site) -> Carrier:
    return a_carrier(site)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def claimed(at: datetime = NOON, *, troubled: bool = True) -> Claimed | None:
    """Claim as a worker does."""
    carrier = db.session.scalar(outbox.free(at, troubled=troubled))
    found = outbox.claim(db.session, carrier, at, LEASE) if carrier else None
    db.session.commit()
    return found


def taken(at: datetime = NOON) -> Claimed:
    found = claimed(at)
    assert found
    return found


def settled(
    mine: Claimed, result: Taken | NotTaken, at: datetime = NOON, took: float = 0
) -> Settled | None:
    until = at + timedelta(seconds=took)
    done = outbox.settle(db.session, mine, result, at, until, DELAYS)
    db.session.commit()
    return done


def as_it_is(letter: Letter) -> Letter:
    db.session.refresh(letter)
    return letter


# Claims


def test_what_is_due_is_claimed_once(far: Carrier) -> None:
    letter = a_letter(far, at=NOON)

    first, second = claimed(), claimed()

    assert first
    assert first.parcel.uid == letter.uid
    assert first.parcel.address == far.address
    assert first.parcel.secrets == (far.secret,)
    assert second is None


def test_what_is_not_due_is_not_claimed(far: Carrier) -> None:
    a_letter(far, at=NOON, due_at=after(30))

    assert claimed(after(29)) is None
    assert claimed(after(30))


def test_a_claim_that_was_lost_is_another_s_under_the_same_id(far: Carrier) -> None:
    a_letter(far, at=NOON)
    lost = taken()

    assert claimed(after(LEASE - 1)) is None
    again = taken(after(LEASE))

    assert again.parcel.uid == lost.parcel.uid
    assert settled(lost, Taken(), after(LEASE)) is None
    assert settled(again, Taken(), after(LEASE + 1))
    assert claimed(after(2 * LEASE)) is None


def test_letters_of_a_thread_go_one_after_another(far: Carrier) -> None:
    first, second = (a_letter(far, at=NOON, thread="spot:1") for _ in range(2))
    other = a_letter(far, at=NOON, thread="spot:2")

    mine, others = taken(), taken()
    settled(mine, NotTaken("busy", resting=False))
    while_it_waits = claimed(after(1))
    settled(taken(after(10)), Taken(), after(10))
    last = taken(after(10))

    assert mine.parcel.uid == first.uid
    assert others.parcel.uid == other.uid
    assert while_it_waits is None
    assert last.parcel.uid == second.uid


def test_a_far_end_gets_so_many_at_once_and_no_more(far: Carrier) -> None:
    for _ in range(outbox.ABREAST + 1):
        a_letter(far, at=NOON)

    mine = [taken() for _ in range(outbox.ABREAST)]

    assert claimed() is None
    settled(mine[0], Taken())
    assert claimed()


def test_a_far_end_that_has_much_to_get_is_not_in_the_way_of_others(
    site: Site, far: Carrier
) -> None:
    for _ in range(10):
        a_letter(far, at=NOON)
    quick = a_carrier(site, address="https://quick.example/")
    letter = a_letter(quick, at=NOON)

    uids = {taken().parcel.uid for _ in range(outbox.ABREAST + 1)}

    assert letter.uid in uids


# What comes of it


def test_what_arrived_is_settled_with_its_attempt(far: Carrier) -> None:
    letter = a_letter(far, at=NOON)

    settled(taken(), Taken(204, "thanks"), took=0.25)

    assert as_it_is(letter).state is State.SENT
    assert letter.due_at is letter.leased_until is None
    (attempt,) = letter.attempts
    assert (attempt.arrived, attempt.status, attempt.said, attempt.took) == (
        True,
        204,
        "thanks",
        250,
    )
    assert db.session.get_one(Carrier, far.id).sent_at == after(0.25)


def test_what_was_not_taken_comes_again_ever_later_and_then_is_dead(far: Carrier) -> None:
    letter, at, gaps = a_letter(far, at=NOON), NOON, []

    for _ in DELAYS:
        settled(taken(at), NotTaken("busy", status=503), at)
        due = as_it_is(letter).due_at
        assert due
        assert claimed(due - timedelta(seconds=1)) is None
        gaps.append((due - at).total_seconds())
        at = due
    done = settled(taken(at), NotTaken("busy", status=503), at)

    assert all(
        least <= gap <= least * (1 + retrying.JITTER)
        for gap, least in zip(gaps, DELAYS, strict=True)
    )
    assert done
    assert (done.dead, done.off) == (True, False)
    assert as_it_is(letter).state is State.DEAD
    assert len(letter.attempts) == len(DELAYS) + 1
    assert claimed(at + timedelta(days=9)) is None


def test_a_far_end_says_when_it_wants_to_be_asked_again(far: Carrier) -> None:
    letter, later = a_letter(far, at=NOON), a_letter(far, at=NOON)

    settled(taken(), NotTaken("later", status=429, retry_after=300))

    assert as_it_is(letter).due_at == after(300)
    assert as_it_is(later).due_at == NOON
    assert claimed(after(299)) is None
    assert claimed(after(300))


def test_nobody_is_left_alone_for_longer_than_a_day(far: Carrier) -> None:
    letter = a_letter(far, at=NOON)

    settled(taken(), NotTaken("later", retry_after=10**9))

    assert as_it_is(letter).due_at == NOON + retrying.LONGEST


def test_others_wait_a_little_where_a_far_end_fails(far: Carrier) -> None:
    a_letter(far, at=NOON)
    second = a_letter(far, at=NOON)

    settled(taken(), NotTaken("down"))
    fresh = a_letter(far, at=after(1))

    assert claimed(after(4)) is None
    assert taken(after(7)).parcel.uid == second.uid
    assert as_it_is(fresh).tries == 0


def test_what_is_the_letter_s_own_fault_keeps_no_other(far: Carrier) -> None:
    a_letter(far, at=NOON)
    second = a_letter(far, at=NOON)

    settled(taken(), NotTaken("no such field", status=422, permanent=True))

    assert taken().parcel.uid == second.uid


def test_a_permanent_refusal_is_dead_at_once(far: Carrier) -> None:
    letter = a_letter(far, at=NOON)

    done = settled(taken(), NotTaken("never", permanent=True))

    assert done
    assert (done.dead, done.off) == (True, False)
    assert as_it_is(letter).state is State.DEAD


def test_where_nothing_is_ever_taken_the_carrier_is_switched_off(far: Carrier) -> None:
    letter, waiting = a_letter(far, at=NOON), a_letter(far, at=NOON)

    done = settled(taken(), NotTaken("410 Gone", status=410, gone=True))

    assert done
    assert (done.dead, done.off) == (True, True)
    assert done.carrier.off_why == "410 Gone"
    assert as_it_is(letter).state is State.DEAD
    assert as_it_is(waiting).state is State.WAITING
    assert claimed(after(9999)) is None


def test_what_waited_goes_once_a_carrier_is_on_again(far: Carrier) -> None:
    carriers.off(far, NOON)
    db.session.commit()
    letter = a_letter(far, at=NOON)
    meanwhile = claimed(after(1))

    carriers.on(db.session, far)
    db.session.commit()

    assert meanwhile is None
    assert taken(after(2)).parcel.uid == letter.uid


def test_one_reader_s_dead_address_does_not_switch_the_post_off(site: Site) -> None:
    post = carriers.post_office(db.session, site.id, NOON)
    letter = a_letter(post, "answer", at=NOON, address="ann@reader.example")
    mine = taken()

    done = settled(mine, NotTaken("no such user", gone=True))

    assert mine.parcel.address == "ann@reader.example"
    assert done
    assert (done.dead, done.off) == (True, False)
    assert as_it_is(letter).address == ""


def test_a_site_has_one_post(site: Site) -> None:
    first, second = (carriers.post_office(db.session, site.id, NOON) for _ in range(2))

    assert first is second
    assert db.session.scalars(carriers.of(site.id)).all() == []


# Trouble


def test_a_far_end_in_trouble_gets_one_at_a_time(far: Carrier) -> None:
    for _ in range(3):
        a_letter(far, at=NOON)
    settled(taken(), NotTaken("down"))

    mine = taken(after(10))
    other = claimed(after(10))
    settled(mine, Taken(), after(11))
    both = [claimed(after(11)) for _ in range(2)]

    assert other is None
    assert None not in both


@pytest.mark.parametrize("result", [NotTaken("down"), Taken()], ids=["refused", "slow"])
def test_who_has_no_patience_leaves_it_out(
    far: Carrier, site: Site, result: Taken | NotTaken
) -> None:
    a_letter(far, at=NOON)
    a_letter(far, at=NOON)
    settled(taken(), result, took=6)
    quick = a_carrier(site, address="https://quick.example/")

    alone = claimed(after(20), troubled=False)
    letter = a_letter(quick, at=after(20))
    beside = claimed(after(20), troubled=False)

    assert alone is None
    assert beside
    assert beside.parcel.uid == letter.uid
    assert claimed(after(20))


# Trying out


def test_a_trial_is_made_once_whatever_waits(far: Carrier) -> None:
    a_letter(far, at=NOON)
    trial = a_letter(far, outbox.TEST, at=NOON)

    mine = outbox.seize(db.session, trial, NOON, LEASE)
    db.session.commit()
    done = settled(mine, NotTaken("down"))

    assert done
    assert (done.dead, done.off) == (False, False)
    assert as_it_is(trial).state is State.DROPPED
    assert [attempt.said for attempt in trial.attempts] == ["down"]


# What a person does


def test_a_dead_letter_goes_again_under_the_same_id(far: Carrier) -> None:
    letter = a_letter(far, at=NOON)
    settled(taken(), NotTaken("never", permanent=True))

    outbox.replay(db.session, as_it_is(letter), after(60))
    db.session.commit()
    again = taken(after(60))
    settled(again, Taken(), after(60))

    assert again.parcel.uid == letter.uid
    assert as_it_is(letter).state is State.SENT
    assert [attempt.arrived for attempt in letter.attempts] == [False, True]


def test_what_is_on_its_way_does_not_go_twice(far: Carrier) -> None:
    letter = a_letter(far, at=NOON)

    with pytest.raises(CannotReplay):
        outbox.replay(db.session, letter, NOON)


def test_what_was_to_a_reader_cannot_go_again(site: Site) -> None:
    post = carriers.post_office(db.session, site.id, NOON)
    letter = a_letter(post, "answer", at=NOON, address="ann@reader.example")
    settled(taken(), NotTaken("never", permanent=True))

    with pytest.raises(CannotReplay, match="forgotten"):
        outbox.replay(db.session, as_it_is(letter), NOON)


def test_a_dropped_letter_goes_nowhere_and_lets_its_thread_go_on(far: Carrier) -> None:
    first, second = (a_letter(far, at=NOON, thread="spot:1") for _ in range(2))

    outbox.drop(first, NOON)
    db.session.commit()

    assert first.state is State.DROPPED
    assert taken().parcel.uid == second.uid


def test_letters_are_forgotten_in_time_and_bit_by_bit(far: Carrier, site: Site) -> None:
    sent = [a_letter(far, at=NOON) for _ in range(3)]
    for _ in sent:
        settled(taken(), Taken())
    dead = a_letter(far, at=NOON)
    settled(taken(), NotTaken("never", permanent=True))
    waiting = a_letter(far, at=NOON, due_at=after(10**9))
    gone = a_carrier(site, address="https://gone.example/")
    stuck = a_letter(gone, at=NOON)
    carriers.off(gone, NOON)
    db.session.commit()

    first, second = (forgotten(days=31) for _ in range(2))
    then = left()
    forgotten(days=91)

    assert (first, second) == (True, False)
    assert then == {dead.id, waiting.id, stuck.id}
    assert left() == {waiting.id}
    assert db.session.scalars(sa.select(Attempt)).all() == []


def test_letters_are_kept_for_a_month_and_dead_ones_for_three(far: Carrier) -> None:
    a_letter(far, at=NOON)
    settled(taken(), Taken())
    dead = a_letter(far, at=NOON)
    settled(taken(), NotTaken("never", permanent=True))

    forgotten(days=29)
    both = left()
    forgotten(days=89)

    assert len(both) == 2
    assert left() == {dead.id}


def forgotten(days: int) -> bool:
    more = outbox.forget(db.session, NOON + timedelta(days=days), 2)
    db.session.commit()
    return more


def left() -> set[int]:
    return set(db.session.scalars(sa.select(Letter.id)))


def test_a_new_secret_stands_beside_the_old_one_for_a_day(far: Carrier) -> None:
    old = far.secret

    new = carriers.rotate(far, NOON)
    db.session.commit()
    a_letter(far, at=NOON)
    a_letter(far, at=NOON)
    within, later = taken(after(3600)), taken(after(86_401))

    assert within.parcel.secrets == (new, old)
    assert later.parcel.secrets == (new,)


def test_the_means_names_the_notifier(site: Site) -> None:
    a_letter(a_carrier(site, Means.MAIL, "desk@paper.example"), at=NOON)

    assert taken().means is Means.MAIL
