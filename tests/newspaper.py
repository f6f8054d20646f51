"""A newspaper on loopback: a real HTTP server whose articles a test writes and edits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from feedback.articles import schedule
from feedback.db import db, now
from feedback.reports.models import Spot
from feedback.sites import Site
from feedback.worker import looks
from tests.far_end import FarEnd, Visit, a_far_end, answering
from tests.makers import TEXT, a_spot, standing


@dataclass
class Newspaper:
    """What it publishes, by path; `end.requests` is what it was asked for."""

    articles: dict[str, str] = field(default_factory=dict)
    robots: str = "User-agent: *\nDisallow: /private/\n"
    #: Answers with this status and these headers to all but robots.txt, while it is set.
    trouble: tuple[int, dict[str, str]] | None = None
    #: What each answer to an article has besides.
    headers: dict[str, str] = field(default_factory=dict)
    #: Runs before each answer to an article.
    before: Callable[[], object] = lambda: None
    end: FarEnd = field(default_factory=lambda: FarEnd(0))

    def __call__(self, visit: Visit) -> None:
        assert visit.request is not None
        path = visit.request.path
        if path == "/robots.txt":
            answering(self.robots.encode(), content_type="text/plain")(visit)
        elif self.trouble is not None:
            status, headers = self.trouble
            answering(b"Not now.", status, **headers)(visit)
        elif path in self.articles:
            self._publish(visit, self.articles[path])
        else:
            answering(b"No such page.", 404)(visit)

    def _publish(self, visit: Visit, page: str) -> None:
        assert visit.request is not None
        self.before()
        etag = f'"{sha256(page.encode()).hexdigest()[:12]}"'
        if visit.request.headers.get("if-none-match") == etag:
            answering(b"", 304, etag=etag)(visit)
        else:
            answering(
                page.encode(), content_type="text/html; charset=utf-8", etag=etag, **self.headers
            )(visit)

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.end.requests]

    @property
    def origin(self) -> str:
        return self.end.url.rstrip("/")


def printed(text: str = TEXT, head: str = "") -> str:
    """Set a normal text as a page: a paragraph for each line."""
    body = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
    return f"<!doctype html><html lang=en><head><title>News</title>{head}</head><body>{body}</body>"


@contextmanager
def a_newspaper(**articles: str) -> Iterator[Newspaper]:
    """A newspaper with articles by their names: `captain=...` is at /captain."""
    newspaper = Newspaper({f"/{name}": page for name, page in articles.items()})
    with a_far_end(newspaper) as end:
        newspaper.end = end
        yield newspaper


def settled(newspaper: Newspaper, **more: Any) -> dict[str, Any]:
    """Settings with which its articles may be looked at, and are when a test says so."""
    return {"fetch_allow": [newspaper.end.pair], "fetch_pause": 0, "check_delays": [3600]} | more


def a_report_on(site: Site, newspaper: Newspaper, name: str = "captain", **more: Any) -> Spot:
    return a_spot(site, url=f"{newspaper.origin}/{name}", **more)


def look(*spots: Spot) -> None:
    """Have the articles of these spots looked at now, as a worker would."""
    for spot in spots:
        schedule.hasten(db.session, spot.article_id, now())
    db.session.commit()
    while looks.look_at_next():
        pass
    for spot in spots:
        standing(spot)
        db.session.refresh(spot.article)
    db.session.commit()
