"""The receivers that the page shows: each takes what is signed, and nothing else."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from feedback.db import now
from feedback.delivery import signing
from feedback.delivery.contract import NotTaken, Office, Parcel
from feedback.delivery.notifiers.webhook import Webhook
from feedback.delivery.wishes import Wishes
from feedback.outbound import Policy
from feedback.web.api import examples

PAGE = Path(__file__).parent.parent / "docs" / "webhooks.md"
#: How each language's code is run: the end of a file's name, and the command.
RUN = {
    "python": (
        ".py",
        [sys.executable, "-m", "flask", "--app", "{file}", "run", "--port", "{port}"],
    ),
    "js": (".mjs", ["node", "{file}"]),
    "php": (".php", ["php", "-S", "127.0.0.1:{port}", "{file}"]),
}
#: PHP is on few machines.
HERE = [language for language, (_, command) in RUN.items() if shutil.which(command[0])]
SECRET = signing.make()


def code(language: str) -> str:
    [found] = re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(found)


def a_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int, program: subprocess.Popen[bytes]) -> bool:
    assert program.poll() is None, "the receiver has ended"
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def receiver(language: str, place: Path) -> Iterator[str]:
    """The address of a receiver that the page shows; what it says is in `said`."""
    ending, command = RUN[language]
    file, port = place / f"receiver{ending}", a_port()
    file.write_text(code(language), "utf-8")
    words = [word.format(file=file, port=port) for word in command]
    environment = os.environ | {"WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    with (place / "said").open("wb") as said:
        program = subprocess.Popen(words, env=environment, cwd=place, stdout=said, stderr=said)
        try:
            until = time.monotonic() + 30
            while not answers(port, program) and time.monotonic() < until:
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/"
        finally:
            program.terminate()
            program.wait(10)


@pytest.mark.parametrize("language", HERE)
def test_a_receiver_takes_what_is_signed_and_nothing_else(language: str, tmp_path: Path) -> None:
    event = examples.EVENTS["spot.decided"] | {"note": "“é”"}
    at = datetime(2026, 11, 24, tzinfo=UTC)
    other = signing.make()
    with receiver(language, tmp_path) as address:
        pair = address.removeprefix("http://").rstrip("/")
        office = Office(Policy(allow=frozenset({pair})), "https://feedback.example", "secret")
        parcel = Parcel(uuid4(), "spot.decided", at, event, address, (SECRET,), Wishes(), 1)

        statuses = [
            Webhook().send(each, office).status
            for each in (parcel, parcel, replace(parcel, secrets=(other, SECRET)))
        ]
        with pytest.raises(NotTaken) as refused:
            Webhook().send(replace(parcel, secrets=(other,)), office)
        body = b'{"type": "test", "data": {}}'
        old = signing.sign(
            [SECRET], "msg_1", datetime.fromtimestamp(now().timestamp() - 400, UTC), body
        )
        stale = requests.post(address, body, headers=old, timeout=10).status_code
        bare = [
            requests.post(address, body, headers=headers, timeout=10).status_code
            for headers in ({}, old | {"webhook-timestamp": "x", "webhook-signature": "y"})
        ]

    assert statuses == [204, 204, 204]
    assert refused.value.status == 401
    assert (stale, bare) == (401, [401, 401])
    assert "spot.decided" in (tmp_path / "said").read_text("utf-8")
