/**
 * The current row of the queue: the one that has the focus, or had it last. It says so by
 * `aria-current`. A row is `data-row`, with an id that the address may name.
 */
export const ROW = "[data-row]";

/** @param {Document} document @returns {HTMLElement[]} */
const rows = (document) => [...document.querySelectorAll(ROW)].filter((row) => row instanceof HTMLElement);

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
  const all = rows(document);
  const here = all.findIndex((row) => row === current(document));
  const next = all[here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1)];
  if (next) focus(next);
  return Boolean(next);
}

/** Find the row that the address names; another took its place if it is gone: then the first. */
function named(/** @type {Document} */ document) {
  const id = document.location.hash.slice(1);
  if (!id.startsWith("spot-")) return null;
  return rows(document).find((row) => row.id === id) ?? rows(document)[0];
}

/** @param {HTMLElement} row */
function focus(row) {
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** @param {Document} document @param {Element} row */
function mark(document, row) {
  current(document)?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}
