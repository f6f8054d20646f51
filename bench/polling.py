"""Open desks: so many browsers that ask now and then what is new, in a process of its own.

`python -m bench.polling` reads a job from standard input and writes what came of it.
"""

import asyncio
import gc
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter, time

from bench.parts import Void


@dataclass(frozen=True, slots=True)
class Job:
    """Desks at `port` of this machine, one for each cookie."""

    port: int
    path: str
    cookies: list[str]
    #: Seconds between two questions of one desk, and how long all of it goes on.
    every: float
    seconds: float
    #: The page was made so many seconds ago: what has happened since is news.
    ago: float = 0
    #: Whether a desk that has heard news asks for later ones, as desks do.
    moves: bool = True


@dataclass(slots=True)
class Outcome:
    """What came of a job."""

    #: Answers by their status.
    statuses: dict[str, int] = field(default_factory=dict)
    #: Each answer's time, in microseconds.
    times: list[int] = field(default_factory=list)
    #: After how many of them the server ended the connection.
    ended: int = 0

    def add(self, answer: "Answer", seconds: float) -> None:
        """Count an answer."""
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        self.times.append(int(seconds * 1e6))
        self.ended += answer.last


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says."""

    status: str
    body: bytes
    #: Whether it ends the connection.
    last: bool


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Polling:
    """A job that is carried out in a process of its own."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.polling"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asdict(job)))
        self._process.stdin.close()
        self._process.stdin = None

    def begun(self) -> None:
        """Wait until the desks are open."""
        assert self._process.stdout
        self._process.stdout.readline()

    def outcome(self) -> Outcome:
        """Wait for the end; give what came of it. Raises Void."""
        told, _ = self._process.communicate()
        if self._process.returncode:
            raise Void("the desks got no answer")
        return Outcome(**json.loads(told))

    def end(self) -> None:
        """End it before its time."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def polling(job: Job) -> Iterator[Polling]:
    """Open the desks."""
    made = Polling(job)
    try:
        made.begun()
        yield made
    finally:
        made.end()


async def _desk(job: Job, cookie: str, outcome: Outcome) -> None:
    """Ask again and again, from a moment on that differs from desk to desk.

    A connection is kept as long as the server keeps it, as browsers do.
    """
    since, until = int((time() - job.ago) * 1e6), perf_counter() + job.seconds
    wait = random.random() * job.every
    kept: Connection | None = None
    while perf_counter() + wait < until:
        await asyncio.sleep(wait)
        began = perf_counter()
        reader, writer = kept or await asyncio.open_connection("127.0.0.1", job.port)
        writer.write(_request(job, cookie, since))
        answer = await _answer(reader)
        outcome.add(answer, perf_counter() - began)
        if answer.last:
            writer.close()
        kept = None if answer.last else (reader, writer)
        if job.moves and answer.body.startswith(b"{"):
            since = json.loads(answer.body)["at"]
        wait = max(0, job.every - (perf_counter() - began))


def _request(job: Job, cookie: str, since: int) -> bytes:
    asked = f"{job.path}?since={since}"
    return (
        f"GET {asked} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\nCookie: {cookie}\r\n"
        "Accept: */*\r\nAccept-Encoding: gzip, br\r\nUser-Agent: bench\r\n\r\n"
    ).encode()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("\r\ncontent-length: ")[2].partition("\r\n")[0]
    body = await reader.readexactly(int(length or 0))
    return Answer(head[9:12], body, "\r\nconnection: close" in head)


async def _carry_out(job: Job) -> Outcome:
    outcome = Outcome()
    gc.freeze()
    print(flush=True)
    await asyncio.gather(*(_desk(job, cookie, outcome) for cookie in job.cookies))
    return outcome


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_carry_out(Job(**json.load(sys.stdin)))))))
