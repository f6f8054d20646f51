"""Every setting: its name, type, default and meaning.

A setting comes from, first to last: the environment (`FEEDBACK_NAME`), a file
that the environment names (`FEEDBACK_NAME_FILE`, for secrets), and
`feedback.toml` in the working directory (keys in lower case, without the
prefix). A key that is misspelt in the file is refused; one in the environment
is reported, since other programs may use the same prefix.
"""

import difflib
import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy.exc import ArgumentError

from feedback.notations import Days, Delays, Networks, Pairs, RateLimit, Retries, Sender, SmtpUrl

PREFIX = "FEEDBACK_"

#: Where settings are kept that no environment holds, in the working directory.
FILE = "feedback.toml"

#: Seconds between looks at an article: a minute, ten, an hour, six, a day, three, a week.
DELAYS = (60.0, 600.0, 3600.0, 21_600.0, 86_400.0, 259_200.0, 604_800.0)


#: Seconds from one try to deliver a letter to the next: eleven tries, the last after three days and
#: some hours.
RETRIES = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)


class Misconfigured(Exception):
    """A setting cannot be used; the message names it and the remedy."""


def default_home() -> Path:
    """Where data lives unless told: `$XDG_DATA_HOME/feedback`."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "feedback"


_DATABASES = "use postgresql://user:password@host/name or sqlite:////path/to/file"
_REDIS = ("redis://", "rediss://", "redis+", "valkey://", "valkeys://", "valkey+")


class Settings(BaseSettings):
    """The settings of one installation. Read once, when a process starts."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True
    )

    home: Path = Field(
        default_factory=default_home,
        description="Folder for the embedded database and the kept secret.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy address of the database; empty for an SQLite file in the home.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Address under which readers and editors reach the service.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs cookies and receipts; empty to make one and keep it in the home.",
    )
    trusted_proxies: Networks = Field(
        default_factory=list,
        description="Addresses or networks of the proxies whose X-Forwarded-For is believed.",
    )
    fetch_allow: Pairs = Field(
        default_factory=list,
        description="host:port pairs that may be fetched though private.",
    )
    fetch_pause: float = Field(
        default=1.0,
        ge=0,
        le=60,
        description="Seconds between two requests to one host; its robots.txt may ask for more.",
    )
    check_delays: Delays = Field(
        default_factory=lambda: list(DELAYS),
        description="Seconds between looks at an article, the last for ever; `off` for no looks.",
    )
    redis_url: str = Field(
        default="",
        description="Redis or Valkey that counts rate limits; empty to count in this process.",
    )
    limit_reader: RateLimit = Field(
        default="30 per minute; 300 per hour",
        description="Reports taken from one network address; `off` for no limit.",
    )
    limit_site: RateLimit = Field(
        default="600 per minute",
        description="Reports taken for one site; `off` for no limit.",
    )
    limit_sign_in: RateLimit = Field(
        default="10 per minute; 50 per hour",
        description="Failed sign-ins from one network address; `off` for no limit.",
    )
    limit_check: RateLimit = Field(
        default="10 per minute",
        description="Pages that one editor may have checked; `off` for no limit.",
    )
    limit_api: RateLimit = Field(
        default="600 per minute",
        description="Requests of one token to the editors' API, of one network address to /hooks; "
        "`off` for no limit.",
    )
    limit_public: RateLimit = Field(
        default="300 per minute",
        description="Corrections and feeds asked for, links of letters acted on, by one network "
        "address; `off` for no limit.",
    )
    undo_seconds: int = Field(
        default=30,
        ge=0,
        le=86_400,
        description="How long nobody outside hears of a decision, so that an undo is in time.",
    )
    retry_delays: Retries = Field(
        default_factory=lambda: list(RETRIES),
        description="Seconds between the tries to deliver a letter; after the last it is dead.",
    )
    lease_seconds: float = Field(
        default=120.0,
        ge=1,
        le=3600,
        description="Seconds a worker may take for one try; then the letter is another's to carry.",
    )
    smtp_url: SmtpUrl = Field(
        default=SecretStr(""),
        description="Mail server: smtp://user:password@host:587 or smtps://; empty for no mail.",
    )
    mail_from: Sender = Field(
        default="",
        description="Whom mail comes from; empty for feedback@ and the host of the base address.",
    )
    sign_in_days: int = Field(
        default=30, ge=1, le=366, description="Days until an editor must sign in again."
    )
    sign_in_idle_hours: int = Field(
        default=168,
        ge=1,
        le=8784,
        description="Hours without use until an editor must sign in again.",
    )
    two_factor: Literal["optional", "required"] = Field(
        default="optional",
        description="Whether editors sign in with a second factor: optional, or required of all.",
    )
    keep_spots: Days = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Days that fixed and rejected spots are kept with their reports; 0 for ever.",
    )
    keep_letters: int = Field(
        default=30,
        ge=1,
        le=36_500,
        description="Days that letters are kept which arrived or were dropped; dead ones thrice.",
    )
    keep_addresses: int = Field(
        default=180,
        ge=1,
        le=36_500,
        description="Days that the address of a reader is kept who had no answer.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Opens /metrics to who shows it; empty to answer this machine alone.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="What is logged: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How it is logged: lines of text, or a JSON object a line."
    )

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        """Take what all links begin with: scheme, host, port and perhaps a path."""
        try:
            parts = urlsplit(value)
            whole = f"{parts.scheme}://{parts.netloc}{parts.path}" == value and parts.port != 0
        except ValueError:
            whole = False
        if (
            not whole
            or parts.scheme not in {"http", "https"}
            or not parts.hostname
            or set(value) & set(" @\\\"'<>")
        ):
            raise ValueError(f"{value!r} is no address; write https://feedback.example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        """Name the driver that ships for the usual spellings of PostgreSQL."""
        for spelling in ("postgres://", "postgresql://"):
            if value.startswith(spelling):
                value = "postgresql+psycopg://" + value.removeprefix(spelling)
        if value and not value.startswith(("sqlite://", "postgresql+psycopg://")):
            raise ValueError(_DATABASES)
        try:
            sa.make_url(value or "sqlite://")
        except (ArgumentError, ValueError):
            raise ValueError(_DATABASES) from None
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(_REDIS):
            raise ValueError("use redis://host:6379/0, or rediss:// where it is encrypted")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; the first that has a value wins."""
        return (
            init_settings,
            env_settings,
            NamedFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls),
        )

    @property
    def database(self) -> str:
        """The database's address, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'feedback.sqlite3'}"

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one: one process, its own worker."""
        return self.database.startswith("sqlite")

    @property
    def https(self) -> bool:
        """Whether people reach the service by https."""
        return self.base_url.startswith("https:")

    @property
    def idle(self) -> timedelta:
        """How long a browser stays signed in that nobody uses."""
        return timedelta(hours=self.sign_in_idle_hours)

    @cached_property
    def secret(self) -> str:
        """The secret key: as set, else kept in the home, made on first use."""
        return self.secret_key.get_secret_value() or kept_secret(self.home)


