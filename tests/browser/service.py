"""The service as an owner runs it: its own process, a database of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import forks

COMMAND = Path(sys.executable).with_name("feedback")
#: Seconds that starting may take on a busy machine.
PATIENCE = 30

EDITOR = "ed@paper.example"
PASSWORD = "correct horse battery"


def a_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Service:
    """`feedback serve`, run in `home`, and the other commands on the same installation."""

    home: Path
    bind: str
    token: str = ""
    #: Settings besides the usual ones.
    more: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://{self.bind}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FEEDBACK_")}
        return kept | {
            "FEEDBACK_HOME": str(self.home),
            "FEEDBACK_BASE_URL": self.origin,
            "FEEDBACK_LIMIT_READER": "off",
            "FEEDBACK_LIMIT_SITE": "off",
            "FEEDBACK_UNDO_SECONDS": "0",
            **self.more,
        }

    def command(self, *words: str, given: str = "") -> str:
        done = forks.run(words, given=given, env=self.environment, cwd=self.home, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def install(self, origin: str) -> None:
        """Add a site, Ed, and a token that reads what the site's readers report."""
        self.command("site", "add", "Paper", "--origin", origin)
        add = ("editor", "add", EDITOR, "--site", "Paper", "--password-stdin")
        self.command(*add, given=PASSWORD)
        self.token = self.command("token", "create", EDITOR, "--site", "Paper", "--scope", "read")

    def spots(self, **query: str) -> list[dict[str, Any]]:
        """Ask the editors' API what waits."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return self._get(f"/api/v1/spots?{asked}")["spots"]

    def spot(self, spot_id: int) -> dict[str, Any]:
        return self._get(f"/api/v1/spots/{spot_id}")

    def _get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.origin + path, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    @contextmanager
    def running(self) -> Iterator["Service"]:
        with (self.home / "serve.log").open("wb") as log:
            words = [COMMAND, "serve", "--bind", self.bind]
            process = subprocess.Popen(words, env=self.environment, stderr=log, stdout=log)
        try:
            self._ready(process)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def _ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.origin}/readyz", timeout=1):
                    return
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.05)
        raise AssertionError((self.home / "serve.log").read_text())
