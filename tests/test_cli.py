"""The `feedback` command: run for real, on a home of its own."""

import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from feedback.cli import feedback
from tests.command import COMMAND, Installation, a_port, asked, ended, wait_for

PASSWORD = "correct horse battery"
COMMANDS = [
    [],
    ["demo"],
    ["serve"],
    ["worker"],
    ["upgrade"],
    ["site"],
    ["site", "add"],
    ["site", "list"],
    ["site", "remove"],
    ["editor"],
    ["editor", "add"],
    ["editor", "link"],
    ["editor", "disable"],
    ["editor", "two-factor"],
    ["editor", "sign-out"],
    ["token"],
    ["token", "create"],
    ["token", "revoke"],
    ["notifier"],
    ["notifier", "add"],
    ["notifier", "list"],
    ["notifier", "remove"],
    ["notifier", "test"],
    ["letters"],
    ["letters", "list"],
    ["letters", "show"],
    ["letters", "replay"],
    ["letters", "drop"],
    ["erase"],
    ["export"],
    ["doctor"],
]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with a site and Ed."""
    made = Installation(tmp_path_factory.mktemp("paper") / "home")
    made.said("site", "add", "Paper", "--origin", "https://paper.example")
    made.said("site", "add", "Gazette", "--origin", "https://gazette.example")
    made.said(
        *"editor add ed@paper.example --site Paper --role owner --password-stdin".split(),
        given=PASSWORD + "\n",
    )
    return made


@pytest.fixture
def fresh(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "home")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(path: list[str]) -> None:
    done = CliRunner().invoke(feedback, [*path, "--help"])

    assert done.exit_code == 0
    assert done.output.startswith("Usage: ")
    assert len(done.output.splitlines()[2].strip()) > 10


def test_the_real_command_explains_itself(fresh: Installation) -> None:
    words = [COMMAND, "--help"]

    done = subprocess.run(words, env=fresh.environ, capture_output=True, text=True, check=True)

    assert "site" in done.stdout
    assert done.stderr == ""
    assert not fresh.home.exists()


# Sites, editors, tokens


def test_a_site_is_made_listed_and_removed(fresh: Installation) -> None:
    added = fresh.said("site", "add", "Paper", "--origin", "HTTPS://Paper.Example/")
    more = fresh.said("site", "add", "Paper", "--origin", "http://localhost:8000")
    listed = fresh.said("site", "list")
    removed = fresh.said("site", "remove", "Paper", "--yes")
    left = fresh.run("site", "list")

    assert added.splitlines()[0] == "Paper admits https://paper.example"
    assert '<script async src="http://127.0.0.1:8000/embed.js"></script>' in added
    assert more.splitlines()[0] == "Paper admits https://paper.example, http://localhost:8000"
    assert listed == "Paper\thttps://paper.example\thttp://localhost:8000\n"
    assert removed == "Paper is removed.\n"
    assert (left.returncode, left.stdout) == (0, "")
    assert "feedback site add" in left.stderr


def test_a_site_is_not_removed_unasked(paper: Installation) -> None:
    assert "aborted" in paper.run("site", "remove", "Paper", given="n\n").stderr
    assert "Paper" in paper.said("site", "list")


def test_an_editor_without_a_password_gets_a_link(paper: Installation) -> None:
    added = paper.said("editor", "add", "Ann@Paper.Example", "--site", "Paper")
    link = paper.said("editor", "link", "ann@paper.example")

    assert added.splitlines()[0] == "ann@paper.example is editor of Paper."
    assert "http://127.0.0.1:8000/welcome/" in added
    assert link.startswith("http://127.0.0.1:8000/welcome/")
    assert link.count("\n") == 1


def test_an_editor_with_a_password_is_told_where_to_sign_in(paper: Installation) -> None:
    args = "editor add viv@paper.example --site Paper --role viewer --password-stdin".split()

    added = paper.said(*args, given=PASSWORD + "\n")

    assert added.splitlines()[0] == "viv@paper.example is viewer of Paper."
    assert "/sign-in" in added


def test_an_editor_is_disabled_and_let_in_again(paper: Installation) -> None:
    paper.said("editor", "add", "max@paper.example", "--site", "Paper")

    disabled = paper.said("editor", "disable", "max@paper.example")
    again = paper.said("editor", "add", "max@paper.example", "--site", "Paper")

    assert "let in no more" in disabled
    assert "is editor of Paper" in again


def test_a_token_is_printed_alone_and_revoked_once(paper: Installation) -> None:
    args = "token create ed@paper.example --site Paper --scope read".split()

    made = paper.run(*args)
    token = made.stdout.removesuffix("\n")
    revoked = paper.said("token", "revoke", token)
    again = paper.refused("token", "revoke", token)

    assert made.stderr == ""
    assert token.startswith("fb_")
    assert token.split() == [token]
    assert revoked == "The token is revoked.\n"
    assert "revoked already" in again


def test_a_token_has_a_name_and_an_end(paper: Installation) -> None:
    made = "token create ed@paper.example --site Paper --scope read --name CMS --days 30".split()

    token = paper.said(*made)

    assert token.startswith("fb_")
    assert kept(paper, "SELECT name, expires_at > created_at FROM token ORDER BY id DESC") == (
        "CMS",
        1,
    )


def test_a_second_factor_is_turned_off_for_who_lost_everything(paper: Installation) -> None:
    asked = ("editor", "two-factor", "ed@paper.example")
    none = paper.said(*asked)
    with closing(sqlite3.connect(paper.home / "feedback.sqlite3")) as database, database:
        database.execute(
            "UPDATE editor SET totp_secret = 'JBSWY3DPEHPK3PXP' WHERE email LIKE 'ed@%'"
        )

    on, off = paper.said(*asked), paper.said(*asked, "--off")

    assert "by the password alone" in none
    assert "recovery codes left: 0" in on
    assert "from now on" in off
    assert kept(paper, "SELECT totp_secret FROM editor WHERE email LIKE 'ed@%'") == (None,)


def test_an_account_that_was_there_before_is_pointed_out(fresh: Installation) -> None:
    for name in ("Paper", "Tribune"):
        fresh.said("site", "add", name, "--origin", f"https://{name}.example".lower())
    add = ("editor", "add", "boss@paper.example", "--role", "owner", "--site")
    invited = fresh.said(*add, "Tribune")
    with closing(sqlite3.connect(fresh.home / "feedback.sqlite3")) as database, database:
        database.execute("UPDATE editor SET password = 'of whoever joined by an invitation'")

    known, again = fresh.said(*add, "Paper"), fresh.said(*add, "Paper")

    assert "Mind:" not in invited + again
    assert "Mind: whoever made the account of that address" in known
    assert "feedback editor link boss@paper.example" in known


def test_editors_are_signed_out_one_or_all(fresh: Installation) -> None:
    fresh.said("site", "add", "Paper", "--origin", "https://paper.example")
    for name in ("ann", "ed", "viv"):
        fresh.said("editor", "add", f"{name}@paper.example", "--site", "Paper")
    with closing(sqlite3.connect(fresh.home / "feedback.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO sign_in (digest, editor_id, created_at, expires_at, agent, address) "
            "SELECT hex(id), id, created_at, created_at, '', '' FROM editor WHERE id < 3"
        )

    counts, left = [], "SELECT count(*) FROM sign_in"
    for who in ("ed@paper.example", "ed@paper.example", "--all"):
        said = fresh.said("editor", "sign-out", who)
        counts.append(kept(fresh, left))

    assert counts == [(1,), (1,), (0,)]
    assert said == "Everybody must sign in again.\n"
    ended = "SELECT group_concat(subject) FROM act WHERE kind = 'sign-ins-ended'"
    assert kept(fresh, ended) == ("ed@paper.example,ann@paper.example",)


def test_what_the_command_line_does_is_on_record(fresh: Installation) -> None:
    fresh.said("site", "add", "Paper", "--origin", "https://paper.example")
    fresh.said("site", "add", "Paper", "--origin", "https://m.paper.example")
    for role in ("editor", "owner"):
        fresh.said("editor", "add", "ann@paper.example", "--site", "Paper", "--role", role)
    token = fresh.said("token", "create", "ann@paper.example", "--site", "Paper", "--scope", "read")
    fresh.said("token", "revoke", token.strip())
    fresh.said("editor", "disable", "ann@paper.example")

    with closing(sqlite3.connect(fresh.home / "feedback.sqlite3")) as database:
        rows = database.execute("SELECT kind, subject, editor_id FROM act ORDER BY id").fetchall()
    assert [row[:2] for row in rows] == [
        ("origin-admitted", "https://paper.example"),
        ("origin-admitted", "https://m.paper.example"),
        ("joined", "ann@paper.example · editor"),
        ("role-changed", "ann@paper.example · owner"),
        ("token-made", "ann@paper.example · read"),
        ("token-revoked", "ann@paper.example · read"),
        ("disabled", "ann@paper.example"),
    ]
    assert {row[2] for row in rows} == {None}


def kept(installation: Installation, query: str) -> tuple[object, ...]:
    """The first row that the installation's database gives."""
    with closing(sqlite3.connect(installation.home / "feedback.sqlite3")) as database:
        row: tuple[object, ...] = database.execute(query).fetchone()
    return row


