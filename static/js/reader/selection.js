/**
 * What the reader means by a selection: where it really is, whether it is ours to take, and which
 * words it stands for.
 *
 * @typedef {import("./anchoring.js").Place} Place
 */

import { segment } from "./anchoring.js";

/** Where neither a selection nor a key is ours. */
export const NOT_OURS =
  "input,textarea,select,[contenteditable]:not([contenteditable=false])," +
  "[data-feedback-ignore],reader-feedback";
const SCOPE = "[data-feedback-scope]";
const INSIDE_WORD = /^[\p{L}\p{M}\p{N}]{2}$/u;

/**
 * Give the reader's selection, inside open shadow roots too; null where there is none to report.
 * @returns {Range | null}
 */
export function selected() {
  const selection = getSelection();
  if (selection?.type !== "Range") return null;
  const range = composed(selection);
  const { startContainer } = range;
  const ours =
    !range.collapsed &&
    // A field is the first thing in the range when the words in it are selected.
    !around(startContainer.childNodes[range.startOffset] ?? startContainer, NOT_OURS) &&
    !around(range.endContainer, NOT_OURS) &&
    (!document.querySelector(SCOPE) || around(range.commonAncestorContainer, SCOPE));
  return ours ? range : null;
}

/**
 * Give the selection's range. `getRangeAt` stops at a shadow host; `getComposedRanges` tells what is
 * selected in the shadow roots that it is given, so we go down host by host.
 * @param {Selection} selection
 */
function composed(selection) {
  // WebKit counts no range where one reaches into a shadow tree.
  const range = selection.rangeCount ? selection.getRangeAt(0).cloneRange() : new Range();
  /** @type {ShadowRoot[]} */
  const shadowRoots = [];
  /** @type {ShadowRoot | null | undefined} */
  let next;
  while (selection.getComposedRanges) {
    if (next) shadowRoots.push(next);
    const [found] = selection.getComposedRanges({ shadowRoots });
    const { startContainer, startOffset } = found;
    range.setStart(startContainer, startOffset);
    range.setEnd(found.endContainer, found.endOffset);
    next = /** @type {Element} */ (startContainer.childNodes[startOffset])?.shadowRoot;
    if (!next || shadowRoots.includes(next)) break;
  }
  return range;
}

/**
 * Find the nearest element around `node` that `selector` fits, out of shadow roots too.
 * @param {Node | undefined} node
 * @param {string} selector
 * @returns {Element | null | undefined}
 */
export function around(node, selector) {
  const element = node instanceof Element ? node : node?.parentElement;
  const root = /** @type {ShadowRoot | undefined} */ (node?.getRootNode());
  return node && (element?.closest(selector) ?? around(root?.host, selector));
}

/**
 * Widen a place to whole words: a hand that slips means the word it cut.
 * @param {Place} place
 * @param {string} lang
 * @returns {Place}
 */
export function wholeWords({ text, start, end }, lang) {
  const cut = (/** @type {number} */ at) => INSIDE_WORD.test(text.slice(at - 1, at + 1));
  if (cut(start)) [start] = segment(text, start, lang, "word");
  if (cut(end)) [, end] = segment(text, end, lang, "word");
  return { text, start, end };
}

/**
 * Give what stands before and after a place in its sentence, which ends with its block.
 * @param {Place} place
 * @param {string} lang
 */
export function sentence({ text, start, end }, lang) {
  const [from] = segment(text, start, lang, "sentence");
  const [, to] = segment(text, end - 1, lang, "sentence");
  return [text.slice(from, start), text.slice(end, to).trimEnd()];
}
