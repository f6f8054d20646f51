/**
 * The keys. `data-key="a"` on a button, a link or a summary makes `a` press it: the one in the
 * current row, else one that stands in no row; `data-go="w"` makes `g` and then `w` press it.
 * Off by a setting (WCAG 2.1.4), kept in this browser.
 */
import { extend } from "./bulk.js";
import { isOff, remember } from "./preference.js";
import { isCommand, named } from "./pressed.js";
import { current, follow, move, ROW } from "./rows.js";
import { latest } from "./settled.js";

const SWITCH = "[data-keys-switch]";
const STEPS = new Map([["j", 1], ["k", -1]]);
/** How long `g` waits for its letter. */
const PATIENCE = 1500; // milliseconds

let going = 0; // the timer of a `g` that waits

/** @param {Document} document */
export function keys(document) {
  follow(document);
  show(document, !isOff());
  document.addEventListener("keydown", (event) => {
    if (!isOff() && isCommand(event) && act(document, event)) event.preventDefault();
  });
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.matches(SWITCH)) {
      remember(target.checked);
      show(document, target.checked);
    }
  });
}

/**
 * Show the keys on the buttons, or hide them, for eyes and for screen readers.
 *
 * @param {Document} document @param {boolean} on
 */
function show(document, on) {
  document.documentElement.dataset.keys = on ? "on" : "off";
  for (const box of document.querySelectorAll(SWITCH))
    if (box instanceof HTMLInputElement) box.checked = on;
  tell(document);
}

/**
 * Let what stands in a place tell screen readers its keys, while keys are on.
 *
 * @param {ParentNode} place
 */
export function tell(place) {
  for (const control of place.querySelectorAll("[data-key]"))
    if (isOn(control)) control.setAttribute("aria-keyshortcuts", control.getAttribute("data-key") ?? "");
    else control.removeAttribute("aria-keyshortcuts");
}

/** @param {Element} control */
const isOn = (control) => control.ownerDocument.documentElement.dataset.keys === "on";

/**
 * Do what a key is for.
 *
 * @param {Document} document @param {KeyboardEvent} event
 * @returns {boolean} whether it is for anything
 */
function act(document, event) {
  if (document.querySelector("dialog[open]")) return false;
  const key = named(event);
  if (going && arrive(document, key)) return true;
  const step = STEPS.get(key);
  if (step) return move(document, step);
  if (event.repeat) return false;
  if (key === "?") return press(document.querySelector("[data-opens=keys]"));
  if (key === "Enter") return isRow(event.target) && press(control(document, "o"));
  if (key === "g") return go(document);
  if (key === "X") return extend(document);
  return press(control(document, key) ?? (key === "u" ? latest(document) : null));
}

/** Wait for the letter that says where to go. */
function go(/** @type {Document} */ document) {
  if (!document.querySelector("[data-go]")) return false;
  document.documentElement.dataset.going = "";
  going = setTimeout(() => rest(document), PATIENCE);
  return true;
}

/**
 * Go where the letter after `g` says; one that says nothing is a key like any other.
 *
 * @param {Document} document @param {string} key
 */
function arrive(document, key) {
  rest(document);
  return /^[a-z]$/.test(key) && press(document.querySelector(`[data-go="${key}"]`));
}

/** @param {Document} document */
function rest(document) {
  clearTimeout(going);
  going = 0;
  delete document.documentElement.dataset.going;
}

/** @param {EventTarget | null} target */
function isRow(target) {
  return target instanceof Element && target.matches(ROW);
}

/**
 * Find what a key presses, among what can be seen.
 *
 * @param {Document} document @param {string} key
 */
function control(document, key) {
  if (!/^[a-z\d/]$/.test(key)) return null;
  const found = [...document.querySelectorAll(`[data-key="${key}"]`)];
  const seen = found.filter((each) => each.checkVisibility());
  const row = current(document);
  const mine = row && seen.find((each) => row.contains(each));
  return mine ?? seen.find((each) => !each.closest(ROW)) ?? null;
}

/** @param {Element | null | undefined} control */
function press(control) {
  if (!(control instanceof HTMLElement)) return false;
  if (!control.matches("[type=checkbox]")) control.focus({ preventScroll: true });
  control.click();
  return true;
}
