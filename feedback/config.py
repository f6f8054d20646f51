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
from collections.abc import Iterator, Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "FEEDBACK_"

#: What switches a rate limit off.
OFF = "off"


class Misconfigured(Exception):
    """A setting cannot be used; the message names it and the remedy."""


def default_home() -> Path:
    """Where data lives unless told: `$XDG_DATA_HOME/feedback`."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "feedback"


def _listed(value: object) -> object:
    """Split a comma-separated text; leave a list as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _network(value: object) -> object:
    return ip_network(value, strict=False) if isinstance(value, str) else value


def _notation(value: str) -> str:
    """Check a rate limit's notation; an empty text is `off`."""
    value = value.strip() or OFF
    if value != OFF:
        parse_many(value)
    return value


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[list[Network], NoDecode, BeforeValidator(_listed)]
Listed = Annotated[list[str], NoDecode, BeforeValidator(_listed)]
RateLimit = Annotated[str, BeforeValidator(_notation)]


class Settings(BaseSettings):
    """The settings of one installation. Read once, when a process starts."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file="feedback.toml", extra="forbid", frozen=True
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
    fetch_allow: Listed = Field(
        default_factory=list,
        description="host:port pairs that may be fetched though private.",
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
        description="Failed sign-ins of one network address, or at one account; `off` for none.",
    )
    sign_in_days: int = Field(
        default=30, ge=1, le=366, description="Days until an editor must sign in again."
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="What is logged."
    )

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise ValueError("write it as https://feedback.example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        """Name the driver that ships for the usual spellings of PostgreSQL."""
        for spelling in ("postgres://", "postgresql://"):
            if value.startswith(spelling):
                return "postgresql+psycopg://" + value.removeprefix(spelling)
        if value and not value.startswith(("sqlite:", "postgresql+psycopg:")):
            raise ValueError("use postgresql://… or sqlite:///…")
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

    @cached_property
    def secret(self) -> str:
        """The secret key: as set, else kept in the home, made on first use."""
        return self.secret_key.get_secret_value() or kept_secret(self.home)


class NamedFiles(PydanticBaseSettingsSource):
    """`FEEDBACK_NAME_FILE` names a file that holds the value of NAME."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Give the text of the file named for the field, without its last newline."""
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Give the values of all fields for which a file is named."""
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value is not None}


def kept_secret(home: Path) -> str:
    """Read the secret key kept in `home`; make it, readable by its owner only, if missing."""
    path = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    fresh = home / f".secret_key.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def load(**given: Any) -> Settings:
    """Read the settings; `given` ones come before every source.

    Raises Misconfigured, naming the settings and what is wrong with them.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise Misconfigured("; ".join(_complaints(error))) from None
    except OSError as error:
        raise Misconfigured(f"{error.filename}: {error.strerror}") from None


def _complaints(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        name = str(fault["loc"][0]) if fault["loc"] else ""
        known = name in Settings.model_fields
        yield (
            f"{PREFIX}{name.upper()}: {fault['msg'].removeprefix('Value error, ')}"
            if known
            else f"feedback.toml: no setting is called {name!r}{_perhaps(name)}"
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
