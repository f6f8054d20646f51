"""Settings: where they come from, what they may be, and what is said of those that cannot be."""

import stat
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from multiprocessing import get_context
from pathlib import Path

import pytest

from feedback.config import Misconfigured, Settings, kept_secret, load, unknown


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where no feedback.toml lies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)


def a_file(text: str) -> None:
    Path("feedback.toml").write_text(text, "utf-8")


# Sources


def test_what_nothing_sets_has_a_default(tmp_path: Path) -> None:
    settings = load()

    assert settings.home == tmp_path / ".local" / "share" / "feedback"
    assert settings.database == f"sqlite:///{settings.home}/feedback.sqlite3"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.embedded
    assert not settings.https


def test_the_home_is_where_the_system_keeps_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")

    assert load().home == Path("/srv/data/feedback")


def test_the_nearest_source_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "base_url"
    named.write_text("https://named.example\n")

    a_file('base_url = "https://toml.example"')
    from_toml = load()
    monkeypatch.setenv("FEEDBACK_BASE_URL_FILE", str(named))
    from_named_file = load()
    monkeypatch.setenv("FEEDBACK_BASE_URL", "https://env.example")
    from_environment = load()
    given = load(base_url="https://given.example")

    assert [s.base_url for s in (from_toml, from_named_file, from_environment, given)] == [
        "https://toml.example",
        "https://named.example",
        "https://env.example",
        "https://given.example",
    ]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_may_stand_in_a_named_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"base_url": "https://paper.example", "sign_in_days": "7", "log_level": "ERROR"}
    values |= {"log_format": "json", "sign_in_idle_hours": "12", "two_factor": "required"}
    values |= {"undo_seconds": "60", "retry_delays": "5, 60", "lease_seconds": "30"}
    values |= {"database_url": "sqlite:////srv/a.db", "redis_url": "redis://localhost"}
    values |= {"trusted_proxies": "10.0.0.1", "fetch_allow": "a.example:80"}
    values |= {"smtp_url": "smtp://mail.example", "mail_from": "feedback@paper.example"}
    values |= {"fetch_pause": "2.5", "check_delays": "60, 600"}
    values |= {"keep_spots": "off", "keep_letters": "7", "keep_addresses": "30"}
    named = tmp_path / name
    named.write_text(values.get(name, "5 per minute") + "\n")
    monkeypatch.setenv(f"FEEDBACK_{name.upper()}_FILE", str(named))

    settings = load()

    assert settings.model_fields_set == {name}


def test_a_secret_in_a_named_file_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("hush hush\n")
    monkeypatch.setenv("FEEDBACK_SECRET_KEY_FILE", str(tmp_path / "key"))

    settings = load()

    assert settings.secret == "hush hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example",
        "smtps://feedback%40paper.example:hush%3A@mail.example:465",
        "smtp://[::1]:25?tls=off",
        "smtp://user@mail.example/?tls=required",
    ],
)
def test_a_mail_server_is_named_by_its_address_and_kept_secret(url: str) -> None:
    settings = load(smtp_url=url)

    assert settings.smtp_url.get_secret_value() == url
    assert "mail.example" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://u:hush@h:25/?tls=no", "smtp://a b"],
)
def test_what_is_no_mail_server_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Misconfigured, match="FEEDBACK_SMTP_URL: use smtp://") as refused:
        load(smtp_url=url)

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["a@b.example", "The Paper <a@b.example>", "Über uns <a@b.example>"]
)
def test_mail_comes_from_an_address_that_may_have_a_name(text: str) -> None:
    assert load(mail_from=text).mail_from == text


@pytest.mark.parametrize("text", ["nobody", "a@b, c@d", "A\nBcc: x <a@b.example>", "a@b@c"])
def test_a_sender_that_is_no_one_address_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="FEEDBACK_MAIL_FROM"):
        load(mail_from=text)


@pytest.mark.parametrize(("text", "days"), [("off", 0), ("0", 0), ("8", 8), ("365", 365)])
def test_spots_are_kept_for_ever_or_for_some_days(text: str, days: int) -> None:
    a_file(f'keep_spots = "{text}"')

    assert load().keep_spots == days


