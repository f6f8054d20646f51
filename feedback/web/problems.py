"""Errors for programs: `application/problem+json` (RFC 9457) with stable codes."""

from http import HTTPStatus
from typing import Any

from flask import Response, json

TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """Make an answer that says what is wrong.

    `code` is stable and for programs, `detail` for people; `more` are members
    of this kind of problem, such as `field`.
    """
    body = {
        "type": f"urn:reader-feedback:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    return Response(json.dumps(body), status, mimetype=TYPE)


def later(status: int, code: str, detail: str, seconds: int) -> Response:
    """Make an answer that says when to try again."""
    answer = problem(status, code, detail)
    answer.headers["Retry-After"] = str(max(1, seconds))
    return answer
