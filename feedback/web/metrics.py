"""Figures for who watches the service: `GET /metrics`, in the text format of Prometheus.

Two kinds: what this process has done since it started (requests, reports), which each process
answers for itself; and what the database holds (spots, looks), which all answer alike. A scrape
reads a few dozen small rows and an index, however much the database holds.

No figure names a site, an editor or an address. Yet how many spots wait is nobody's business, and
behind a proxy `/metrics` would be open to the world. So figures are told only to who shows the
token of the settings, or comes straight from this machine and through no proxy.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import hmac
import logging
import platform
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from feedback import migrations
from feedback.config import Settings
from feedback.db import db, now
from feedback.desk import figures
from feedback.web import security_log
from feedback.web.security_log import Event

bp = Blueprint("metrics", __name__)

log = logging.getLogger("feedback.web")

#: Upper bounds of the times that requests take, in seconds.
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
#: Any word can be sent as a method; those that are no request of ours count as one.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
#: What each status of the intake says of a report.
_OUTCOMES = {
    200: "repeated",
    201: "taken",
    303: "taken",
    400: "not json",
    403: "not admitted",
    409: "id taken",
    413: "too large",
    415: "media type",
    422: "invalid",
    429: "too many",
    503: "unavailable",
}
#: Where reports come in: from the dialog, and from the form for readers without scripts.
_INTAKE = frozenset({"reports_api.take", "report_form.send"})
#: What proxies add to a request.
_FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")

# Each counter would have a gauge beside it that says when it was made.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's


class Figures:
    """What one application counts, apart from all others in the process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "feedback_requests",
            "Requests answered by this process.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "feedback_request_seconds",
            "Time to answer a request, from when a thread took it up.",
            ["method", "route"],
            buckets=_BOUNDS,
            registry=self.registry,
        )
        self._reports = Counter(
            "feedback_reports",
            "Reports that came in to this process, by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        for outcome in (*_OUTCOMES.values(), "error"):
            self._reports.labels(outcome)
        ProcessCollector(registry=self.registry)
        self.registry.register(_Kept())

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = self._known.get((method, route, status))
        if known is None:
            known = self._known[method, route, status] = (
                self._requests.labels(method, route, str(status)),
                self._seconds.labels(method, route),
            )
        known[0].inc()
        known[1].observe(seconds)

    def reported(self, status: int) -> None:
        """Count a report."""
        self._reports.labels(_OUTCOMES.get(status, "error")).inc()


def init_app(app: Flask) -> None:
    """Count each request. To be called first: what is registered first is outermost."""
    app.extensions["figures"] = Figures()
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    mine: Figures = current_app.extensions["figures"]
    method = request.method if request.method in _METHODS else "other"
    route = request.url_rule.rule if request.url_rule is not None else ""
    mine.answered(method, route, response.status_code, time.perf_counter() - g.begun)
    if request.endpoint in _INTAKE and method == "POST":
        mine.reported(response.status_code)
    return response


@bp.get("/metrics")
def metrics() -> Response:
    """Tell the figures to whoever may know them."""
    if not _admitted():
        security_log.note(Event.TOKEN_REFUSED)
        text = "Figures are told to who shows FEEDBACK_METRICS_TOKEN as a bearer token"
        more = "." if _token() else ", or asks on this machine without a proxy."
        answer = Response(text + more + "\n", 401, mimetype="text/plain")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    mine: Figures = current_app.extensions["figures"]
    return Response(generate_latest(mine.registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _admitted() -> bool:
    """Tell whether who asks shows the token; where none is set, whether they are on this machine.

    A proxy here is on this machine too, but says for whom it asks.
    """
    if token := _token():
        shown = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(shown, f"Bearer {token}".encode())
    names = request.environ.keys()
    through = any(name.startswith("HTTP_X_FORWARDED") or name in _FORWARDED for name in names)
    return not through and _here(request.environ.get("REMOTE_ADDR", ""))


def _token() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.metrics_token.get_secret_value()


def _here(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


class _Kept(Collector):
    """What the database holds; where it does not answer, that and nothing else."""

    def collect(self) -> Iterator[Metric]:
        """Give the figures; needs an application context."""
        settings: Settings = current_app.extensions["settings"]
        kind = "sqlite" if settings.embedded else "postgresql"
        yield _gauge(
            "build_info",
            "The version that runs.",
            [({"version": version("reader-feedback"), "python": platform.python_version()}, 1)],
        )
        try:
            ready = migrations.current(db.engine)
            found = list(_found()) if ready else []
        except SQLAlchemyError:
            log.exception("The database does not answer")
            ready, found = False, []
        text = "Whether the database answers and has this version's tables."
        yield _gauge("database_ready", text, [({"kind": kind}, float(ready))])
        yield from found


def _found() -> Iterator[Metric]:
    """Give what the database tells, all as of one moment."""
    at = now()
    with db.reading.connect() as connection:
        size = connection.scalar(figures.size(connection.dialect.name))
        waiting = connection.execute(figures.backlog(), {"at": at}).one()
        letters = connection.execute(figures.outbox()).one()
        rows = connection.execute(figures.kept()).all()
    yield _gauge("database_bytes", "Size of the database.", [({}, size)])
    text = f"Articles that are due for a look; {figures.MOST} if there are more."
    yield _gauge("articles_due", text, [({}, waiting.due)])
    text = "Time since the article that is due longest was to be looked at."
    yield _gauge("articles_lag_seconds", text, [({}, _since(waiting.since, at))])
    text = f"Letters that wait for a carrier that is on; {figures.MOST} if there are more."
    yield _gauge("letters_waiting", text, [({}, letters.waiting)])
    text = "Time since the oldest letter that waits was written."
    yield _gauge("letters_oldest_seconds", text, [({}, _since(letters.since, at))])
    yield from _told({name: [row for row in rows if row.name == name] for name in _NAMES})


def _since(begun: datetime | None, at: datetime) -> float:
    return (at - begun).total_seconds() if begun else 0.0


_NAMES = (*figures.totals(), figures.LOOKS, figures.LOOK_SECONDS, figures.TURN)

#: What the totals count.
_TOTALS = {
    "spots": "Spots by their status and by what the last look says of them.",
    "decisions": "Decisions by their kind and by who made them.",
    "articles": "Articles by what the last look at them failed by; empty where it did not.",
    "revisions": "Texts of articles that are kept.",
    "letters": "Letters by their state; dead ones wait for a person.",
}


def _told(rows: dict[str, list[Any]]) -> Iterator[Metric]:
    """Give what is kept as figures."""
    for name, text in _TOTALS.items():
        yield _gauge(name, text, [(figures.labels(row), row.value) for row in rows[name]])
    for row in rows[figures.TURN]:
        text = "Time that it took to add up spots, decisions, articles, revisions and letters."
        yield _gauge("totals_seconds", text, [({}, row.value)])
    for row in rows["revisions"]:
        text = "When spots, decisions, articles, revisions and letters were added up last."
        yield _gauge("totals_timestamp_seconds", text, [({}, row.at.timestamp())])
    text = "Looks at articles by what came of them."
    looks = CounterMetricFamily("feedback_looks", text, labels=["outcome", "failure"])
    for row in rows[figures.LOOKS]:
        told = figures.labels(row)
        looks.add_metric([told["outcome"], told["failure"]], row.value)
    yield looks
    yield _look_seconds(
        {figures.labels(row)["le"]: row.value for row in rows[figures.LOOK_SECONDS]}
    )


def _look_seconds(counted: dict[str, float]) -> Metric:
    """Give the histogram: what is kept for each bound adds up to what is told."""
    so_far, buckets = 0.0, []
    for bound in figures.BOUNDS:
        so_far += counted.get(f"{bound:g}", 0.0)
        buckets.append(("+Inf" if bound == float("inf") else str(bound), so_far))
    text = "Time that looks at articles took."
    return HistogramMetricFamily(
        "feedback_look_seconds", text, buckets=buckets, sum_value=counted.get("sum", 0.0)
    )


def _gauge(name: str, text: str, values: Iterable[tuple[dict[str, str], float]]) -> Metric:
    family = GaugeMetricFamily(f"feedback_{name}", text)
    for told, value in values:
        family.add_sample(f"feedback_{name}", told, value)
    return family