@pytest.mark.parametrize("text", ["7", "-1", "a year"])
def test_spots_are_not_kept_for_less_than_their_letters_links(text: str) -> None:
    a_file(f'keep_spots = "{text}"')

    with pytest.raises(Misconfigured, match="FEEDBACK_KEEP_SPOTS"):
        load()


def test_lists_are_written_with_commas_or_as_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_FETCH_ALLOW", " a.example:80, ,[fd00::1]:8080 ")
    a_file('trusted_proxies = ["10.0.0.1", "fd00::/8"]')

    settings = load()

    assert settings.fetch_allow == ["a.example:80", "[fd00::1]:8080"]
    assert settings.trusted_proxies == [ip_network("10.0.0.1/32"), ip_network("fd00::/8")]


def test_a_proxy_may_be_named_by_a_host_of_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_TRUSTED_PROXIES", "10.1.2.3/8,::1")

    assert load().trusted_proxies == [ip_network("10.0.0.0/8"), ip_network("::1/128")]


@pytest.mark.parametrize("value", ["off", "", "  off "])
def test_a_limit_may_be_off(value: str) -> None:
    assert load(limit_reader=value).limit_reader == "off"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgresql://ed:pw@db/feedback", "postgresql+psycopg://ed:pw@db/feedback"),
        ("postgres://db/feedback", "postgresql+psycopg://db/feedback"),
        ("postgresql+psycopg://db/feedback", "postgresql+psycopg://db/feedback"),
        ("postgresql:///feedback?host=/run", "postgresql+psycopg:///feedback?host=/run"),
        ("sqlite:////srv/feedback.sqlite3", "sqlite:////srv/feedback.sqlite3"),
    ],
)
def test_a_database_is_named_as_people_name_it(written: str, meant: str) -> None:
    settings = load(database_url=written)

    assert settings.database == meant
    assert settings.embedded == meant.startswith("sqlite")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://feedback.example/", "https://feedback.example"),
        ("https://paper.example/feedback/", "https://paper.example/feedback"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_base_url_ends_with_no_slash(written: str, meant: str) -> None:
    assert load(base_url=written).base_url == meant


# What cannot be used

BAD = {
    "base_url": [
        "",
        "feedback.example",
        "ftp://a.example",
        "https://",
        "https://a.example?b",
        "https://a.example/#b",
        "https://ed@a.example",
        "https://a.example:x",
        "https://a.example:99999",
        "https://a.example b",
        "https://[::1",
    ],
    "database_url": [
        "feedback.sqlite3",
        "mysql://db/feedback",
        "sqlite",
        "postgresql://db:port/x",
        "postgresql+asyncpg://db/x",
    ],
    "redis_url": ["localhost:6379", "http://localhost"],
    "trusted_proxies": ["proxy.example", "10.0.0.0/33", "10.0.0.1 10.0.0.2"],
    "fetch_allow": ["intranet", "http://intranet:80", "intranet:http", "fd00::1:80"],
    "fetch_pause": ["-1", "61", "a while"],
    "check_delays": ["0", "60,-1", "soon", "60;600"],
    "limit_reader": ["30", "30 per fortnight", "none", "OFF!"],
    "limit_site": ["a lot"],
    "limit_sign_in": ["10 per minute; and more"],
    "undo_seconds": ["-1", "90000", "a while"],
    "retry_delays": ["", "off", "0", "5,-1"],
    "lease_seconds": ["0", "90000", "a while"],
    "sign_in_days": ["0", "400", "a month"],
    "sign_in_idle_hours": ["0", "9000", "a week"],
    "two_factor": ["yes", ""],
    "log_level": ["loud", "10"],
    "log_format": ["xml", ""],
}
REMEDY = {
    "base_url": "https://feedback.example.org",
    "database_url": "postgresql://",
    "redis_url": "redis://",
    "trusted_proxies": "10.0.0.0/8",
    "fetch_allow": "intranet.example:8080",
    "fetch_pause": "",
    "check_delays": "",
    "limit_reader": "off",
    "limit_site": "off",
    "limit_sign_in": "off",
    "undo_seconds": "",
    "retry_delays": "",
    "lease_seconds": "",
    "sign_in_days": "",
    "sign_in_idle_hours": "",
    "two_factor": "required",
    "log_level": "WARNING",
    "log_format": "json",
}
CASES = [(name, value) for name, values in BAD.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{n}={v}" for n, v in CASES])
def test_a_bad_value_is_named_with_the_remedy(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"FEEDBACK_{name.upper()}", value)

    with pytest.raises(Misconfigured) as refused:
        load()

    assert f"FEEDBACK_{name.upper()}: " in str(refused.value)
    assert REMEDY[name] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(Misconfigured) as refused:
        load(base_url="x", limit_site="y")

    assert "FEEDBACK_BASE_URL" in str(refused.value)
    assert "FEEDBACK_LIMIT_SITE" in str(refused.value)


@pytest.mark.parametrize(
    ("written", "perhaps"),
    [("limit_readers", "limit_reader"), ("baseurl", "base_url")],
)
def test_a_misspelt_key_in_the_file_is_refused_with_a_suggestion(
    written: str, perhaps: str
) -> None:
    a_file(f'{written} = "30 per minute"')

    with pytest.raises(Misconfigured, match=f"feedback.toml.*{written!r}, perhaps {perhaps!r}"):
        load()


def test_a_key_like_no_other_is_refused_without_a_guess() -> None:
    a_file("wrold = 1")

    with pytest.raises(Misconfigured, match=r"no setting is called 'wrold'$"):
        load()


@pytest.mark.parametrize("content", [b"base_url = ", b"\xff\xfe", b"= = ="])
def test_a_file_that_is_no_toml_is_named(content: bytes) -> None:
    Path("feedback.toml").write_bytes(content)

    with pytest.raises(Misconfigured, match=r"feedback\.toml"):
        load()


def test_a_named_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_SECRET_KEY_FILE", "/nowhere/key")

    with pytest.raises(Misconfigured, match="FEEDBACK_SECRET_KEY_FILE: /nowhere/key"):
        load()


def test_a_named_file_that_is_no_text_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\xff")
    monkeypatch.setenv("FEEDBACK_SECRET_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(Misconfigured, match=r"FEEDBACK_SECRET_KEY_FILE.*UTF-8"):
        load()


def test_what_the_environment_holds_besides_is_only_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FEEDBACK_LIMIT_READERS", "1")

    load()

    environ = {"FEEDBACK_HOME": "", "FEEDBACK_SECRET_KEY_FILE": "", "FEEDBACK_LIMIT_READERS": ""}
    assert unknown(environ | {"PATH": "", "MY_FEEDBACK_X": ""}) == ["FEEDBACK_LIMIT_READERS"]


# The secret key


def test_the_secret_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"

    first, second = load(home=home).secret, load(home=home).secret

    assert first == second
    assert len(first) >= 43
    assert stat.S_IMODE((home / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret_key"]


def test_a_secret_key_that_is_set_is_not_kept(tmp_path: Path) -> None:
    assert load(home=tmp_path / "home", secret_key="hush").secret == "hush"
    assert not (tmp_path / "home").exists()


def test_many_at_once_agree_on_one_secret_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(kept_secret, [tmp_path / "home"] * 64))

    assert len(found) == 1


def test_two_processes_at_once_agree_on_one_secret_key(tmp_path: Path) -> None:
    with get_context("spawn").Pool(2) as pool:
        found = pool.map(kept_secret, [tmp_path / "home"] * 2, chunksize=1)

    assert len(set(found)) == 1


def test_a_secret_key_that_was_emptied_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")

    with pytest.raises(Misconfigured, match="remove it"):
        kept_secret(tmp_path)


def test_a_home_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Misconfigured, match="FEEDBACK_HOME"):
        kept_secret(tmp_path / "file" / "home")
