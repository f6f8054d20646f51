/**
 * The normal text of a page, and the way from a selection to a place in it and back.
 *
 * `feedback/anchoring/normal.py` states the rules and follows them on the server; `tests/corpus/`
 * holds both to them. Everything here reads the tree alone, never layout or `Selection.toString()`.
 * It imports nothing, for others take it as it is: `normalize`, `describe`, `anchor`.
 *
 * Inside this module offsets count UTF-16 units, as strings and ranges do; a target counts code
 * points. Targets are the W3C's TextQuoteSelector and TextPositionSelector.
 *
 * @typedef {{ node: CharacterData, from: number, to: number, at: number }} Run
 *   units from..to of a node, which stand in the normal text unchanged from `at` on
 * @typedef {{ text: string, runs: Run[] }} Normal
 * @typedef {{ text: string, start: number, end: number }} Place a part of a normal text
 * @typedef {{ exact: string, prefix: string, suffix: string }} Quote
 * @typedef {{ start: number, end: number, length: number }} Position
 * @typedef {{ quote: Quote, position: Position }} Target
 */

/** @param {string} list */
const words = (list) => new Set(list.split(" "));

const SKIPPED = words(
  "head title script style noscript template iframe object noembed noframes " +
    "textarea select datalist progress meter audio video canvas " +
    "rt rp rtc desc metadata annotation annotation-xml reader-feedback",
);
const PREFORMATTED = words("pre listing xmp plaintext");
const BLOCKS = words(
  "pre listing xmp plaintext " +
    "html body address article aside blockquote center dialog div figure figcaption footer form " +
    "header hgroup hr main nav p search section h1 h2 h3 h4 h5 h6 details summary fieldset legend " +
    "optgroup option dir dd dl dt menu ol ul li table caption thead tbody tfoot tr td th br " +
    "mtr mtd text",
);

// Not \s, which knows neither U+001C..001F nor U+0085 but U+FEFF.
const SPACES = "\\p{White_Space}\\x1c-\\x1f";
const DROPPED = "\\p{Bidi_Control}\\xad\\u200b\\u2060\\ufeff";
const SPACE = new RegExp(`[${SPACES}]`, "u");
const WORD = `[^${SPACES}${DROPPED}]+`;
// What the normal text takes as it stands: words with one plain space between.
const RUN = new RegExp(`${WORD}(?: ${WORD})*`, "gu");

const NODES = 1 | 4 | 8; // NodeFilter's SHOW_ELEMENT, SHOW_TEXT and SHOW_CDATA_SECTION
const CONTEXT = 64; // code points
const FIELDS = "input,textarea,select,[contenteditable]";
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

/**
 * Read the normal text under `root`, and which units of which nodes it comes from.
 * @param {Element | DocumentFragment} root
 * @returns {Normal}
 */
export function normalize(root) {
  /** @type {string[]} */
  const pieces = [];
  /** @type {Run[]} */
  const runs = [];
  let at = 0;
  let gap = "";

  /** @type {(between: string, pre: boolean) => void} */
  const part = (between, pre) => {
    if (gap !== "\n" && SPACE.test(between)) gap = pre && between.includes("\n") ? "\n" : " ";
  };
  const edge = () => {
    gap = "\n";
  };
  /** @type {(node: CharacterData, pre: boolean) => void} */
  const take = (node, pre) => {
    const { data } = node;
    let read = (RUN.lastIndex = 0);
    for (let found; (found = RUN.exec(data)); read = RUN.lastIndex) {
      const { 0: run, index: from } = found;
      part(data.slice(read, from), pre);
      if (!at) gap = "";
      at += gap.length;
      runs.push({ node, from, to: from + run.length, at });
      pieces.push(gap, run);
      at += run.length;
      gap = "";
    }
    part(data.slice(read), pre);
  };

  walk(root, edge, take);
  return { text: pieces.join(""), runs };
}

/**
 * Say what stands in the range: its text with up to 64 code points on either side, and where.
 * Null when nothing is left, and where the reader can write.
 * @param {Range} range
 * @param {Element | DocumentFragment} root
 * @returns {Target | null}
 */
export function describe(range, root) {
  const { startContainer, endContainer } = range;
  if (startContainer.getRootNode() !== root.getRootNode()) return null;
  if (writable(startContainer) || writable(endContainer)) return null;
  const place = read(range, root);
  return place && target(place);
}

/**
 * Find what a target speaks of: of the places where its quote stands word for word the one with
 * most of its context, and of equals the one nearest to its position. Null when there is none.
 * @param {Target} target
 * @param {Element | DocumentFragment} root
 * @returns {Range | null}
 */
export function anchor({ quote, position }, root) {
  const { text, runs } = normalize(root);
  const start = find(text, quote, units(text, position.start));
  if (start < 0) return null;
  const end = start + quote.exact.length;
  const first = runs[bisect(runs, ({ at, from, to }) => at + to - from > start)];
  const last = runs[bisect(runs, ({ at }) => at >= end) - 1];
  const range = root.ownerDocument.createRange();
  range.setStart(first.node, first.from + Math.max(0, start - first.at));
  range.setEnd(last.node, Math.min(last.to, last.from + end - last.at));
  return range;
}

/**
 * Find what stands in the range in the normal text under `root`. Ends are widened to whole
 * graphemes, then trimmed; a range that reaches out of `root` is cut. Null when nothing is left.
 * @param {Range} range
 * @param {Element | DocumentFragment} root
 * @returns {Place | null}
 */
