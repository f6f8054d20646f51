"""`feedback notifier` and `feedback letters`, on both databases."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from feedback import cli
from feedback.accounts.models import Act
from feedback.cli import installation
from feedback.db import db
from feedback.delivery.models import Carrier, State
from feedback.delivery.wishes import Rhythm, Wishes
from tests.far_end import a_far_end, answering
from tests.makers import a_letter, a_site

Said = tuple[int, str, str]


@dataclass
class Command:
    """The command, run in this process."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *args: str, **env: str) -> Said:
        for name, text in env.items():
            self.monkeypatch.setenv(name, text)
        self.monkeypatch.setattr(sys, "argv", ["feedback", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        status = ended.value.code or 0
        assert isinstance(status, int)
        return status, *self.capsys.readouterr()

    def said(self, *args: str, **env: str) -> str:
        status, out, err = self.run(*args, **env)
        assert status == 0, err
        return out

    def refused(self, *args: str, **env: str) -> str:
        status, out, err = self.run(*args, **env)
        assert (status != 0, out, err.count("\n")) == (True, "", 1)
        return err


@pytest.fixture
def paper(
    app: Flask,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Command]:
    """The command, on an installation with a site."""
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", database_url)
    monkeypatch.setenv("FEEDBACK_HOME", str(app.extensions["settings"].home))
    made: list[Flask] = []
    make: Callable[[], Flask] = installation.made
    monkeypatch.setattr(installation, "made", lambda: made.append(make()) or made[-1])
    with app.app_context():
        a_site()
        db.session.close()
        yield Command(monkeypatch, capsys)
    for each in made:
        with each.app_context():
            db.engine.dispose()


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOOK = "https://far.example/hook?key=hush"


def added(paper: Command, means: str = "webhook", address: str = HOOK, *more: str) -> str:
    return paper.said("notifier", "add", "--site", "Paper", means, address, *more)


def test_hours_zone_and_language_are_chosen(app: Flask, paper: Command) -> None:
    chosen = "--rhythm daily --hour 0 --zone Europe/Kyiv --language uk --quiet 22 7".split()

    added(paper, "webhook", HOOK, *chosen)

    with app.app_context():
        wishes = Wishes.read(db.session.scalars(sa.select(Carrier)).one().wishes)
    assert (wishes.rhythm, wishes.hour, wishes.zone) == (Rhythm.DAILY, 0, "Europe/Kyiv")
    assert (wishes.lang, wishes.quiet_from, wishes.quiet_to) == ("uk", 22, 7)


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("--rhythm daily --hour 24", "0<=x<=23"),
        ("--hour 7", "--rhythm daily"),
        ("--zone Kyiv", "Europe/Kyiv"),
        ("--language tlh", "'de'"),
        ("--quiet 22", "2 arguments"),
        ("--quiet 22 x", "not a valid integer"),
    ],
)
def test_a_wish_that_cannot_be_names_what_can(paper: Command, option: str, remedy: str) -> None:
    err = paper.refused("notifier", "add", "--site", "Paper", "webhook", HOOK, *option.split())

    assert remedy in err


def test_a_webhook_is_added_listed_and_removed(paper: Command) -> None:
    said = added(paper)
    listed = paper.said("notifier", "list")
    removed = paper.said("notifier", "remove", "1", "--yes")
    status, out, err = paper.run("notifier", "list")

    assert (
        said.splitlines()[0] == "Letters of Paper go by webhook to https://far.example/…: number 1."
    )
    assert re.search(r"whsec_[A-Za-z0-9+/]{32}$", said, re.MULTILINE)
    assert "feedback notifier test 1" in said
    assert listed == "1\tPaper\twebhook\thttps://far.example/…\teach\ton\n"
    assert removed == "webhook · https://far.example/… is removed.\n"
    assert (status, out) == (0, "")
    assert "feedback notifier add" in err


def test_what_was_done_is_on_record_without_secrets(paper: Command) -> None:
    added(paper, "webhook", HOOK, "--name", "The CMS")
    paper.said("notifier", "remove", "1", "--yes")

    acts = db.session.scalars(sa.select(Act).order_by(Act.id))
    assert [(act.kind, act.subject) for act in acts] == [
        ("carrier-added", "webhook · The CMS"),
        ("carrier-removed", "webhook · The CMS"),
    ]


