/**
 * The menus of a row: `<details data-fill="name">`. What such a menu holds is the same in all rows, so
 * the page has it once, as `<template data-blank="name">`; it takes the place of the menu's
 * `data-panel`, which leads to the spot's own page, when the menu is first opened.
 */
import { tell } from "./keys.js";
import { ROW } from "./rows.js";

/** @param {Document} document */
export function filling(document) {
  // On the click, by a key, too, and before the menu opens: a digit may follow at once.
  document.addEventListener("click", ({ target }) => {
    const menu = target instanceof Element && target.closest("summary")?.parentElement;
    if (menu instanceof HTMLDetailsElement && menu.dataset.fill) fill(menu, menu.dataset.fill);
  }, true);
}

/** @param {HTMLDetailsElement} menu @param {string} name */
function fill(menu, name) {
  const { ownerDocument: document } = menu;
  const blank = document.querySelector(`[data-blank="${name}"]`);
  const row = menu.closest(ROW);
  if (!(blank instanceof HTMLTemplateElement) || !row) return;
  const panel = document.importNode(blank.content, true);
  const form = panel.querySelector("form");
  if (form) lead(form, row.querySelector("form[data-decides]"));
  for (const place of panel.querySelectorAll("[data-exact]"))
    place.textContent = menu.querySelector("summary bdi")?.textContent ?? "";
  const field = panel.querySelector("[name=correction]");
  if (field instanceof HTMLTextAreaElement) write(field, menu.dataset);
  delete menu.dataset.fill;
  menu.querySelector("[data-panel]")?.replaceWith(panel);
  tell(menu);
}

/**
 * Let a form go where another one of its row goes, with what that one carries.
 *
 * @param {HTMLFormElement} form @param {Element | null} like
 */
function lead(form, like) {
  form.setAttribute("action", like?.getAttribute("action") ?? "");
  for (const field of like?.querySelectorAll(":scope > [type=hidden]") ?? [])
    form.prepend(field.cloneNode());
}

/** @param {HTMLTextAreaElement} field @param {DOMStringMap} said */
function write(field, { value = "", tongue }) {
  field.defaultValue = value;
  if (tongue) field.lang = tongue;
}
