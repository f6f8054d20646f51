"""The `feedback` command, run as people run it: short ones by a fork, what goes on for real."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests import forks

COMMAND = Path(sys.executable).with_name("feedback")
PATIENCE = 20.0


@dataclass
class Installation:
    """A home of its own, and the command on it."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if name in {"PATH", "LANG"}}
        return kept | {"FEEDBACK_HOME": str(self.home), "HOME": str(self.home)} | self.env

    def run(self, *args: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return forks.run(
            args,
            given=given,
            cwd=self.home.parent,
            env=self.environ | env,
            timeout=PATIENCE * 2,
        )

    def said(self, *args: str, given: str = "", **env: str) -> str:
        """Run a command that must work; give what it says on standard output."""
        done = self.run(*args, given=given, **env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *args: str, given: str = "", **env: str) -> str:
        """Run a command that must not work; give the one line that says why."""
        done = self.run(*args, given=given, **env)
        lines = done.stderr.splitlines()
        assert done.returncode != 0, done.stdout
        assert done.stdout == ""
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("feedback: ")
        return lines[0]

    @contextmanager
    def running(self, *args: str, **env: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command that goes on; it is ended with the block."""
        process = subprocess.Popen(
            [COMMAND, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.home.parent,
            env=self.environ | env,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def a_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def asked(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(port: int, process: subprocess.Popen[str], path: str = "/readyz") -> None:
    """Wait until a service answers well."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()
        try:
            if asked(port, path)[0] == 200:
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.05)  # between two looks
    raise AssertionError(f"nothing answers at port {port}")


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, float]:
    """Signal a process; give its status and how many seconds it took to end."""
    begun = time.monotonic()
    process.send_signal(number)
    return process.wait(PATIENCE), time.monotonic() - begun
