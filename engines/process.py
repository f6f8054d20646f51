"""Programs that run beside the tests and are stopped by their own handles."""

import os
import random
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

#: Seconds until a program that does not stop when told is ended.
GRACE = 10


@contextmanager
def running(
    words: Sequence[str], said: Path, more: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, with `more` in its environment; what it says goes to a file."""
    with said.open("wb") as log:
        process = subprocess.Popen(
            words, env=os.environ | (more or {}), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def a_lasting_port() -> int:
    """Find a port that nobody is given while nothing listens there: those are above 32767."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


def listens(address: str, process: subprocess.Popen[bytes], said: Path) -> bool:
    """Tell whether a process listens at HOST:PORT yet; fails with what it said if it has ended."""
    assert process.poll() is None, said.read_text("utf-8", "replace")
    host, port = address.rsplit(":", 1)
    with suppress(OSError), socket.create_connection((host, int(port))):
        return True
    return False