def test_wishes_are_told_when_it_is_added(paper: Command) -> None:
    wishes = "--rhythm daily --hear spot.fixed --hear spot.opened --section Sports".split()
    added(paper, "webhook", HOOK, *wishes)

    kept = Wishes.read(db.session.scalars(sa.select(Carrier.wishes)).one())
    assert kept.rhythm is Rhythm.DAILY
    assert kept.happenings == ("spot.fixed", "spot.opened")
    assert kept.sections == ("Sports",)


def test_a_trial_says_what_came_of_it_and_is_kept(paper: Command) -> None:
    with a_far_end(answering(b"thanks")) as end:
        allowed = {"FEEDBACK_FETCH_ALLOW": end.pair}
        paper.said("notifier", "add", "--site", "Paper", "webhook", end.url, **allowed)
        good = paper.said("notifier", "test", "1", **allowed)
        sent = [request.body for request in end.requests]
    bad = paper.refused("notifier", "test", "1", **allowed)
    listed = paper.said("letters", "list")
    shown = paper.said("letters", "show", "1")

    assert re.search(r"has taken it in \d+ ms \(200\)", good)
    assert b'"type":"test"' in sent[0]
    assert "has not taken it" in bad
    assert [line.split("\t")[1] for line in listed.splitlines()] == ["dropped", "sent"]
    assert "taken 200  thanks" in shown
    assert '"by": "feedback notifier test"' in shown


def test_letters_are_replayed_and_dropped(paper: Command) -> None:
    added(paper)
    carrier = db.session.scalars(sa.select(Carrier)).one()
    for _ in range(3):
        letter = a_letter(carrier)
        letter.state, letter.due_at, letter.settled_at = State.DEAD, None, NOON
    db.session.commit()

    dead = paper.said("letters", "list", "--dead")
    dropped = paper.said("letters", "drop", "1")
    replayed = paper.said("letters", "replay", "--dead", "--site", "Paper")
    again = paper.refused("letters", "replay", "2")
    _, _, none = paper.run("letters", "list", "--dead")
    states = [line.split("\t")[:2] for line in paper.said("letters", "list").splitlines()]

    noted = sa.select(Act.subject).where(Act.kind.startswith("letters-")).order_by(Act.id)
    assert len(dead.splitlines()) == 3
    assert dropped == "1 letter will not go out.\n"
    assert replayed.startswith("2 letters to go again.")
    assert "still on its way" in again
    assert none == "No dead letter.\n"
    assert states == [["3", "waiting"], ["2", "waiting"], ["1", "dropped"]]
    assert [subject.partition("… · ")[2] for subject in db.session.scalars(noted)] == [
        "spot.opened 1",
        "2",
    ]


REFUSED = {
    "unknown site": (f"notifier add --site Herald webhook {HOOK}", "feedback site list"),
    "means unheard of": (f"notifier add --site Paper pigeon {HOOK}", "webhook"),
    "the post": ("notifier add --site Paper post ed@paper.example", "webhook"),
    "bad address": ("notifier add --site Paper webhook ftp://far.example/", "http"),
    "a machine beside ours": ("notifier add --site Paper webhook https://10.0.0.1/", "FETCH_ALLOW"),
    "unknown notifier": ("notifier test 7", "feedback notifier list"),
    "unknown to be removed": ("notifier remove 7 --yes", "feedback notifier list"),
    "unknown letter": ("letters show 7", "feedback letters list"),
    "letter beyond all": ("letters show 9223372036854775808", "feedback letters list"),
    "nothing named": ("letters replay", "--dead"),
    "both named": ("letters drop 1 --dead", "--dead"),
}


def test_what_cannot_be_done_is_said_in_one_line(paper: Command) -> None:
    said = {case: paper.refused(*line.split()) for case, (line, _) in REFUSED.items()}

    assert {case for case, line in said.items() if REFUSED[case][1] not in line} == set()
