/**
 * Rows that were decided on here: how they look, and how they come back. The status that a row came
 * with is its `data-is`.
 *
 * @typedef {{said: string, status: string}} Outcome what was done, and the status that it led to
 */
import { count } from "./counting.js";
import { ROW } from "./rows.js";

let order = 0;

/** @param {HTMLElement} row */
export const isSettled = (row) => row.dataset.done !== undefined;

/** Find the button that takes back what was decided last, of what still stands. */
export function latest(/** @type {Document} */ document) {
  const done = [...document.querySelectorAll(`${ROW}[data-done]`)].filter((row) => row instanceof HTMLElement);
  const last = done.sort((a, b) => Number(b.dataset.done) - Number(a.dataset.done)).at(0);
  return last?.querySelector("[data-undo]") ?? null;
}

/**
 * Mark a row as done, and say what was done, with a way back.
 *
 * @param {HTMLElement} row @param {Outcome} outcome
 */
export function settle(row, { said, status }) {
  clear(row);
  row.dataset.done = String(++order);
  row.dataset.became = status;
  count(row.ownerDocument, row.dataset.is ?? "", status);
  for (const menu of row.querySelectorAll("details[open]")) menu.removeAttribute("open");
  const blank = row.ownerDocument.querySelector("[data-blank=done]");
  if (blank instanceof HTMLTemplateElement) row.append(blank.content.cloneNode(true));
  write(row, "[data-outcome] [data-what]", said);
  write(row, "[data-outcome] [data-exact]", row.querySelector("mark")?.textContent ?? "");
  unchoose(row);
}

/**
 * Let a row wait again.
 *
 * @param {HTMLElement} row
 * @returns {Outcome} what was said of it
 */
export function reopen(row) {
  const said = row.querySelector("[data-outcome] [data-what]")?.textContent ?? "";
  const status = row.dataset.became ?? "";
  count(row.ownerDocument, status, row.dataset.is ?? "");
  delete row.dataset.done;
  delete row.dataset.became;
  clear(row);
  const line = row.ownerDocument.querySelector("[data-all-done]");
  if (line instanceof HTMLElement) line.hidden = true;
  return { said, status };
}

/**
 * Say in a row why what was asked was not done. The focus stays where it is.
 *
 * @param {HTMLElement} row @param {string} why
 */
export function refuse(row, why) {
  const line = row.ownerDocument.createElement("p");
  line.setAttribute("role", "alert");
  line.dataset.refused = "";
  line.className = "refused";
  row.append(line);
  line.textContent = why;
}

/** @param {HTMLElement} row */
function clear(row) {
  for (const line of row.querySelectorAll("[data-outcome], [data-refused]")) line.remove();
}

/** @param {HTMLElement} row @param {string} where @param {string} text */
function write(row, where, text) {
  const place = row.querySelector(where);
  if (place) place.textContent = text;
}

/** @param {HTMLElement} row */
function unchoose(row) {
  const box = row.querySelector("[data-choice]");
  if (!(box instanceof HTMLInputElement) || !box.checked) return;
  box.checked = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}
