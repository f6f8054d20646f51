"""What a reader may send: the one schema of the intake."""

import hashlib
import json
import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from feedback import addresses
from feedback.anchoring.grouping import Passage
from feedback.reports import models

#: Longest body, in bytes.
LARGEST = 32 * 1024
#: Longest quote, correction and comment, in code points; together they fit the body.
LONGEST = 2000

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+@[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]+")

_SURROGATE = re.compile("[\ud800-\udfff]")


class NotJson(Exception):
    """The body is not one JSON object; the message says why."""


class Invalid(Exception):
    """A field is not as it must be. `field` is its name, dotted; the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _storable(text: str) -> str:
    """Refuse what no database takes."""
    if "\0" in text:
        raise ValueError("must not contain NUL")
    if _SURROGATE.search(text):
        raise ValueError("must not contain half of a surrogate pair")
    return text


def _something(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _address(text: str) -> str:
    try:
        addresses.parse(text)
    except addresses.BadAddress as error:
        raise ValueError(str(error)) from None
    return text


def _mailbox(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address")
    return text


def _human(text: str) -> str:
    if text:
        raise ValueError("must be left empty: people do not see this field")
    return text


#: Text that every database takes.
Storable = Annotated[str, AfterValidator(_storable)]
Context = Annotated[Storable, Field(max_length=64)]
Long = Annotated[Storable, Field(max_length=LONGEST)]
Link = Annotated[Storable, Field(max_length=addresses.LONGEST)]


def _said(description: str, **more: Any) -> Any:
    """Describe a field in the API's document; `more` is what its validators see to."""
    return Field(description=description, json_schema_extra=more or None)


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Quote(_Strict):
    """A W3C TextQuoteSelector over normal text; contexts of up to 64 code points."""

    exact: Annotated[Long, AfterValidator(_something), _said("The words.", pattern=r"\S")]
    prefix: Annotated[Context, _said("What stands before them.")] = ""
    suffix: Annotated[Context, _said("What stands after them.")] = ""


class Position(_Strict):
    """A W3C TextPositionSelector over a normal text of `length` code points."""

    start: Annotated[int, Field(ge=0, lt=2**31)]
    end: Annotated[int, Field(ge=0, lt=2**31)]
    length: Annotated[int, Field(ge=0, lt=2**31)]

    @model_validator(mode="after")
    def _ordered(self) -> "Position":
        if not self.start <= self.end <= self.length:
            raise ValueError("needs start ≤ end ≤ length")
        return self


class About(_Strict):
    """An image or a link near the quote that a report is about."""

    type: Annotated[models.About, Field(strict=False)]
    text: Annotated[
        Storable, Field(max_length=500), _said("An image's alternative text, a link's words.")
    ] = ""
    url: Annotated[Link, _said("Where the image comes from, where the link leads.")] = ""


class Submission(_Strict):
    """One report, as a reader's browser sends it."""

    id: Annotated[
        UUID, Field(strict=False), _said("Made once by the sender: the same is the same report.")
    ]
    url: Annotated[
        Link, AfterValidator(_address), _said("The page's address.", pattern="^[Hh][Tt][Tt][Pp]")
    ]
    canonical: Annotated[
        Link | None,
        _said("The page's `rel=canonical`; passed over if the site does not admit its origin."),
    ] = None
    title: Annotated[Storable, Field(max_length=1000), _said("The page's title.")] = ""
    lang: Annotated[Storable, Field(max_length=64), _said("BCP 47 tag of the page.")] = ""
    quote: Quote
    position: Position
    correction: Annotated[Long, _said("What it should read.")] = ""
    comment: Annotated[Long, _said("For the editors.")] = ""
    email: Annotated[
        Storable,
        Field(max_length=254),
        AfterValidator(_mailbox),
        _said("For an answer; or empty."),
    ] = ""
    kind: Annotated[
        Annotated[models.Kind, Field(strict=False)] | Literal[""],
        _said("What the reader says it is, where the site asks."),
    ] = ""
    about: Annotated[About | None, _said("What is wrong, where it is not the words quoted.")] = None
    #: A trap for programs that fill in every field.
    website: Annotated[str, AfterValidator(_human), _said("To be left empty.", maxLength=0)] = ""

    @property
    def passage(self) -> Passage:
        """The quote with its context and its place."""
        return Passage(
            exact=self.quote.exact,
            prefix=self.quote.prefix,
            suffix=self.quote.suffix,
            start=self.position.start,
            end=self.position.end,
            length=self.position.length,
        )

    @property
    def digest(self) -> bytes:
        """SHA-256 over all fields: equal for a retry, however its JSON is written.

        Fields that came later count where they say something: a report that was sent before an
        upgrade is the same after it.
        """
        unsaid = {name for name in ("kind", "about") if not getattr(self, name)}
        return hashlib.sha256(self.model_dump_json(exclude=unsaid).encode()).digest()


def read(body: bytes) -> Submission:
    """Read a report from a request's body. Raises NotJson and Invalid."""
    try:
        return Submission.model_validate(_object(body))
    except ValidationError as error:
        raise first(error) from None


def first(error: ValidationError) -> Invalid:
    """Give the first fault that a model found, by its field's name."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    # Between the names and places stand pydantic's own names for what else could have been there.
    named = (part for part in fault["loc"] if isinstance(part, int) or part.isidentifier())
    field = ".".join(map(str, named))
    return Invalid(field, fault["msg"].removeprefix("Value error, "))


def _object(body: bytes) -> dict[str, Any]:
    """Read one JSON object (RFC 8259), and nothing that only some parsers take."""
    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise NotJson("The body is not UTF-8.") from None
    except RecursionError:
        raise NotJson("The body is nested too deeply.") from None
    except ValueError as error:
        raise NotJson(f"The body is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise NotJson("The body is not a JSON object.")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
