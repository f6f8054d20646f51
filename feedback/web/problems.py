"""Errors for programs: `application/problem+json` (RFC 9457) with stable codes."""

from http import HTTPStatus
from typing import Any

from flask import Response, json, request
from pydantic import BaseModel, ConfigDict, Field

TYPE = "application/problem+json"


class Problem(BaseModel):
    """What is wrong (RFC 9457). Some problems have members of their own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(description="`urn:reader-feedback:` and the code.")
    title: str = Field(description="What the status is called.")
    status: int
    detail: str = Field(description="What is wrong and what helps, for people.")
    code: str = Field(description="What is wrong, for programs: it stays the same.")


class FieldProblem(Problem):
    """A field, or a parameter, is not as it must be."""

    field: str = Field(description="Its name, dotted: `quote.exact`.")


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """Make an answer that says what is wrong.

    `code` is stable and for programs, `detail` for people; `more` are members
    of this kind of problem, such as `field`.
    """
    # Not checked: a detail may quote what no JSON library of another language would take.
    body = Problem.model_construct(
        type=f"urn:reader-feedback:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        **more,
    )
    return Response(json.dumps(body.model_dump()), status, mimetype=TYPE)


def later(status: int, code: str, detail: str, seconds: int) -> Response:
    """Make an answer that says when to try again."""
    answer = problem(status, code, detail)
    answer.headers["Retry-After"] = str(max(1, seconds))
    return answer


def wants_json() -> bool:
    """Tell whether a script of ours asks, and not a browser that goes to a page."""
    return request.accept_mimetypes.best == "application/json"