export function read(range, root) {
  const { text, runs } = normalize(root);
  let [start, end] = covered(range, runs);
  if (start >= end) return null;
  [start] = segment(text, start);
  [, end] = segment(text, end - 1);
  while (isGap(text[start])) start++;
  while (start < end && isGap(text[end - 1])) end--;
  return start < end ? { text, start, end } : null;
}

/**
 * Describe a place by what stands there and around it.
 * @param {Place} place
 * @returns {Target}
 */
export function target({ text, start, end }) {
  const exact = text.slice(start, end);
  const prefix = [...text.slice(Math.max(0, start - 2 * CONTEXT), start)].slice(-CONTEXT).join("");
  const suffix = [...text.slice(end, end + 2 * CONTEXT)].slice(0, CONTEXT).join("");
  const before = points(text.slice(0, start));
  return {
    quote: { exact, prefix, suffix },
    position: { start: before, end: before + points(exact), length: points(text) },
  };
}

/**
 * Count the runs before the first that passes; from there on all must.
 * @param {Run[]} runs
 * @param {(run: Run) => boolean} passes
 */
export function bisect(runs, passes) {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(runs[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Give the part of the normal text whose units lie wholly in the range; [0, 0] when none do.
 * Asking the range about places in runs spares us what its ends lie on: a child's edge, a text left
 * out, or the start of the block after, where a triple click ends.
 * @param {Range} range
 * @param {Run[]} runs
 */
function covered(range, runs) {
  const first = bisect(runs, ({ node, to }) => range.comparePoint(node, to - 1) >= 0);
  const last = bisect(runs, ({ node, from }) => range.comparePoint(node, from + 1) > 0) - 1;
  if (first > last) return [0, 0];
  const [head, tail] = [runs[first], runs[last]];
  const from = head.node === range.startContainer ? range.startOffset : 0;
  const to = tail.node === range.endContainer ? range.endOffset : tail.to;
  return [
    head.at + Math.max(0, from - head.from),
    tail.at + Math.min(tail.to, to) - tail.from,
  ];
}

/**
 * Give where the grapheme, word or sentence that holds a unit starts and ends (UAX 29); before
 * Firefox 125 its code point. None reaches out of its block, so the segmenter is spared the rest.
 * @param {string} text
 * @param {number} at
 * @param {string} [lang]
 * @param {Intl.SegmenterOptions["granularity"]} [granularity]
 */
export function segment(text, at, lang, granularity) {
  const block = text.lastIndexOf("\n", at - 1) + 1;
  const line = text.slice(block, text.indexOf("\n", at) + 1 || undefined);
  const found =
    Intl.Segmenter && new Intl.Segmenter(lang, { granularity }).segment(line).containing(at - block);
  const start = found ? block + found.index : isPair(text, at - 1) ? at - 1 : at;
  return [start, start + (found?.segment.length ?? (isPair(text, start) ? 2 : 1))];
}

/** @param {string} unit */
function isGap(unit) {
  return unit === " " || unit === "\n";
}

/** @param {string} text */
function points(text) {
  return text.length - (text.match(PAIRS)?.length ?? 0);
}

/**
 * Walk the tree without recursion. A TreeWalker, since in a form `<input name="nextSibling">` hides
 * the node's own.
 * @param {Element | DocumentFragment} root
 * @param {() => void} edge called where a block begins or ends
 * @param {(node: CharacterData, pre: boolean) => void} take called with each text
 */
function walk(root, edge, take) {
  const walker = root.ownerDocument.createTreeWalker(root, NODES);
  /** @type {Node | null} the outermost preformatted element around */
  let pre = isElement(root) ? root.closest([...PREFORMATTED].join()) : null;
  let node = walker.firstChild();
  while (node) {
    let next = null;
    if (!isElement(node)) take(/** @type {CharacterData} */ (node), !!pre);
    else if (!skips(node)) {
      if (BLOCKS.has(node.localName)) edge();
      next = walker.firstChild();
      if (next && PREFORMATTED.has(node.localName)) pre ||= node;
    }
    next ||= walker.nextSibling();
    while (!next && (node = walker.parentNode())) {
      if (BLOCKS.has(/** @type {Element} */ (node).localName)) edge();
      if (node === pre) pre = null;
      next = walker.nextSibling();
    }
    node = next;
  }
}

/** @type {(node: Node) => node is Element} */
function isElement(node) {
  return node.nodeType === 1;
}

/** @param {Element} element */
function skips(element) {
  const tag = element.localName;
  return SKIPPED.has(tag) || (element.hasAttribute("hidden") && tag !== "html" && tag !== "body");
}

/** @param {Node} node */
function writable(node) {
  const element = node.nodeType === 1 ? /** @type {Element} */ (node) : node.parentElement;
  const field = element?.closest(FIELDS);
  return !!field && field.getAttribute("contenteditable") !== "false";
}

/** @type {(text: string, at: number) => boolean} */
function isPair(text, at) {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}

/** @type {(text: string, points: number) => number} */
function units(text, points) {
  let at = 0;
  for (; points > 0 && at < text.length; points--) at += isPair(text, at) ? 2 : 1;
  return at;
}

/** @type {(text: string, quote: Quote, near: number) => number} */
function find(text, { exact, prefix, suffix }, near) {
  let best = -1;
  let most = -1;
  for (let at = exact ? text.indexOf(exact) : -1; at >= 0; at = text.indexOf(exact, at + 1)) {
    const end = at + exact.length;
    let held = 0;
    for (let i = 1; i <= prefix.length && text[at - i] === prefix[prefix.length - i]; i++) held++;
    for (let i = 0; i < suffix.length && text[end + i] === suffix[i]; i++) held++;
    if (held > most || (held === most && Math.abs(at - near) < Math.abs(best - near))) {
      [best, most] = [at, held];
    }
  }
  return best;
}