# What cannot be done

REFUSED = {
    "unknown site": ("editor add ann@paper.example --site Herald", "feedback site list"),
    "nobody to sign out": ("editor sign-out", "--all"),
    "somebody and everybody": ("editor sign-out ed@paper.example --all", "--all"),
    "unknown editor": ("editor link ann@nowhere.example", "feedback editor add"),
    "origin taken": ("site add Herald --origin https://paper.example", "'Paper'"),
    "bad origin": ("site add Herald --origin herald.example", "https://paper.example"),
    "origin with a path": ("site add Herald --origin https://herald.example/news", "scheme, host"),
    "bad e-mail": ("editor add ann --site Paper", "e-mail"),
    "weak password": ("editor add ann@paper.example --site Paper --password-stdin", "8 to 256"),
    "role unheard of": ("editor add ann@paper.example --site Paper --role king", "viewer"),
    "no role at the site": ("token create ed@paper.example --site Gazette --scope read", "role"),
    "not a token": ("token revoke fb_x", "revoked already"),
    "command unheard of": ("sitelist", "feedback --help"),
    "argument missing": ("site add", "feedback site add --help"),
    "revision unheard of": ("upgrade 9999", "9999"),
    "nowhere to listen": ("serve --bind 8000", "HOST:PORT"),
    "port out of range": ("serve --bind 127.0.0.1:70000", "HOST:PORT"),
}


