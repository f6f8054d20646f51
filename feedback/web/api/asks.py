"""What the API is asked: a model for each query and each body, which checks it and describes it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from flask import json, request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from feedback.anchoring.locate import Presence
from feedback.anchoring.slips import Slip
from feedback.desk.queue import BadQuery, Order, Query
from feedback.desk.queue.query import LONGEST
from feedback.reports import schema
from feedback.reports.models import Kind as Mistake
from feedback.reports.models import Status
from feedback.reports.schema import Invalid, NotJson

M = TypeVar("M", bound=BaseModel)

#: Most spots in one answer, and most reports of one spot.
MOST = 200

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,6})?\d*([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WORD = f"({'|'.join(Status)})"
_STATUSES = re.compile(f"^(any|{_WORD}(,{_WORD}){{0,5}})$")


def _moment(text: object) -> datetime:
    """Read a time as RFC 3339 has it, and nothing else."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError("is no time; write 2026-11-24T00:36:02Z")
    day, clock, fraction, offset = found.groups()
    whole = f"{day}T{clock}{fraction or ''}{offset.upper()}"
    try:
        return datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no time that there is") from None


def _whole(number: object) -> object:
    """Take 3.0 for 3, as JSON Schema does."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = Annotated[int, BeforeValidator(_whole)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _day(text: object) -> str:
    """Read a day, or a time; write it as one way of several."""
    if isinstance(text, str) and _DAY.fullmatch(text):
        return text
    return _moment(text).isoformat()


Day = Annotated[
    str,
    BeforeValidator(_day),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ]
        }
    ),
]
#: Text of a filter.
Text = Annotated[schema.Storable, Field(max_length=LONGEST)]


def _statuses(text: str) -> str:
    if not _STATUSES.fullmatch(text):
        raise ValueError(f"is one of {', '.join(Status)}; several with commas; or `any`")
    return text


def _one(drawn: dict[str, Any]) -> None:
    """Draw a parameter that can be left out: no query can say null."""
    del drawn["default"]
    kept = [each for each in drawn.pop("anyOf") if each != {"type": "null"}]
    drawn.update(kept[0] if len(kept) == 1 else {"anyOf": kept})


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Filters(_Ask):
    """Which spots are asked for, in which order, and how many."""

    status: Annotated[
        str, AfterValidator(_statuses), Field(json_schema_extra={"pattern": _STATUSES.pattern})
    ] = Field(
        Status.WAITING.value,
        description=f"Where it stands at the desk: one of {', '.join(Status)}; several with "
        "commas; or `any`, which leaves out only the merged ones.",
    )
    presence: Presence | None = Field(
        None, description="What the last look at the article says.", json_schema_extra=_one
    )
    slip: Slip | None = Field(
        None, description="What kind of slip the correction mends.", json_schema_extra=_one
    )
    kind: Mistake | None = Field(
        None, description="What one of its readers calls it.", json_schema_extra=_one
    )
    section: Text = Field("", description="The article's section, as it is written there.")
    author: Text = Field("", description="The article's author, as it is written there.")
    lang: str = Field(
        "",
        max_length=LONGEST,
        pattern="^([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)?$",
        description="The article's language, a BCP 47 tag: `en` is any English.",
    )
    since: Day | None = Field(
        None,
        description="Reported last from this time on, or from the beginning of this day in UTC.",
        json_schema_extra=_one,
    )
    until: Day | None = Field(
        None,
        description="Reported last before this time, or up to the end of this day in UTC.",
        json_schema_extra=_one,
    )
    age: str = Field(
        "",
        pattern="^(day|week|month|[0-9]{1,4})?$",
        description="Reported within so long: `day`, `week`, `month`, or a number of days.",
    )
    readers: int = Field(0, ge=0, le=10**9, description="Reported by at least so many.")
    q: Text = Field(
        "",
        description="Words to search for in quotes, corrections, comments and titles: all of them, "
        'begun (`wor*`) or as a phrase (`"in a row"`). The last one may be half typed. What is '
        "found comes newest first.",
    )
    order: Order = Field(
        Order.NEWEST,
        description="What comes first. `urgent`: fresh, with many readers, surely a slip.",
    )
    cursor: Annotated[str, Field(max_length=200)] = Field(
        "", description="`next` or `previous` of another page of the same query."
    )
    limit: int = Field(50, ge=1, le=MOST, description="How many spots a page has at the most.")

    def asked(self, site_id: int) -> Query:
        """Give the query of a site's queue. Raises Invalid."""
        values = self.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
        try:
            return Query.read(site_id, {name: str(value) for name, value in values.items()})
        except BadQuery as error:
            raise Invalid(error.field, str(error)) from None


class Stated(BaseModel):
    """A decision, as a program states it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: Annotated[
        Literal["accept", "fix", "reject", "snooze", "merge", "split", "reopen", "undo"],
        Field(description="What is concluded."),
    ]
    version: Whole = Field(
        ge=0,
        lt=2**31,
        description="The spot's `version` as you read it; refused if it was decided since.",
    )
    reason: Annotated[schema.Storable, Field(max_length=64)] | None = Field(
        None, description="For `reject`: the code of one of the site's reasons."
    )
    note: schema.Long = Field("", description="For colleagues.")
    correction: schema.Long | None = Field(
        None, description="What it should read; null leaves that as it is."
    )
    until: Moment | None = Field(
        None, description="For `snooze`: until when, within a year; null for a day from now."
    )
    into: Annotated[Whole, Field(ge=1, lt=2**63)] | None = Field(
        None, description="For `merge`: the spot of the same article that gets the reports."
    )
    reports: list[Annotated[UUID, Field(strict=False)]] = Field(
        [], max_length=MOST, description="For `split`: the reports that go to a spot of their own."
    )


def query(model: type[M]) -> M:
    """Read the request's query. Raises Invalid."""
    return _valid(model, request.args.to_dict())


def body(model: type[M]) -> M:
    """Read the request's body, whatever type it says it has. Raises NotJson and Invalid."""
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise NotJson("The body is not JSON.") from None
    if not isinstance(found, dict):
        raise NotJson("The body is not a JSON object.")
    return _valid(model, found)


def _valid(model: type[M], values: dict[str, Any]) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise schema.first(error) from None
