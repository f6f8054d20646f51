/**
 * Choosing rows, to decide on many at once: boxes `data-choice`, a bar `data-bulk` that is there
 * while any is chosen. Shift chooses all from the one before.
 */
import { counted } from "./plural.js";
import { current, ROW } from "./rows.js";

/** @type {HTMLInputElement | null} the box that was chosen last */
let last = null;

/** @param {Document} document */
export function bulk(document) {
  const bar = document.querySelector("[data-bulk]");
  if (!(bar instanceof HTMLFormElement)) return;
  document.addEventListener("click", ({ target, shiftKey }) => {
    if (isBox(target)) choose(document, target, shiftKey);
  });
  document.addEventListener("change", () => show(document, bar));
  document.defaultView?.addEventListener("pageshow", () => show(document, bar));
  on(bar, "[data-choose-page]", () => set(boxes(document), true));
  on(bar, "[data-choose-none]", () => {
    set([...document.querySelectorAll("[data-choice-all]")].filter(isInput), false);
    set(boxes(document), false);
  });
  show(document, bar);
}

/**
 * Choose all rows from the one that was chosen last to the current one.
 *
 * @param {Document} document
 * @returns {boolean} whether the current one can be chosen
 */
export function extend(document) {
  const box = current(document)?.querySelector("[data-choice]") ?? null;
  if (!isBox(box)) return false;
  box.checked = true;
  choose(document, box, true);
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** @param {Document} document @param {HTMLInputElement} box @param {boolean} all */
function choose(document, box, all) {
  const every = boxes(document);
  const ends = [every.indexOf(box), last ? every.indexOf(last) : -1].sort((a, b) => a - b);
  if (all && ends[0] >= 0) set(every.slice(ends[0], ends[1] + 1), box.checked);
  last = box;
}

/** Find the boxes of the rows that are not decided yet. */
function boxes(/** @type {Document} */ document) {
  return [...document.querySelectorAll(`${ROW}:not([data-done], [data-moved]) [data-choice]`)].filter(isBox);
}

/** @param {HTMLInputElement[]} boxes @param {boolean} checked */
function set(boxes, checked) {
  for (const box of boxes) box.checked = checked;
  boxes.at(0)?.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Show the bar while anything is chosen, and how much. */
function show(/** @type {Document} */ document, /** @type {HTMLFormElement} */ bar) {
  const chosen = boxes(document).filter((box) => box.checked).length;
  const all = bar.querySelector("[data-choice-all]");
  const whole = isInput(all) && all.checked;
  bar.hidden = !chosen && !whole;
  document.documentElement.toggleAttribute("data-choosing", !bar.hidden);
  for (const button of bar.querySelectorAll("[data-choose-page], [data-choose-none]"))
    button.removeAttribute("hidden");
  const line = bar.querySelector("[data-chosen]");
  if (line instanceof HTMLElement && line.dataset.chosen && !whole)
    line.textContent = counted(line.dataset.chosen, chosen);
  else if (line && isInput(all)) line.textContent = all.parentElement?.textContent?.trim() ?? "";
  for (const box of document.querySelectorAll("[data-choice]"))
    if (isInput(box)) box.disabled = whole; // the query goes instead of them
}

/** @param {Element} bar @param {string} where @param {() => void} what */
function on(bar, where, what) {
  bar.querySelector(where)?.addEventListener("click", what);
}

/** @param {EventTarget | null} each @returns {each is HTMLInputElement} */
const isInput = (each) => each instanceof HTMLInputElement;

/** @param {EventTarget | null} each @returns {each is HTMLInputElement} */
const isBox = (each) => isInput(each) && each.matches("[data-choice]");