@pytest.mark.parametrize(("line", "remedy"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_said_in_one_line(
    paper: Installation, line: str, remedy: str
) -> None:
    assert remedy in paper.refused(*line.split(), given="short\n")


@pytest.mark.parametrize(
    "name", ["", " ", "a\nb", "\udcff"], ids=["empty", "blank", "lines", "bytes"]
)
def test_a_site_needs_a_name_that_can_be_read(paper: Installation, name: str) -> None:
    assert "must not be blank" in paper.refused(
        "site", "add", name, "--origin", "https://a.example"
    )


MISCONFIGURED = {
    "database address": ({"FEEDBACK_DATABASE_URL": "mysql://db/x"}, "FEEDBACK_DATABASE_URL"),
    "database that is none": ({"FEEDBACK_DATABASE_URL": "sqlite:////dev/null/x"}, "doctor"),
    "database that does not answer": (
        {"FEEDBACK_DATABASE_URL": "postgresql://127.0.0.1:1/x"},
        "feedback doctor",
    ),
    "limit": ({"FEEDBACK_LIMIT_READER": "many"}, "FEEDBACK_LIMIT_READER"),
    "log level": ({"FEEDBACK_LOG_LEVEL": "loud"}, "FEEDBACK_LOG_LEVEL"),
    "secret's file": ({"FEEDBACK_SECRET_KEY_FILE": "/nowhere"}, "FEEDBACK_SECRET_KEY_FILE"),
    "home": ({"FEEDBACK_HOME": "/dev/null/home"}, "FEEDBACK_HOME"),
}


@pytest.mark.parametrize(("env", "remedy"), MISCONFIGURED.values(), ids=MISCONFIGURED)
def test_a_setting_that_cannot_be_used_is_said_in_one_line(
    fresh: Installation, env: dict[str, str], remedy: str
) -> None:
    assert remedy in fresh.refused("site", "list", **env)


def test_a_file_that_is_no_database_is_said_in_one_line(fresh: Installation) -> None:
    fresh.home.mkdir()
    (fresh.home / "feedback.sqlite3").write_text("not a database at all" * 100)

    assert "feedback.sqlite3 is damaged" in fresh.refused("site", "list")


def test_what_looks_like_a_setting_is_pointed_out(fresh: Installation) -> None:
    done = fresh.run("site", "list", FEEDBACK_BASEURL="x")

    assert done.returncode == 0
    assert "FEEDBACK_BASEURL is not a setting" in done.stderr


@pytest.fixture
def empty_postgres(postgres: sa.URL) -> Iterator[str]:
    """The address of a PostgreSQL database that has no tables."""
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE feedback_cli"))
        yield postgres.set(database="feedback_cli").render_as_string(hide_password=False)
        connection.execute(sa.text("DROP DATABASE feedback_cli WITH (FORCE)"))
    engine.dispose()


def test_a_postgresql_is_upgraded_by_hand(fresh: Installation, empty_postgres: str) -> None:
    env = {"FEEDBACK_DATABASE_URL": empty_postgres}

    before = [
        fresh.refused("site", "list", **env),
        fresh.refused("serve", "--bind", f"127.0.0.1:{a_port()}", **env),
        fresh.refused("worker", **env),
    ]
    upgraded = fresh.said("upgrade", **env)
    after = fresh.run("site", "list", **env)

    assert all("feedback upgrade" in line for line in before)
    assert "feedback serve" in upgraded
    assert after.returncode == 0


# Serving


def test_a_port_in_use_is_said_in_one_line(fresh: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"

        assert "--bind" in fresh.refused("serve", "--bind", bind)
        assert "--bind" in fresh.refused("demo", "--bind", bind)


def begun(port: int, path: str) -> socket.socket:
    """A connection that has sent all of a request but its last byte."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r".encode())
    return connection


def test_the_service_brings_itself_up_and_ends_what_it_began(fresh: Installation) -> None:
    port = a_port()
    with fresh.running("serve", "--bind", f"127.0.0.1:{port}") as service:
        wait_for(port, service)
        health = asked(port, "/healthz")
        embed = asked(port, "/embed.js")
        connection = begun(port, "/healthz")

        connection.sendall(b"\n")
        status, seconds = ended(service)
        answer = connection.makefile("rb").read()
        connection.close()

        assert health == (200, "ok\n")
        assert embed[0] == 200
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"ok\n")
        assert status == 0
        assert seconds < 5
        assert "Traceback" not in service.stderr.read()  # type: ignore[union-attr]  # a pipe


def test_a_service_of_which_clients_keep_connections_ends_too(fresh: Installation) -> None:
    port = a_port()
    with fresh.running("serve", "--bind", f"127.0.0.1:{port}") as service:
        wait_for(port, service)
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]

        status, seconds = ended(service, signal.SIGINT)

        for connection in idle:
            connection.close()
        assert status == 0
        assert seconds < 5


def test_the_worker_works_until_it_is_told_to_stop(fresh: Installation) -> None:
    with fresh.running("worker") as worker:
        read_until(worker, "Working")

        status, seconds = ended(worker)

        assert status == 0
        assert seconds < 5


def read_until(process: subprocess.Popen[str], word: str) -> None:
    """Read what a process says on standard error until it says `word`."""
    watch = threading.Timer(20, process.kill)
    watch.start()
    assert process.stderr is not None
    said = ""
    while word not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    watch.cancel()


def test_the_demo_prints_how_to_try_it_twice_in_a_row(fresh: Installation) -> None:
    port = a_port()
    said = [tried(fresh, port) for _ in range(2)]

    for lines in said:
        assert lines[0] == f"Article   http://127.0.0.1:{port}/demo/errata"
        assert lines[1] == f"Mend it   http://127.0.0.1:{port}/demo/errata/mend"
        assert lines[2] == f"Desk      http://127.0.0.1:{port}/desk/"
        assert lines[3].startswith("Sign in   editor@example.org  password: ")
    engine = sa.create_engine(f"sqlite:///{fresh.home / 'feedback.sqlite3'}")
    with engine.connect() as connection:
        spots = connection.execute(sa.text("SELECT exact, readers FROM spot")).all()
        reports = connection.scalar(sa.text("SELECT count(*) FROM report"))
    engine.dispose()
    assert ("recieved", 3) in [tuple(spot) for spot in spots]
    assert len(spots) >= 5
    assert reports == sum(spot.readers for spot in spots)


def tried(installation: Installation, port: int) -> list[str]:
    """Start the demo, look at its article, end it; give the lines it prints."""
    with installation.running("demo", "--bind", f"127.0.0.1:{port}") as demo:
        assert demo.stdout is not None
        lines = [demo.stdout.readline().rstrip("\n") for _ in range(4)]
        wait_for(port, demo)
        status, article = asked(port, "/demo/errata")
        assert status == 200
        assert "/embed.js" in article
        assert ended(demo)[0] == 0
        assert demo.stdout.read() == ""
    return lines


# The doctor


def test_the_doctor_knows_that_serve_fills_an_empty_database(fresh: Installation) -> None:
    assert "note  The database is empty yet; feedback serve makes its tables." in fresh.said(
        "doctor"
    )


def test_the_doctor_finds_tables_of_another_version_wanting(fresh: Installation) -> None:
    fresh.home.mkdir(exist_ok=True)
    with closing(sqlite3.connect(fresh.home / "feedback.sqlite3")) as connection:
        connection.execute("CREATE TABLE report (id INTEGER)")

    done = fresh.run("doctor")

    assert done.returncode == 1
    assert "BAD   The database's tables are not this version's: feedback upgrade" in done.stdout


def test_the_doctor_notes_what_is_still_to_do(fresh: Installation) -> None:
    fresh.said("upgrade")

    said = fresh.said("doctor")

    assert "note  No site yet: feedback site add" in said
    assert "note  People reach the service at http://127.0.0.1:8000, unencrypted." in said


def test_the_doctor_is_content_with_a_good_installation(paper: Installation) -> None:
    said = paper.said("doctor", FEEDBACK_BASE_URL="https://feedback.example")

    assert "ok    People reach the service at https://feedback.example." in said
    assert "ok    Sites: " in said
    assert "BAD" not in said


def test_the_doctor_says_that_the_database_is_away_without_its_password(
    fresh: Installation,
) -> None:
    done = fresh.run("doctor", FEEDBACK_DATABASE_URL="postgresql://ed:hush@127.0.0.1:1/x")

    assert done.returncode == 1
    assert "BAD   The database does not answer" in done.stdout
    assert "FEEDBACK_DATABASE_URL" in done.stdout
    assert "hush" not in done.stdout + done.stderr
