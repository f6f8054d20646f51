/**
 * The current row of the queue: the one that has the focus, or had it last. It says so by
 * `aria-current`, and by the event `current` that bubbles from it. A row is `data-row`, with an id
 * that the address may name. Rows that were decided on (`data-done` here, `data-moved` by somebody
 * else) are passed over.
 */
export const ROW = "[data-row]";
export const CLOSED = "[data-done], [data-moved]";

/** @param {Document} document @returns {HTMLElement[]} */
const rows = (document) => [...document.querySelectorAll(ROW)].filter((row) => row instanceof HTMLElement);

/** @param {Document} document */
const open = (document) => rows(document).filter((row) => !row.matches(CLOSED));

/** @param {Document} document @returns {HTMLElement | null} */
export const current = (document) => document.querySelector(`${ROW}[aria-current]`);

/** Keep the current row where the focus goes, first of all to the row that the address names. */
export function follow(/** @type {Document} */ document) {
  document.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element && target.closest(ROW);
    if (row) mark(document, row);
  });
  const row = named(document);
  if (row) focus(row);
}

/**
 * Go to the next row (`step` 1) or the one before (-1); to the first where none is current.
 *
 * @param {Document} document @param {number} step
 * @returns {boolean} whether there are rows
 */
export function move(document, step) {
  const here = current(document);
  const all = rows(document).filter((row) => row === here || !row.matches(CLOSED));
  const at = all.findIndex((row) => row === here);
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  if (next) focus(next);
  return Boolean(next);
}

/**
 * Leave a row that is done with: go to the next open one, else to the last one before it.
 *
 * @param {Document} document @param {HTMLElement} row
 * @returns {boolean} whether there is one
 */
export function leave(document, row) {
  const all = open(document);
  const follows = (/** @type {Element} */ each) =>
    Boolean(row.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
  const next = all.find(follows) ?? all.at(-1);
  if (next) focus(next);
  else row.removeAttribute("aria-current");
  return Boolean(next);
}

/** Find the row that the address names; another took its place if it is gone: then the first. */
function named(/** @type {Document} */ document) {
  const id = document.location.hash.slice(1);
  if (!id.startsWith("spot-")) return null;
  return rows(document).find((row) => row.id === id) ?? rows(document)[0];
}

/** @param {HTMLElement} row */
export function focus(row) {
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** @param {Document} document @param {Element} row */
function mark(document, row) {
  if (row.hasAttribute("aria-current")) return;
  current(document)?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.dispatchEvent(new CustomEvent("current", { bubbles: true }));
}
