"""Firefox, which needs no driver: it speaks WebDriver BiDi itself."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engines import actions, bidi, process
from engines.engine import HEIGHT, WIDTH, Engine, Point, until

NAMES = ["firefox-esr", "firefox"]
#: Besides what Firefox sets by itself while it is driven: nothing moves, nothing calls home.
PREFERENCES = {
    "ui.prefersReducedMotion": 1,
    "services.settings.server": "data:,nothing",
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def program() -> str:
    """Where the system's Firefox is."""
    named = os.environ.get("FEEDBACK_TEST_FIREFOX")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise pytest.UsageError("No Firefox found. `make browsers` says what to install.")
    return found


@contextmanager
def started(home: Path) -> Iterator[Engine]:
    profile = home / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    words = [program(), "--headless", "--no-remote", "--profile", str(profile)]
    said = home / "firefox.log"
    with process.running(
        [*words, "--remote-debugging-port=0"], said, {"HOME": str(home)}
    ) as firefox:
        address = until(lambda: _listens(firefox, said), "Firefox listens")
        with bidi.line(address) as line:
            line.command("session.subscribe", events=["log.entryAdded"])
            yield Firefox(line)


def _listens(firefox: subprocess.Popen[bytes], said: Path) -> str | None:
    text = said.read_text("utf-8", "replace")
    assert firefox.poll() is None, text
    found = _LISTENS.search(text)
    return found and found[1]


class Firefox:
    def __init__(self, line: bidi.Line) -> None:
        self._line = line

    @contextmanager
    def tab(self) -> Iterator["FirefoxTab"]:
        reader = self._line.command("browser.createUserContext")["userContext"]
        opened = self._line.command("browsingContext.create", type="tab", userContext=reader)
        self._line.events.clear()
        try:
            yield FirefoxTab(self._line, opened["context"])
        finally:
            self._line.command("browser.removeUserContext", userContext=reader)


class FirefoxTab:
    def __init__(self, line: bidi.Line, context: str) -> None:
        self._line = line
        self._context = context
        size = {"width": WIDTH, "height": HEIGHT}
        self._do("browsingContext.setViewport", viewport=size)

    def _do(self, method: str, **params: Any) -> dict[str, Any]:
        return self._line.command(method, context=self._context, **params)

    def open(self, address: str) -> None:
        self._do("browsingContext.navigate", url=address, wait="complete")

    def reload(self) -> None:
        self._do("browsingContext.reload", wait="complete")

    def call(self, function: str, given: Any) -> Any:
        done = self._line.command(
            "script.callFunction",
            functionDeclaration=f"text => JSON.stringify(({function})(JSON.parse(text)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(given)}],
            target={"context": self._context},
            awaitPromise=False,
        )
        if done["type"] == "exception":
            raise AssertionError(done["exceptionDetails"]["text"])
        return json.loads(done["result"]["value"])

    def click(self, at: Point, times: int = 1) -> None:
        self._perform(actions.clicks(at, times))

    def drag(self, start: Point, end: Point) -> None:
        self._perform(actions.drag(start, end))

    def press(self, *keys: str) -> None:
        self._perform(actions.chord(keys))

    def type(self, text: str) -> None:
        self._perform(actions.typing(text))

    def _perform(self, sources: list[actions.Source]) -> None:
        self._do("input.performActions", actions=sources)

    def heard(self) -> list[str]:
        self._line.command("session.status")  # what was said before the answer is in
        return [event["params"]["text"] or "" for event in self._line.events]
