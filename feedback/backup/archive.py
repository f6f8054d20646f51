"""The file of a backup: a ZIP with a manifest and, of each table, a line of JSON for each row.

What is in it can be looked at by common tools. The manifest says of every other member what it is
known by, and is written last.
"""

import hashlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "reader-feedback backup"
#: Grows when a version of this program could not read what a later one writes.
FORM = 1
MANIFEST, KEY = "manifest.json", "secret_key"
#: Bytes that are read at once.
_SOME = 1 << 20
#: No manifest is larger, in bytes.
_LARGEST = 1 << 20


class CannotBackUp(Exception):
    """The file cannot be made; the message says why and what helps."""


class Damaged(Exception):
    """A file is no backup, or not as it was written; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the file."""

    name: str
    #: The columns' kinds by their names (`kinds`).
    columns: Mapping[str, str]
    rows: int

    @property
    def member(self) -> str:
        """What its rows are called in the file."""
        return f"{self.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of."""

    #: The program's version and the database's revision.
    version: str
    revision: str
    #: Which database it comes from: `sqlite` or `postgresql`.
    database: str
    #: When it was begun, RFC 3339: all that was committed by then is in it.
    at: str
    #: What the secret key is known by.
    key: str
    #: Those that others refer to come first.
    tables: tuple[Table, ...]
    #: The SHA-256 of each other member, in hex, by its name.
    sha256: Mapping[str, str] = field(default_factory=dict)

    def rows(self, table: str) -> int:
        """Give how many rows of a table there are."""
        return next((each.rows for each in self.tables if each.name == table), 0)


class Writer:
    """A file that is being written."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._sha256: dict[str, str] = {}

    def add(self, member: str, pieces: Iterable[bytes]) -> int:
        """Write a member piece by piece; give how many pieces there were."""
        count, digest = 0, hashlib.sha256()
        info = zipfile.ZipInfo(member)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with self._file.open(info, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                count += 1
        self._sha256[member] = digest.hexdigest()
        return count

    def finish(self, manifest: Manifest) -> None:
        """Write what the file is of."""
        known = asdict(manifest) | {"sha256": self._sha256}
        said = {"format": FORMAT, "form": FORM} | known
        self.add(MANIFEST, [json.dumps(said, indent=1).encode() + b"\n"])


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write a backup to `path`, for its owner's eyes only.

    1. A file under another name is written, and is on the disk for sure.
    2. It gets its name, unless that is taken: a file of that name is whole, and none is replaced.

    Raises CannotBackUp.
    """
    if path.exists():
        raise CannotBackUp(f"{path} is there already; no backup is written over, name another file")
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w", compresslevel=6) as file:
                yield Writer(file)
            raw.flush()
            os.fsync(raw.fileno())
        _name(part, path)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotBackUp(f"{path}: {why}; name a file where there is room and a right") from None
    finally:
        part.unlink(missing_ok=True)


def _name(part: Path, path: Path) -> None:
    """Give a file its name, for good. Raises OSError, FileExistsError where the name is taken."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        if path.exists():
            raise FileExistsError(17, "is there already", str(path)) from None
        part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Archive:
    """A file that is read."""

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file, self._path = file, path
        with self._faults():
            self.manifest = _manifest(file, path)

    def verify(self) -> None:
        """Read all of the file. Raises Damaged where it is not as it was written."""
        for member, wanted in self.manifest.sha256.items():
            digest = hashlib.sha256()
            with self._faults(), self._file.open(member) as source:
                while piece := source.read(_SOME):
                    digest.update(piece)
            if digest.hexdigest() != wanted:
                raise Damaged(self._damaged(f"{member} is not what was written"))

    def lines(self, table: Table) -> Iterator[bytes]:
        """Give the rows of a table, each as a line of JSON. Raises Damaged."""
        with self._faults(), self._file.open(table.member) as source:
            yield from source

    @property
    def key(self) -> str:
        """The secret key; empty where the file does not hold it."""
        if KEY not in self.manifest.sha256:
            return ""
        with self._faults():
            return self._file.read(KEY).decode().strip()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise Damaged(self._damaged(" ".join(str(error).split()) or "it ends early")) from None

    def _damaged(self, what: str) -> str:
        return f"{self._path} is damaged: {what}; {_REMEDY}"


_REMEDY = "take another copy of it, or the backup before it"
#: What reading a ZIP fails by whose bytes are not as they were written.
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """Open a backup. Raises Damaged."""
    try:
        raw: BinaryIO = path.open("rb")
    except OSError as error:
        raise Damaged(
            f"{path}: {error.strerror}; name a file that `feedback backup` made"
        ) from None
    with raw:
        try:
            file = zipfile.ZipFile(raw)
        except _FAULTS as error:
            text = f"{path} is no backup, or not a whole one: {error}; {_REMEDY}"
            raise Damaged(text) from None
        with file:
            yield Archive(file, path)


def _manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    with file.open(MANIFEST) as source:
        said: dict[str, Any] = json.loads(source.read(_LARGEST))
    if said.pop("format") != FORMAT:
        raise ValueError("it is something else's backup")
    if said.pop("form") > FORM:
        raise Damaged(f"{path} is of a later version, {said['version']}: install that or later")
    tables = tuple(Table(**each) for each in said.pop("tables"))
    return Manifest(tables=tables, **said)