class NamedFiles(PydanticBaseSettingsSource):
    """`FEEDBACK_NAME_FILE` names a file that holds the value of NAME."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Give the text of the file named for the field, without its last newline."""
        name = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(name)
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text("utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "is not text in UTF-8"
            raise Misconfigured(f"{name}: {path}: {why}") from None

    def __call__(self) -> dict[str, Any]:
        """Give the values of all fields for which a file is named."""
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value is not None}


def kept_secret(home: Path) -> str:
    """Read the secret key kept in `home`; make it, readable by its owner only, if missing.

    1. Each process writes a key of its own under a name of its own.
    2. The first to link it to the common name wins; all read that.

    Raises Misconfigured.
    """
    path = home / "secret_key"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _keep(path)
        kept = path.read_text("utf-8").strip()
    except OSError as error:
        text = f"{error.filename}: {error.strerror}; set FEEDBACK_HOME to a folder we may write to"
        raise Misconfigured(text) from None
    if not kept:
        raise Misconfigured(f"{path} is empty; remove it, and a new key is made")
    return kept


def _keep(path: Path) -> None:
    fresh = path.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    try:
        fresh.write_text(secrets.token_urlsafe(48), "utf-8")
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def load(**given: Any) -> Settings:
    """Read the settings; `given` ones come before every source.

    Raises Misconfigured, naming the settings and what is wrong with them.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise Misconfigured("; ".join(_complaints(error))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{FILE} cannot be read: {error}") from None
    except OSError as error:
        raise Misconfigured(f"{error.filename}: {error.strerror}") from None


def _complaints(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        name = str(fault["loc"][0]) if fault["loc"] else ""
        known = name in Settings.model_fields
        yield (
            f"{PREFIX}{name.upper()}: {fault['msg'].removeprefix('Value error, ')}"
            if known
            else f"{FILE}: no setting is called {name!r}{_perhaps(name)}"
        )


def _perhaps(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1)
    return f", perhaps {close[0]!r}" if close else ""


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Name what in the environment looks like a setting of ours but is none."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    mine = (name for name in environ if name.startswith(PREFIX))
    return sorted(name for name in mine if name not in known)
