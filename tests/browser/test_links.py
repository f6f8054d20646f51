"""Where links to a spot lead in a real browser: selections drawn by lot, and the page opened anew.

`FEEDBACK_TEST_LINKS=20 pytest -s tests/browser/test_links.py` draws 20 selections of each kind from
each page, instead of the few that fit a run of all tests, and prints the shares.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from feedback.anchoring import NormalText, normalize
from feedback.anchoring.links import place
from feedback.anchoring.normal import decode
from feedback.shipped import shipped
from tests.browser.loopback import JAVASCRIPT, ArticleSite

TESTS: Final = Path(__file__).parents[1]
OURS: Final = sorted((TESTS / "corpus" / "articles").glob("*.html"))
#: Articles as they are on the web, where some lie beside the repository.
REAL: Final = sorted((TESTS.parents[1] / "shared" / "pages").glob("*.html"))
#: What is walked along: ours always, the web's where there are some.
SHELVES: Final = {"ours": OURS} | ({"real": REAL} if REAL else {})
EACH: Final = int(os.environ.get("FEEDBACK_TEST_LINKS", "0"))

#: Taller than any screen and no text: with it above an article, no spot is in view by chance.
TALL: Final = "<canvas width=1 height=9000></canvas>"
_CONTENT: Final = re.compile(r"<body\b[^>]*>|(?=<(?:header|nav|h\d|div|main|p)\b)", re.IGNORECASE)

#: Draw selections that a reader could make: all that is selected can be seen, whole or in part.
DRAW: Final = """
async ({ seed, each }) => {
  const { normalize, describe } = await import("/anchoring.js");
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const upTo = (most) => 1 + Math.floor(random() * most);
  const pick = (list) => list[upTo(list.length) - 1];
  const { text, runs } = normalize(document.body);
  const words = [...new Intl.Segmenter([], { granularity: "word" }).segment(text)]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ index, segment }) => [index, index + segment.length]);
  const last = words.length - 1;
  const onward = (at, n) => words[Math.min(last, words.findIndex(([, end]) => end > at) + n)][1];
  const back = (at, n) => words[Math.max(0, words.findLastIndex(([start]) => start < at) - n)][0];
  const inside = runs.filter(({ at }) => at && text[at - 1] !== "\\n");
  const first = runs.filter(({ at }) => at && text[at - 1] === "\\n");
  const around = (list, most) => {
    if (!list.length) return [0, 0];
    const { at } = pick(list);
    return [back(at, upTo(most) - 1), onward(at, upTo(most) - 1)];
  };
  const oneBlock = (exact) => !exact.includes("\\n");
  const kinds = {
    "a word": [() => pick(words), oneBlock],
    "part of a word": [() => {
      const [start, end] = pick(words);
      const from = start + upTo(end - start) - 1;
      return [from, from + upTo(end - from)];
    }, oneBlock],
    "a phrase": [() => {
      const [from] = pick(words);
      return [from, onward(from, upTo(7))];
    }, oneBlock],
    "across tags": [() => around(inside, 2), oneBlock],
    "across blocks": [() => around(first, 4), (exact) => exact.includes("\\n")],
    "a long one": [() => {
      const [from] = pick(words);
      return [from, onward(Math.min(from + 300 + upTo(600), words[last][0]), 0)];
    }, (exact) => exact.length >= 300],
  };
  const isSeen = (range) =>
    [...range.getClientRects()].some(({ width, height }) => width && height) &&
    [range.startContainer, range.endContainer].every(({ parentElement }) =>
      parentElement.checkVisibility({ visibilityProperty: true }));
  const drawn = [];
  for (const [kind, [draw, fits]] of Object.entries(kinds)) {
    for (let left = each, tries = 20 * each; left && tries; tries--) {
      const [start, end] = words.length ? draw() : [0, 0];
      if (start >= end || !fits(text.slice(start, end))) continue;
      const head = runs.find(({ at, from, to }) => at + to - from > start);
      const tail = runs.findLast(({ at }) => at < end);
      const range = document.createRange();
      range.setStart(head.node, head.from + Math.max(0, start - head.at));
      range.setEnd(tail.node, Math.min(tail.to, tail.from + end - tail.at));
      const target = isSeen(range) && describe(range, document.body);
      if (!target) continue;
      drawn.push({ kind, target });
      left--;
    }
  }
  return drawn;
}
"""

#: Wait until the described range is in view. A browser that finds no words goes to the id half a
#: second after the page has loaded; after two it has gone wherever it would.
ARRIVE: Final = """
async (target) => {
  const { anchor } = await import("/anchoring.js");
  const range = anchor(target, document.body);
  const isInView = ({ top, bottom, left, right, width, height }) =>
    width && height && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  for (const late = performance.now() + 2000; performance.now() < late; ) {
    if ([...range.getClientRects()].some(isInView)) return true;
    await new Promise(requestAnimationFrame);
  }
  return false;
}
"""

Maker = Callable[[NormalText, int, int], str]


def directive(normal: NormalText, start: int, end: int) -> str:
    """What stands after the id: to see how far the words alone lead."""
    return ":~:" + place(normal, start, end).partition(":~:")[2]


class Traveller:
    """Ed, who opens articles at spots: each time anew, from outside."""

    def __init__(self, page: Page, site: ArticleSite) -> None:
        self.page = page
        self.site = site
        self.visits = count()
        module = (shipped("static") / "js/reader/anchoring.js").read_text("utf-8")
        site.publish("/anchoring.js", module, {"Content-Type": JAVASCRIPT})

    def publish(self, html: str, *, styled: bool = False) -> tuple[str, NormalText]:
        """Put an article up, far down the page; give its address and its text."""
        at = _CONTENT.search(html)
        pushed = html[: at.end()] + TALL + html[at.end() :] if at else TALL + html
        style = "'unsafe-inline'" if styled else "'none'"
        policy = f"default-src 'none'; script-src {self.site.origin}; style-src {style}"
        address = self.site.publish("/spots", pushed, {"Content-Security-Policy": policy})
        return address, normalize(pushed)

    def arrives(self, address: str, fragment: str, target: dict[str, Any]) -> bool:
        """Open the address at a fragment; tell whether what the target describes comes in view."""
        self.page.goto(f"{address}?{next(self.visits)}#{fragment}")
        return bool(self.page.evaluate(ARRIVE, target))

    def draw(self, address: str, seed: int, each: int) -> list[dict[str, Any]]:
        self.page.goto(f"{address}?{next(self.visits)}")
        assert self.page.evaluate(
            "() => scrollY === 0 && document.querySelector('canvas').clientHeight === 9000"
        )
        drawn = self.page.evaluate(DRAW, {"seed": seed, "each": each})
        assert isinstance(drawn, list)
        return drawn


@pytest.fixture(scope="module")
def ed(browser: Browser, article_site: ArticleSite) -> Iterator[Traveller]:
    context = browser.new_context()
    yield Traveller(context.new_page(), article_site)
    context.close()


class Shares:
    """How many of the links led to their spots, by kind of selection and by page."""

    def __init__(self) -> None:
        self.arrived: dict[str, list[bool]] = defaultdict(list)
        self.lost: list[str] = []

    def count(self, page: str, kind: str, arrived: bool, link: str) -> None:
        for row in ("all", kind, page):
            self.arrived[row].append(arrived)
        if not arrived:
            self.lost.append(f"{page}, {kind}: {link}")

    @property
    def share(self) -> float:
        return sum(self.arrived["all"]) / len(self.arrived["all"])

    def __str__(self) -> str:
        rows = (
            f"{row:24}{sum(seen):5} of{len(seen):5}{sum(seen) / len(seen):8.1%}"
            for row, seen in self.arrived.items()
        )
        return "\n".join(["", *rows, *self.lost])


def measure(
    ed: Traveller, pages: list[Path], each: int, make: Maker = place, *, styled: bool = False
) -> Shares:
    """Open each of the `pages` at `each` selections of every kind."""
    shares = Shares()
    for seed, path in enumerate(pages, start=1):
        address, normal = ed.publish(decode(path.read_bytes()), styled=styled)
        for spot in ed.draw(address, seed, each):
            target = spot["target"]
            start, end = target["position"]["start"], target["position"]["end"]
            assert normal.text[start:end] == target["quote"]["exact"]
            link = make(normal, start, end)
            shares.count(path.name, spot["kind"], ed.arrives(address, link, target), link)
    return shares


@pytest.mark.parametrize("shelf", SHELVES)
def test_links_lead_to_selections(ed: Traveller, shelf: str) -> None:
    pages = SHELVES[shelf]

    shares = measure(ed, pages, EACH or 1, styled=shelf == "ours")

    print(shares)
    assert len(shares.arrived["all"]) >= len(pages) * 6 * (EACH or 1) * 0.8
    assert shares.share >= 0.95, str(shares)


def test_most_links_need_no_id(ed: Traveller) -> None:
    shares = measure(ed, OURS, EACH or 1, directive, styled=True)

    print(shares)
    assert shares.share >= 0.85, str(shares)


#: What browsers search apart though it stands in one line, and what they read beside the text.
SEAMS: Final = [
    ("<p>The price is <button>twelve crowns</button> for a tile.</p>", "is twelve"),
    ("<p>The price is <button>twelve crowns</button> for a tile.</p>", "crowns"),
    ("<p>The height <math><mi>h</mi><mo>=</mo><mn>2</mn></math> of it.</p>", "height h=2 of"),
    ("<p>The height <math><mi>h</mi><mo>=</mo><mn>2</mn></math> of it.</p>", "h=2"),
    ("<p>The height <math><mi>h</mi><mo>=</mo><mn>2</mn></math> of it.</p>", "height"),
    ("<p>First <input> second <textarea>x</textarea> third.</p>", "First second third"),
    ("<p>First <svg width=9 height=9></svg> second <canvas></canvas> third.</p>", "second third"),
    ("<p>Choose <select><option>one<option>two</select> of them.</p>", "Choose of"),
    ("<p>Choose <select><option>one<option>two</select> of them.</p>", "Choose"),
    ("<pre>one    two\tthree four</pre>", "one two three four"),
    ("<p>one &nbsp; two.&nbsp; Three &nbsp;four</p>", "two. Three four"),
    ("<p>橋を渡った。 \u3000ふと見た。</p>", "渡った。 ふと"),
    ("<p>The new <ruby>Platz<rt>square</rt></ruby> of the town.</p>", "Platz"),
    ("<p>The new <ruby>Platz<rt>square</rt></ruby> of the town.</p>", "new Platz of"),
    ("<p>The new <ruby>Platz<rt>square</rt></ruby> of the town.</p>", "town"),
    (
        "<p>あの<ruby>渡辺<rp>(</rp><rt>わたなべ</rt><rp>)</rp></ruby>さんは今年で来る。</p>",
        "渡辺さん",
    ),
    ("<p>あの<ruby>渡辺<rp>(</rp><rt>わたなべ</rt><rp>)</rp></ruby>さんは今年で来る。</p>", "渡辺"),
    ("<table><tr><td>甲<td>六点<td>九点半<tr><td>乙<td>六点<td>九点半</table>", "点\n九"),
]


@pytest.mark.parametrize(("html", "spot"), SEAMS)
def test_words_alone_lead_over_seams(ed: Traveller, html: str, spot: str) -> None:
    address, normal = ed.publish(f"<p>Before it.</p>{html}<p>After it.</p>")
    start = normal.text.rindex(spot)
    end = start + len(spot)
    target = {"quote": {"exact": spot, "prefix": "", "suffix": ""}, "position": {"start": start}}

    assert ed.arrives(address, directive(normal, start, end), target)


def test_where_the_words_are_not_found_the_id_leads(ed: Traveller) -> None:
    html = (
        "<h2 id=far>Far</h2><canvas height=3000></canvas><h2 id='näher&amp;%25'>Near</h2>"
        "<p>one <span style='display: inline-block'>two</span> three</p>"
    )
    address, normal = ed.publish(html, styled=True)
    start = normal.text.index("one")
    target = {"quote": {"exact": "one two", "prefix": "", "suffix": ""}, "position": {"start": 0}}

    assert not ed.arrives(address, directive(normal, start, start + 7), target)
    assert ed.arrives(address, place(normal, start, start + 7), target)
