/**
 * From a selection to the place that it means: a quote in its context, and its position.
 *
 * Inside this module offsets count UTF-16 units; a target counts code points. Targets are the W3C's
 * TextQuoteSelector and TextPositionSelector.
 *
 * @typedef {import("./normal.js").Run} Run
 * @typedef {{ exact: string, prefix: string, suffix: string }} Quote
 * @typedef {{ start: number, end: number, length: number }} Position
 * @typedef {{ quote: Quote, position: Position }} Target
 * @typedef {{ text: string, start: number, end: number }} Place a part of a normal text
 */

import { normalize } from "./normal.js";

const CONTEXT = 64; // code points
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

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
 * Give where the grapheme, word or sentence that holds a unit starts and ends (UAX 29).
 * @param {string} text
 * @param {number} at
 * @param {string} [lang]
 * @param {Intl.SegmenterOptions["granularity"]} [granularity]
 */
export function segment(text, at, lang, granularity) {
  const segments = new Intl.Segmenter(lang, { granularity }).segment(text);
  const found = /** @type {Intl.SegmentData} */ (segments.containing(at));
  return [found.index, found.index + found.segment.length];
}

/** @param {string} unit */
function isGap(unit) {
  return unit === " " || unit === "\n";
}

/** @param {string} text */
function points(text) {
  return text.length - (text.match(PAIRS)?.length ?? 0);
}
