"""The browser's half of the normal text, held to the corpus and to the server's half."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route

from feedback.anchoring import fragment, normalize
from feedback.anchoring.normal import BLOCKS, DROPPED, PREFORMATTED, SKIPPED, SPACES

TESTS: Final = Path(__file__).parents[1]
MODULE: Final = TESTS.parent / "static" / "js" / "reader" / "anchoring.js"
#: Articles as they are on the web, where some lie beside the repository.
REAL_PAGES: Final = sorted((TESTS.parents[1] / "shared" / "pages").glob("*.html"))
NORMAL: Final = json.loads((TESTS / "corpus" / "normal.json").read_text("utf-8"))
DESCRIBE: Final = json.loads((TESTS / "corpus" / "describe.json").read_text("utf-8"))

KNOWN_TAGS: Final = (
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big "
    "blink blockquote body br button canvas caption center cite code col colgroup data dd del "
    "details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame "
    "h1 h2 h3 h4 h5 h6 header hgroup hr i image img input ins kbd keygen label legend li link "
    "listing main map mark marquee math menu menuitem meta nav nobr ol optgroup option output p "
    "param picture pre q rb ruby s samp search section selectedcontent slot small source spacer "
    "span strike strong sub summary sup svg table tbody td tfoot th thead time tr track tt u ul "
    "var wbr xmp mi mo mn ms mtext mrow mfrac msqrt mtable mtr mtd semantics maction none merror "
    "g defs symbol use path circle text tspan textPath foreignObject switch marker pattern mask "
    "clipPath linearGradient filter view image"
).split()

#: DOMParser has no scripting; Lexbor leaves <sup> in <svg> and <math>, against the standard.
UNLIKE: Final = {"noscript", "sup"}
SOUP: Final = st.lists(
    st.one_of(
        st.sampled_from(sorted({*KNOWN_TAGS, *SKIPPED, *BLOCKS} - UNLIKE)).flatmap(
            lambda tag: st.sampled_from([f"<{tag}>", f"</{tag}>", f"<{tag} hidden>", f"<{tag} x>"])
        ),
        st.sampled_from([" ", "\n", "a", "b c", "&nbsp;", "&shy;", "<!-- x -->", "\u200b", "😀"]),
        st.text(st.characters(exclude_characters="<&\0", codec="utf-8"), max_size=4),
    ),
    max_size=24,
).map("".join)

HOST: Final = "http://article.test"
#: Pages are parsed with scripting on, as a reader's are, but no script of theirs runs.
POLICY: Final = f"default-src 'none'; style-src 'unsafe-inline'; script-src {HOST}/anchoring.js"
#: Functions for the page: a range from a case of the corpus, and a root.
HARNESS: Final = """
async () => {
  globalThis.anchoring = await import("/anchoring.js");
  const nodeAt = ([css, child, offset]) => {
    const element = document.querySelector(css);
    return offset === undefined ? [element, child] : [element.childNodes[child], offset];
  };
  const takeMark = (mark) => {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    while (!walker.nextNode().data.includes(mark));
    const node = walker.currentNode;
    const at = node.data.indexOf(mark);
    node.deleteData(at, mark.length);
    return [node, at];
  };
  globalThis.rangeOf = ({ select }) => {
    const range = document.createRange();
    range.setStart(...(select ? nodeAt(select.start) : takeMark("[[")));
    range.setEnd(...(select ? nodeAt(select.end) : takeMark("]]")));
    return range;
  };
  globalThis.rootOf = ({ root }) => root ? document.querySelector(root) : document.body;
}
"""


class Tree:
    """A page in the browser, with the module loaded beside it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = ""
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.url == f"{HOST}/anchoring.js":
            route.fulfill(body=MODULE.read_bytes(), content_type="text/javascript")
        elif route.request.url == f"{HOST}/":
            policy = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=self.html.encode(), headers=policy)
        else:
            route.abort()

    def open(self, html: str) -> "Tree":
        self.html = html
        self.page.goto(f"{HOST}/", wait_until="domcontentloaded")
        self.page.evaluate(HARNESS)
        return self

    def run(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def text(self) -> str:
        text = self.run("() => anchoring.normalize(document.body).text")
        assert isinstance(text, str)
        return text


@pytest.fixture(scope="module")
def tree(browser: Browser) -> Iterator[Tree]:
    context = browser.new_context()
    yield Tree(context.new_page())
    context.close()


@pytest.fixture(scope="module")
def empty_page(browser: Browser) -> Iterator[Tree]:
    context = browser.new_context()
    yield Tree(context.new_page()).open("")
    context.close()


@pytest.mark.parametrize("case", NORMAL, ids=[case["name"] for case in NORMAL])
def test_the_browser_reads_the_corpus(tree: Tree, case: dict[str, str]) -> None:
    assert tree.open(case["html"]).text() == case["text"]


@pytest.mark.parametrize("case", DESCRIBE, ids=[case["name"] for case in DESCRIBE])
def test_a_selection_is_described(tree: Tree, case: dict[str, Any]) -> None:
    found = tree.open(case["html"]).run(
        "(case_) => anchoring.describe(rangeOf(case_), rootOf(case_))", case
    )

    assert found == (case["quote"] and {"quote": case["quote"], "position": case["position"]})


@pytest.mark.parametrize("case", DESCRIBE, ids=[case["name"] for case in DESCRIBE])
def test_a_described_place_is_found_again(tree: Tree, case: dict[str, Any]) -> None:
    found = tree.open(case["html"]).run(
        """(case_) => {
          rangeOf(case_);
          const range = case_.quote && anchoring.anchor(case_, rootOf(case_));
          return range && anchoring.describe(range, rootOf(case_));
        }""",
        case,
    )

    assert found == (case["quote"] and {"quote": case["quote"], "position": case["position"]})


def test_both_sides_read_real_articles_alike(tree: Tree) -> None:
    pages = [path.read_bytes().decode("utf-8", "replace") for path in REAL_PAGES]

    for html in pages:
        assert tree.open(html).text() == normalize(html).text


def test_both_sides_treat_every_tag_alike(tree: Tree) -> None:
    names = {*SKIPPED, *BLOCKS, *PREFORMATTED, *KNOWN_TAGS} - {"plaintext", "frameset"}

    for name in sorted(names):
        html = f"<p>a<{name}>b\nc</{name}>d</p>e<svg>f<{name}>g\nh</{name}>i</svg>j"
        assert tree.open(html).text() == normalize(html).text, name


def test_both_sides_treat_every_code_point_alike(tree: Tree) -> None:
    codes = [*range(1, 0xD800), *range(0xE000, 0x10000), *range(0x1F000, 0x20000, 7), 0xE0001]
    html = "".join(f"<p>a&#{code};b" for code in codes)

    assert tree.open(html).text() == normalize(html).text
    assert normalize("".join(f"a{space}" for space in SPACES)).text.split(" ") == ["a"] * 29
    assert normalize(f"a{DROPPED}b").text == "ab"


@given(SOUP)
@settings(deadline=None, max_examples=300, derandomize=True)
def test_both_sides_read_any_markup_alike(empty_page: Tree, html: str) -> None:
    text = empty_page.run(
        "(html) => anchoring.normalize(new DOMParser().parseFromString(html, 'text/html').body)"
        ".text",
        html,
    )

    assert text == normalize(html).text


RANDOM_RANGES: Final = """
({ seed, count, html }) => {
  const root = html === undefined
    ? document.body : new DOMParser().parseFromString(html, "text/html").body;
  const random = () => ((seed = (seed * 48271) % 2147483647) / 2147483647);
  const pick = (most) => Math.floor(random() * (most + 1));
  const nodes = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
  while (walker.nextNode()) nodes.push(walker.currentNode);
  const { text } = anchoring.normalize(root);
  const points = [...text];
  const wrong = [];
  const described = [];
  for (let i = 0; i < count && nodes.length; i++) {
    const range = document.createRange();
    for (const edge of ["setStart", "setEnd"]) {
      const node = nodes[edge === "setEnd" && random() < 0.8
        ? Math.min(nodes.length - 1, nodes.indexOf(range.startContainer) + pick(4))
        : pick(nodes.length - 1)];
      range[edge](node, pick(node.data?.length ?? node.childNodes.length));
    }
    const found = anchoring.describe(range, root);
    if (!found) continue;
    described.push(found);
    const { quote, position } = found;
    const { exact, prefix, suffix } = quote;
    const bare = (text) => text.replace(/\\s+/g, " ").trim();
    const clone = document.createElement("div");
    clone.append(range.cloneContents());
    const again = anchoring.anchor(found, root);
    const good = points.length === position.length
      && points.slice(position.start, position.end).join("") === exact
      && points.slice(0, position.start).slice(-64).join("") === prefix
      && points.slice(position.end).slice(0, 64).join("") === suffix
      && bare(exact).includes(bare(anchoring.normalize(clone).text))
      && JSON.stringify(anchoring.describe(again, root)) === JSON.stringify(found);
    if (!good) wrong.push([found, anchoring.normalize(clone).text]);
  }
  return { text, described, wrong };
}
"""


def test_what_is_described_is_found_again_anywhere(tree: Tree) -> None:
    pages = [path.read_bytes().decode("utf-8", "replace") for path in REAL_PAGES]
    described = 0

    for seed, html in enumerate(["".join(case["html"] for case in NORMAL[:60]), *pages], start=1):
        outcome = tree.open(html).run(RANDOM_RANGES, {"seed": seed, "count": 60})
        assert outcome["wrong"] == []
        described += len(outcome["described"])

    assert described > 10


#: Words of many scripts, and what stands between, in and around them.
SCRAPS: Final = st.sampled_from(
    "the cat|teh|a|.|, |“said”|10&nbsp;km|wo&shy;rd|&ZeroWidthSpace;|&amp;|&hellip;|&#x301;|e\u0301"
    "|za\u0301mok|ї|שלום|\u200fעולם|مُحَمَّد|می\u200cخواهم|吾輩は|猫。|中文|ภาษาไทย|น้ำ|한글|क्\u200dष"
    "|😀|👩\u200d👩\u200d👧|🇺🇦|👍🏽|𠮷|ﬁ|\u3000|\u2028|\n|  |<br>|<wbr>|<hr>|<!-- x -->|<img alt=x>"
    "|<input value=x>|<script>x</script>|<style>x{}</style>|<textarea>x</textarea>"
    "|<select><option>x</select>|<template><p>x</template>|<svg><title>x</title><text>y</text></svg>"
    "|<math><mi>x</mi><annotation>x</annotation></math>|<iframe>x</iframe>".split("|")
)
#: Elements around them, well formed and not: a row outside of a table, stray words inside of one.
AROUND: Final = st.sampled_from(
    "p div b i span a h2 blockquote pre code ul li ol table tr td caption dl dt dd ruby rb rt rp "
    "section details summary button label del q bdo font center listing x-y tbody".split()
)
DOCUMENTS: Final = st.recursive(
    st.lists(SCRAPS, max_size=5).map("".join),
    lambda inner: st.lists(
        st.builds(
            "<{0}{1}>{2}</{0}>".format,
            AROUND,
            st.sampled_from(["", "", "", " hidden", " id=a", " dir=rtl"]),
            inner,
        )
        | SCRAPS,
        max_size=5,
    ).map("".join),
    max_leaves=12,
)


@given(DOCUMENTS, st.integers(1, 2**31 - 2))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_what_is_described_on_any_page_is_found_again_and_known_to_the_server(
    empty_page: Tree, html: str, seed: int
) -> None:
    outcome = empty_page.run(RANDOM_RANGES, {"seed": seed, "count": 6, "html": html})

    text = normalize(html).text
    assert outcome["text"] == text
    assert outcome["wrong"] == []
    for target in outcome["described"]:
        start, end = target["position"]["start"], target["position"]["end"]
        assert target["position"]["length"] == len(text)
        assert target["quote"] == {
            "exact": text[start:end],
            "prefix": text[max(0, start - 64) : start],
            "suffix": text[end : end + 64],
        }


def test_a_quote_that_moved_is_found_by_its_context(tree: Tree) -> None:
    tree.open("<p>New words. One teh here.</p><p>Two teh there.</p>")
    target = {
        "quote": {"exact": "teh", "prefix": "One here.\nTwo ", "suffix": " there."},
        "position": {"start": 4, "end": 7, "length": 30},
    }

    found = tree.run(
        "(target) => { const { startContainer, startOffset } ="
        " anchoring.anchor(target, document.body);"
        " return [startContainer.data, startOffset]; }",
        target,
    )

    assert found == ["Two teh there.", 4]


@pytest.mark.parametrize("exact", ["nowhere", ""])
def test_a_quote_that_is_gone_is_not_found(tree: Tree, exact: str) -> None:
    target = {
        "quote": {"exact": exact, "prefix": "a ", "suffix": " c"},
        "position": {"start": 2, "end": 9, "length": 11},
    }

    tree.open("<p>a b c</p>")

    assert tree.run("(target) => anchoring.anchor(target, document.body)", target) is None


def test_a_shadow_tree_is_read_by_itself(tree: Tree) -> None:
    tree.open("<p>a</p><div id=host>light [[word]]</div>")

    outcome = tree.run(
        """() => {
          const root = document.querySelector("#host").attachShadow({ mode: "open" });
          const [p, slot] = [document.createElement("p"), document.createElement("slot")];
          p.textContent = "in the shade";
          root.append(p, slot);
          const inside = document.createRange();
          inside.selectNodeContents(p);
          inside.setStart(p.firstChild, 7);
          const found = anchoring.describe(inside, root);
          return [
            anchoring.normalize(root).text,
            found.quote.exact,
            String(anchoring.anchor(found, root)),
            anchoring.describe(inside, document.body),
            anchoring.describe(rangeOf({}), root),
            anchoring.normalize(document.body).text,
          ];
        }"""
    )

    assert outcome == ["in the shade", "shade", "shade", None, None, "a\nlight word"]


def test_ten_thousand_nested_elements_are_read_in_the_browser(tree: Tree) -> None:
    tree.open("")

    outcome = tree.run(
        """() => {
          const root = document.createElement("div");
          let inner = root;
          for (let i = 0; i < 10000; i++) {
            inner = inner.appendChild(document.createElement(i % 2 ? "div" : "pre"));
          }
          inner.append("de\\nep");
          const range = document.createRange();
          range.selectNodeContents(inner);
          const found = anchoring.describe(range, root);
          return [found.quote.exact, anchoring.anchor(found, root).toString()];
        }"""
    )

    assert outcome == ["de\nep", "de\nep"]


def test_a_text_without_any_tag_may_be_long(tree: Tree) -> None:
    tree.open("")

    size = tree.run(
        "() => { const root = document.createElement('p'); root.append('word '.repeat(1000000));"
        " return anchoring.normalize(root).text.length; }"
    )

    assert size == 4_999_999


def test_a_browser_without_segmenter_keeps_code_points_whole(tree: Tree) -> None:
    tree.open("<p>a 😀😁 b</p>")

    exact = tree.run(
        """() => {
          const { Segmenter } = Intl;
          delete Intl.Segmenter;
          const range = rangeOf({ select: { start: ["p", 0, 3], end: ["p", 0, 5] } });
          const found = anchoring.describe(range, document.body);
          Intl.Segmenter = Segmenter;
          return found.quote.exact;
        }"""
    )

    assert exact == "😀😁"


def test_the_page_is_left_as_it_was(tree: Tree) -> None:
    tree.open("<form><p>a [[b]]</p></form>")

    outcome = tree.run(
        """() => {
          const range = rangeOf({});
          const before = [document.documentElement.outerHTML, Object.keys(globalThis).join()];
          anchoring.anchor(anchoring.describe(range, document.body), document.body);
          const after = [document.documentElement.outerHTML, Object.keys(globalThis).join()];
          return [before, after];
        }"""
    )

    assert outcome[0] == outcome[1]


def test_a_selection_in_a_long_article_is_described(tree: Tree) -> None:
    """200,000 characters. How long it takes is for the bench to say, on a machine left alone."""
    paragraph = "<p>Some <b>text</b> with “quotes” <a href='#'>and links</a> here and there.</p>\n"
    line = "Some text with “quotes” and links here and there."
    tree.open(paragraph * 4_000)

    found = tree.run(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector("p:nth-of-type(3000) b"));
          return anchoring.describe(range, document.body);
        }"""
    )

    start = 2_999 * (len(line) + 1) + len("Some ")
    length = 4_000 * (len(line) + 1) - 1
    assert found["quote"]["exact"] == "text"
    assert found["position"] == {"start": start, "end": start + 4, "length": length}


LINKS: Final = [
    (["The cat sat here.", "A cat sat there.", "The cat ran."], "cat", 2),
    (["One two three wrold four five."], "wrold", 0),
    (["THE CAT sat here.", "The cat sat there."], "cat", 0),
    (["x done!", "y done."], "done", 1),
    (["wrold", "“wrold”"], "wrold", 1),
    (["a well-wrold b, 100% of it & more"], "wrold", 0),
    (["the wrold’s end"], "wrold", 0),
    (["about 3,141.59 km"], "141", 0),
    (["吾輩は犬である。", "吾輩は猫である。名前はまだ無い。どこで生れたか。"], "生れた", 0),
    (["中华人民共和国成立于一九四九年，首都北京。"], "人民共", 0),
    (["ภาษาไทยเป็นภาษาที่มีระดับเสียง"], "เป็น", 0),
    (["שלום עולם טוב"], "עולם", 0),
    (["слово біжить там", "старий за\u0301мок стоїть"], "за\u0301мок", 0),
    (["go 👩\u200d👩\u200d👧 now"], "👩\u200d👩\u200d👧", 0),
    (["die Donau\u00addampf\u00adschiff fahrt"], "Donaudampfschiff", 0),
    (["the w<b>ro</b>ld <a href='#'>is</a> round"], "wrold is", 0),
    (["one two<br>three four"], "two\nthree", 0),
    (["same", "one", "same", "two"], "same", 1),
    (["One two three.", "Four five six."], "three.\nFour", 0),
    ([" ".join(f"w{i}" for i in range(150))], " ".join(f"w{i}" for i in range(20, 120)), 0),
]


@pytest.mark.parametrize(("blocks", "spot", "nth"), LINKS, ids=[spot[:20] for _, spot, _ in LINKS])
def test_a_link_opens_the_article_at_the_spot(
    tree: Tree, blocks: list[str], spot: str, nth: int
) -> None:
    paragraphs = "".join(f"<p>{block}</p>" for block in ["Top", *blocks, "End"])
    tree.html = f"<!DOCTYPE html><style>p {{ margin: 150vh 0 }}</style>{paragraphs}"
    text = normalize(tree.html).text
    start = -1
    for _ in range(nth + 1):
        start = text.index(spot, start + 1)

    tree.page.goto("about:blank")
    tree.page.goto(f"{HOST}/#{fragment(text, start, start + len(spot))}")
    tree.page.wait_for_function("() => scrollY > 0", timeout=5_000)

    in_view = tree.run(
        """() => [...document.querySelectorAll("p")].findIndex((p) => {
          const { top, bottom } = p.getBoundingClientRect();
          return bottom > 0 && top < innerHeight;
        })"""
    )
    lines_before = text[:start].count("\n")
    breaks_before = "".join(["Top", *blocks][:in_view]).count("<br>")
    assert in_view + breaks_before == lines_before
