"""The load: so many connections that send report after report, in a process of its own.

`python -m bench.load` reads a job from standard input and writes what came of it.
"""

import asyncio
import gc
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from time import perf_counter
from urllib.parse import urlsplit

from bench.bodies import ORIGIN, Place, bodies, comment
from bench.parts import Void

#: Seconds after a burst's end in which the last answers must come.
GRACE = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """A burst of reports to `path` at `port` of this machine."""

    port: int
    path: str
    #: Names the reports: no two jobs for one database have the same.
    seed: str
    connections: int
    seconds: float
    #: How many reports there are to send; the burst ends early when none is left.
    most: int
    #: Sent as comments on Isso's threads (`bodies.comment`).
    comments: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job."""

    seconds: float
    #: Answers by their status; "lost" where none came.
    statuses: dict[str, int]
    #: Each answer's time, in microseconds.
    times: list[int]
    #: How many different places were reported.
    places: int

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds


def run(job: Job) -> Outcome:
    """Carry out `job` in a process of its own. Raises Void."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Void(f"{job.connections} connections got no answer for {GRACE:.0f} s")
    return Outcome(**json.loads(done.stdout))


class Burst:
    """The reports that are still to be sent, and the answers so far."""

    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self._requests = requests
        self._seconds = seconds
        self._open = 0
        self.sent = 0
        self.times: list[int] = []
        self.statuses: Counter[str] = Counter()
        self.done = asyncio.get_running_loop().create_future()

    async def run(self, connections: Iterable["Connection"]) -> float:
        """Send on all `connections` until time or reports are up; give the seconds it took."""
        everyone = list(connections)
        self._open = len(everyone)
        began = perf_counter()
        self._until = began + self._seconds
        for connection in everyone:
            connection.send()
        await asyncio.wait_for(self.done, self._seconds + GRACE)
        return perf_counter() - began

    def next(self) -> bytes | None:
        """Give the next request, None when the burst is over."""
        if self.sent == len(self._requests) or perf_counter() >= self._until:
            return None
        self.sent += 1
        return self._requests[self.sent - 1]

    def left(self) -> None:
        """Count a connection that has ended."""
        self._open -= 1
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


class Connection(asyncio.Protocol):
    """One reader after another on one connection: the next sends once the last is answered."""

    def __init__(self, burst: Burst) -> None:
        self._burst = burst
        self._transport: asyncio.Transport
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self) -> None:
        """Send the next report, or end."""
        request = self._burst.next()
        if request is None:
            self._sent_at = 0.0
            self._transport.close()
            return
        self._sent_at = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take what has come of an answer; once it is whole, go on."""
        self._received += data
        if not _whole(self._received):
            return
        self._burst.times.append(int((perf_counter() - self._sent_at) * 1e6))
        self._burst.statuses[self._received[9:12].decode()] += 1
        self._received = b""
        self.send()

    def connection_lost(self, _error: Exception | None) -> None:
        """Say so if an answer was still to come."""
        if self._sent_at:
            self._burst.statuses["lost"] += 1
        self._burst.left()


def _whole(answer: bytes) -> bool:
    """Tell whether this is an answer to its end; ours all state their length."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length)


def _request(job: Job, place: Place, body: bytes) -> bytes:
    path, media = job.path, "text/plain;charset=UTF-8"
    if job.comments:
        path, media = f"{path}?uri={urlsplit(place.url).path}", "application/json"
        body = comment(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\nOrigin: {ORIGIN}\r\n"
        f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
        f"Accept: */*\r\nReferer: {ORIGIN}/\r\nUser-Agent: bench\r\n\r\n"
    )
    return head.encode() + body


async def _carry_out(job: Job) -> Outcome:
    made = bodies(job.seed, job.most)
    burst = Burst([_request(job, *each) for each in made], job.seconds)
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: Connection(burst), "127.0.0.1", job.port))[1]
        for _ in range(job.connections)
    ]
    gc.freeze()
    gc.disable()
    seconds = await burst.run(connections)
    reached = {place for place, _ in made[: burst.sent]}
    return Outcome(seconds, dict(burst.statuses), burst.times, len(reached))


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_carry_out(Job(**json.load(sys.stdin)))))))
