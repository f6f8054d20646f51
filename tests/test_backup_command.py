"""The real commands: a service takes reports from eight writers while another process backs up."""

import json
import sqlite3
import threading
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from tests.command import Installation, a_port, asked, ended, wait_for
from tests.makers import ORIGIN, a_body

WRITERS = 8
HEADERS = {"Origin": ORIGIN, "Content-Type": "text/plain;charset=UTF-8"}


def test_eight_writers_over_http_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Of what came before the backup began all is restored, and the receipts lead somewhere."""
    here, there = Installation(tmp_path / "home"), Installation(tmp_path / "there")
    here.said("site", "add", "Paper", "--origin", ORIGIN)
    file, port = str(tmp_path / "a.backup"), a_port()
    told: dict[str, str] = {}
    more, stopping = threading.Semaphore(0), threading.Event()

    def write() -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            while not stopping.is_set():
                body = a_body()
                connection.request("POST", "/api/v1/reports", json.dumps(body), HEADERS)
                answer = connection.getresponse()
                said = json.loads(answer.read())
                assert answer.status == 201, said
                told[body["id"]] = said["receipt"]
                more.release()

    limits = {"FEEDBACK_LIMIT_READER": "off", "FEEDBACK_LIMIT_SITE": "off"}
    with here.running("serve", "--bind", f"127.0.0.1:{port}", **limits) as process:
        wait_for(port, process)
        writers = [threading.Thread(target=write) for _ in range(WRITERS)]
        for thread in writers:
            thread.start()
        for _ in range(3 * WRITERS):
            assert more.acquire(timeout=20)
        before = dict(told)
        here.said("backup", file)
        stopping.set()
        for thread in writers:
            thread.join(30)
        assert ended(process)[0] == 0
    said = there.said("restore", file)

    restored = kept(there.home / "feedback.sqlite3")
    assert set(before) <= restored <= set(told)
    assert f"{len(restored):,} reports" in said
    with there.running("serve", "--bind", f"127.0.0.1:{port}") as process:
        wait_for(port, process)
        path = "/receipts/" + next(iter(before.values())).rpartition("/")[2]
        assert asked(port, path)[0] == 200


def kept(path: Path) -> set[str]:
    """The ids of the reports in a database."""
    database = sqlite3.connect(path)
    try:
        uids = [row[0] for row in database.execute("SELECT uid FROM report")]
    finally:
        database.close()
    return {f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}" for uid in uids}
