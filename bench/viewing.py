"""What a script adds to the view of a long article, told by Chromium's own trace."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import mean, median, quantiles

from playwright.sync_api import Browser

from bench import article, chromium
from bench.chromium import Event, Seen
from bench.parts import Run, Void, turns
from bench.tables import Table

#: The least that waits for a key.
_LISTENER = b'addEventListener("keydown", () => {}, true);'
_NAMES = {
    "without": "without a script",
    "listener": "a script that adds one keydown listener (= 1)",
    "embed": "embed.js",
}
_BASE = "listener"
_HEAD = ("", "ms p50", "p90", "ratio", "idle p50", "CPU p50", "layout shift", "long tasks")

_END = "() => scrollTo(0, document.documentElement.scrollHeight)"
#: How long the caption has to come, in ms.
_CAPTION = 150


@dataclass(frozen=True, slots=True)
class Spent:
    """The main thread's time that a script took, in ms."""

    #: From the begin to the end of each call, whatever it waited for.
    whole: float = 0
    #: The part in calls for which the browser chose a moment with nothing else to do.
    idle: float = 0
    #: The part in which the processor worked for it.
    cpu: float = 0


@dataclass(frozen=True, slots=True)
class View:
    """One view of the article."""

    spent: Spent
    seen: Seen


def table(run: Run, browser: Browser, embed: str) -> Table:
    """View the article without a script, with the least, and with `embed`, an address, in turn."""
    with article.site({"/listener.js": _LISTENER}) as elsewhere:
        scripts = {"without": "", "listener": f"{elsewhere}/listener.js", "embed": embed}
        pages = {f"/{name}": article.article(script) for name, script in scripts.items()}
        views: dict[str, list[View]] = {name: [] for name in scripts}
        with article.site(pages) as paper:
            for number in range(run.visits):
                for name in turns(list(scripts), number):
                    views[name].append(_view(browser, f"{paper}/{name}", scripts[name]))
    size = len(pages["/without"]) // 1000
    note = f"{run.visits} views each; {article.PARAGRAPHS} paragraphs, {size} kB. Bar: 1 ms."
    rows = [[_NAMES[name], *_cells(found, views[_BASE])] for name, found in views.items()]
    return Table("A view of a long article", _HEAD, rows, note)


def _view(browser: Browser, address: str, script: str) -> View:
    """Open the article, let it come to rest, then scroll to its end, where the caption comes."""
    with chromium.tab(browser) as page:
        with chromium.traced(browser, page) as events:
            page.goto(address, wait_until="load")
            chromium.rest(page)
        page.evaluate(_END)
        page.wait_for_timeout(_CAPTION)
        return View(spent(events, script) if script else Spent(), chromium.seen(page))


def spent(events: Iterable[Event], script: str) -> Spent:
    """Add up what the main thread did for the script at an address. Raises Void if it never ran."""
    timed = [event for event in events if event["ph"] == "X"]
    own = [event for event in timed if event["args"].get("data", {}).get("url") == script]
    main = next((_thread(event) for event in own if event["name"] == "EvaluateScript"), None)
    if main is None:
        raise Void(f"{script} was not run")
    calls = list(_outermost(event for event in own if _thread(event) == main))
    idle = [event for event in timed if event["name"] == "FireIdleCallback"]
    meanwhile = [call for call in calls if any(_holds(event, call) for event in idle)]
    return Spent(_sum(calls, "dur"), _sum(meanwhile, "dur"), _sum(calls, "tdur"))


def _thread(event: Event) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _outermost(events: Iterable[Event]) -> Iterator[Event]:
    """Leave out what happens within another of these, all of one thread."""
    end = 0
    for event in sorted(events, key=lambda event: (event["ts"], -event.get("dur", 0))):
        if event["ts"] >= end:
            yield event
            end = event["ts"] + event.get("dur", 0)


def _holds(event: Event, call: Event) -> bool:
    within = event["ts"] <= call["ts"] <= event["ts"] + event.get("dur", 0)
    return within and _thread(event) == _thread(call)


def _sum(events: Iterable[Event], time: str) -> float:
    return float(sum(event.get(time, 0) for event in events)) / 1000


def _cells(views: list[View], base: list[View]) -> list[str]:
    """Write the figures; the ratio is the median of the rounds' own ratios."""
    shift = max(view.seen.shift for view in views)
    tasks = mean(view.seen.tasks for view in views)
    seen = [f"{shift:.3f}", f"{tasks:.1f}"]
    whole = [view.spent.whole for view in views]
    if not any(whole):
        return ["", "", "", "", "", *seen]
    ratio = median(a / b.spent.whole for a, b in zip(whole, base, strict=True))
    return [
        f"{median(whole):.2f}",
        f"{_ninth(whole):.2f}",
        f"{ratio:.1f}",
        f"{median(view.spent.idle for view in views):.2f}",
        f"{median(view.spent.cpu for view in views):.2f}",
        *seen,
    ]


def _ninth(times: list[float]) -> float:
    """Give what nine of ten stay below."""
    return quantiles(times, n=10, method="inclusive")[8] if len(times) > 1 else times[0]
