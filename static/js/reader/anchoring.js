/**
 * From a selection to a place in an article's normal text, and back.
 *
 * What others may import: `normalize(root)`, `describe(range, root)`, `anchor(target, root)`.
 *
 * @typedef {import("./quote.js").Quote} Quote
 * @typedef {import("./quote.js").Target} Target
 */

import { normalize } from "./normal.js";
import { bisect, read, target } from "./quote.js";

const FIELDS = "input,textarea,select,[contenteditable]";

export { normalize };

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

/** @param {Node} node */
function writable(node) {
  const element = node.nodeType === 1 ? /** @type {Element} */ (node) : node.parentElement;
  const field = element?.closest(FIELDS);
  return !!field && field.getAttribute("contenteditable") !== "false";
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
