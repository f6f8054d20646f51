"""How long the reader waits for the dialog: from the key to the first frame that shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from playwright.sync_api import Browser, Page

from bench import article, chromium
from bench.chromium import Seen
from bench.parts import Run, Void, turns
from bench.tables import Table

#: How long the reader takes from the selection to the key, in ms.
_PAUSE = 300
#: How long the browser has to tell of what was, in ms.
_AFTERWARDS = 100
_HEAD = (
    "",
    "processor",
    "round trip",
    "ms p50",
    "least-most",
    "presented p50",
    "bar",
    "layout shift",
    "long tasks",
)


@dataclass(frozen=True, slots=True)
class Case:
    """What the reader's browser has when the key comes, and how fast it is."""

    name: str
    #: Keeps the page from being further than that.
    script: str = ""
    #: Milliseconds from the selection to the key.
    pause: int = _PAUSE
    #: How many times slower the processor is.
    slower: int = 1
    #: Milliseconds that each answer waits besides.
    trip: int = 0
    #: Milliseconds that the reader may wait.
    bar: int | None = None


_AHEAD = "fetched ahead, built while idle"
_UNBUILT = ("fetched ahead, not built", "self.requestIdleCallback = () => 0;")
#: Nothing is fetched when something is selected.
_COLD = (
    "nothing fetched",
    'addEventListener("selectionchange", (event) => event.stopImmediatePropagation(), true);',
    0,
)
CASES = (
    Case(_AHEAD, bar=60),
    Case(*_UNBUILT),
    Case(*_COLD),
    Case(_AHEAD, slower=4, bar=100),
    Case(*_UNBUILT, slower=4),
    Case(*_COLD, slower=4),
    Case(_AHEAD, trip=150, bar=60),
    Case(*_COLD, trip=150),
)

#: Notes when the key was pressed, when the dialog was painted, what the browser says of the key.
_WATCH = """
const isKey = ({ key, ctrlKey }) => key === "Enter" && ctrlKey;
addEventListener("keydown", (event) => isKey(event) && (self.pressed = event.timeStamp), true);
watch("event", ({ name, startTime, duration }) => {
  if (name === "keydown" && startTime === self.pressed) self.presented = duration;
});
self.painted = new Promise((done, fail) => {
  const told = () => {
    const field = document.querySelector("reader-feedback").shadowRoot.activeElement;
    const { top, bottom } = field.getBoundingClientRect();
    const there = field.name === "correction" && top >= 0 && bottom <= innerHeight;
    done({ after: performance.now() - self.pressed, text: there ? field.value : "" });
  };
  const opened = () => requestAnimationFrame(() => requestAnimationFrame(told));
  document.addEventListener("feedback:open", opened);
  setTimeout(fail, 20_000, new Error("no dialog"));
});
"""
_SELECT = """() => {
  const paragraphs = document.querySelectorAll("p");
  const middle = paragraphs[paragraphs.length >> 1];
  const text = middle.lastChild;
  const from = text.data.indexOf(" ", text.length >> 1) + 1;
  middle.scrollIntoView({ block: "center" });
  getSelection().setBaseAndExtent(text, from, text, text.data.indexOf(" ", from));
  return getSelection().toString();
}"""
_FETCHED = """performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/js/reader/"))
  .map(({ startTime, responseEnd }) => [startTime, responseEnd])"""


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of the dialog. Times are in ms."""

    #: From the key until the field for the correction was painted.
    after: float
    #: From the key until the frame that the key led to was on the screen, as the browser says it;
    #: None where the dialog came after that.
    presented: float | None
    seen: Seen
    #: When each request for the dialog began, and was answered.
    requests: list[tuple[float, float]]

    @property
    def at_once(self) -> bool:
        """Whether no request waited for the answer to another."""
        begun, answered = zip(*self.requests, strict=True)
        return bool(max(begun) < min(answered))


def openings(run: Run, browser: Browser, embed: str) -> dict[Case, list[Opened]]:
    """Open the dialog of `embed`, an address, in each case, in turn; in a quick run, in a few."""
    cases = CASES if run.visits > 1 else CASES[1::3]
    found: dict[Case, list[Opened]] = {case: [] for case in cases}
    with article.site({"/article": article.article(embed)}) as paper:
        for number in range((run.visits + 1) // 2):
            for case in turns(cases, number):
                found[case].append(_opened(browser, f"{paper}/article", case))
    return found


def _opened(browser: Browser, address: str, case: Case) -> Opened:
    """Select a word in the middle of the article and press the keys. Raises Void."""
    with chromium.tab(browser, _WATCH + case.script) as page:
        page.goto(address, wait_until="load")
        chromium.rest(page)
        before = chromium.seen(page)
        chromium.slow(page, case.slower, case.trip)
        word = page.evaluate(_SELECT)
        page.wait_for_timeout(case.pause)
        page.keyboard.press("Control+Enter")
        painted = page.evaluate("painted")
        if painted["text"] != word:
            raise Void(f"the dialog shows {painted['text']!r} where {word!r} was selected")
        page.wait_for_timeout(_AFTERWARDS)
        return _told(page, case, painted["after"], before)


def _told(page: Page, case: Case, after: float, before: Seen) -> Opened:
    """Gather what the page has noted since it was `before`."""
    seen = chromium.seen(page)
    return Opened(
        after=after,
        presented=page.evaluate("self.presented") if case.pause else None,
        seen=Seen(seen.shift - before.shift, seen.tasks - before.tasks),
        requests=page.evaluate(_FETCHED),
    )


def table(openings: Mapping[Case, Sequence[Opened]]) -> Table:
    """Write the times of all cases."""
    most = max(len(found) for found in openings.values())
    note = f"{most} openings each, of a dialog over the long article."
    rows = [_row(case, found) for case, found in openings.items()]
    return Table("From the key to the painted dialog", _HEAD, rows, note)


def _row(case: Case, found: Sequence[Opened]) -> list[str]:
    times = [each.after for each in found]
    presented = [each.presented for each in found if each.presented is not None]
    return [
        case.name,
        f"{case.slower}× slower" if case.slower > 1 else "as it is",
        f"{case.trip} ms" if case.trip else "",
        f"{median(times):.0f}",
        f"{min(times):.0f}-{max(times):.0f}",
        f"{median(presented):.0f}" if presented else "",
        str(case.bar or ""),
        f"{max(each.seen.shift for each in found):.3f}",
        f"{mean(each.seen.tasks for each in found):.1f}",
    ]


def fetched(openings: Mapping[Case, Sequence[Opened]]) -> str:
    """Say how the dialog was fetched where nothing was there and each answer took a while."""
    cold = [
        each for case, found in openings.items() if case.trip for each in found if not case.pause
    ]
    counts = {len(each.requests) for each in cold}
    at_once = sum(each.at_once for each in cold)
    return (
        f"Requests of a dialog, as the browser counts: {', '.join(map(str, sorted(counts)))}; "
        f"all begun before any was answered in {at_once} of {len(cold)} openings."
    )
