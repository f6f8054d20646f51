/**
 * The normal text of a page: the one form that browser and server agree on.
 *
 * `feedback/anchoring/normal.py` states the rules and follows them on the server; `tests/corpus/`
 * holds both to them. Everything here reads the tree alone, never layout. Offsets count UTF-16
 * units, as strings and ranges do.
 *
 * @typedef {{ node: CharacterData, from: number, to: number, at: number }} Run
 *   units from..to of a node, which stand in the normal text unchanged from `at` on
 * @typedef {{ text: string, runs: Run[] }} Normal
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
