/** The search: an address without what was left empty; choosing a filter asks at once; Escape leaves. */
import { current, focus } from "./rows.js";

/** @param {Document} document */
export function finding(document) {
  const form = document.querySelector("[data-finding]");
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  });
  form.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key === "Escape" && target instanceof HTMLInputElement && target.type === "search") leave(document, target);
  });
}

/** @param {Document} document @param {HTMLInputElement} field */
function leave(document, field) {
  field.blur();
  const row = current(document);
  if (row) focus(row);
}
