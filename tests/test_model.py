"""The service does what a small model of it does, whatever readers and editors come up with.

`FEEDBACK_TEST_STORIES=2000 pytest tests/test_model.py` tells so many stories on each database.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from feedback.db import db
from feedback.desk import decisions, merging, queue
from feedback.reports import landing
from feedback.web.api import views
from tests.model_machine import Newsrooms

#: How many stories are told on each database, and how many steps each has at the most.
STORIES: Final = int(os.environ.get("FEEDBACK_TEST_STORIES", "16"))
STEPS: Final = 30


def tell(app: Flask, stories: int, *phases: Phase) -> None:
    """Tell stories to the service and to the model. Fails where they differ."""

    class Here(Newsrooms):
        pass

    Here.app = app
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=stories,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            phases=phases or (Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_service_does_what_its_model_does(app: Flask) -> None:
    tell(app, STORIES)


def _blind(session: Any, spot: Any, editor: Any, verdict: Any) -> Any:
    return decisions.decide(session, spot, editor, replace(verdict, version=spot.version))


def _anyone(spot_id: int) -> Any:
    return db.session.scalar(queue.whole(spot_id))


def _nothing(*_args: Any) -> None:
    pass


#: What the service might do wrong: what does it, and what it does instead.
WRONGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "same words are one spot": (landing, "same_place", lambda a, b: a.exact == b.exact),
    "each report is a spot": (landing, "same_place", lambda a, b: False),
    "late decisions are made": (views, "decide", _blind),
    "other sites' spots are found": (views, "_own", _anyone),
    "an undone split leaves the reports": (merging, "unsplit", _nothing),
    "readers are not heard": (landing, "tally", _nothing),
    "an editor's wording is lost": (decisions, "_wording", lambda spot, verdict: {}),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wrong", WRONGS)
def test_what_is_wrong_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setattr(*WRONGS[wrong])

    with pytest.raises(AssertionError):
        tell(app, 300, Phase.generate)
