"""The demo's newspaper: its article, and the room where its editor mends it."""

import json
from importlib import resources
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template_string,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from feedback.config import Settings

PATH = "/demo/errata"

#: The strict policy under which the embed must work; the design's, for one origin.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
#: The mending room has a form, and no script.
_ROOM = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'"

#: What is wrong in the article, and what it should read.
MISTAKES = {
    "recieved": "received",
    "should of been": "should have been",
    "the the": "the",
    "embarassed": "embarrassed",
    "wich": "which",
    "lisening": "listening",
}

bp = Blueprint("demo", __name__)


@bp.get(PATH)
def article() -> Response:
    """Show the article as it reads now."""
    return _answer(page(_mended()), POLICY)


@bp.get(PATH + "/mend")
def room() -> Response:
    """Show what is wrong in the article, and what of it is mended."""
    source = _source("mend.html")
    room = render_template_string(source, mistakes=MISTAKES, mended=_mended(), sheet=_sheet())
    return _answer(room, _ROOM)


@bp.post(PATH + "/mend")
def mend() -> AnyResponse:
    """Mend what is ticked in the article, and nothing else."""
    mended = sorted(set(request.form.getlist("mended")) & MISTAKES.keys())
    _kept().write_text(json.dumps(mended), "utf-8")
    return redirect(url_for("demo.room"), 303)


def page(mended: set[str]) -> str:
    """Give the article's HTML in which the `mended` mistakes are none any more."""
    source = _source("article.html")
    for wrong in mended:
        source = source.replace(wrong, MISTAKES[wrong])
    return render_template_string(
        source,
        address=_settings().base_url + PATH,
        sheet=_sheet(),
        script=url_for("embed"),
        report=f"{_settings().base_url}/report",
    )


def _mended() -> set[str]:
    """Give what was mended, as far as the demo's home still tells."""
    try:
        kept = json.loads(_kept().read_text("utf-8"))
    except (OSError, ValueError):
        return set()
    return set(kept) & MISTAKES.keys()


def _kept() -> Path:
    return _settings().home / "demo-mended.json"


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]  # ours


def _source(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _sheet() -> str:
    return url_for("static", version="demo", name="css/demo.css")


def _answer(html: str, policy: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy
    return response
