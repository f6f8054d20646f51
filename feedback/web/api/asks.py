"""What the API is asked: a model for each query and each body, which checks it and describes it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from flask import json, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from feedback.desk import queue
from feedback.reports import schema
from feedback.reports.schema import NotJson

M = TypeVar("M", bound=BaseModel)

#: Most spots in one answer, and most reports of one spot.
MOST = 200
#: Every status at once.
ANY = "any"

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,6})?\d*([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


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


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Filters(_Ask):
    """Which spots are asked for, in which order, and how many."""

    status: Literal["waiting", "accepted", "fixed", "rejected", "snoozed", "merged", "any"] = Field(
        "waiting", description="Where it stands at the desk; `any` for all of them."
    )
    order: queue.Order = Field(queue.Order.NEWEST, description="What comes first.")
    cursor: Annotated[str, Field(max_length=200)] = Field(
        "", description="`next` or `previous` of another page of the same query."
    )
    limit: int = Field(50, ge=1, le=MOST, description="How many spots a page has.")


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
