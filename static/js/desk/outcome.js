/**
 * The toast: what was decided last, and the way back.
 *
 * @typedef {{row: HTMLElement, said: string, exact: string, version: number, undone: boolean}} Told
 */

/** @param {Document} document @param {Told | null} told nothing takes away what was said before */
export function say(document, told) {
  const place = document.querySelector("[data-announce]");
  const blank = document.querySelector("[data-blank=toast]");
  if (!place || !(blank instanceof HTMLTemplateElement)) return;
  if (!told) return place.replaceChildren();
  const toast = document.importNode(blank.content, true);
  fill(toast, told);
  place.replaceChildren(toast);
}

/** @param {DocumentFragment} toast @param {Told} told */
function fill(toast, { row, said, exact, version, undone }) {
  const form = toast.querySelector("form");
  const link = toast.querySelector("a");
  const where = row.querySelector("[data-key=o]");
  for (const [name, text] of [["what", said], ["exact", exact]]) {
    const part = toast.querySelector(`[data-${name}]`);
    if (part) part.textContent = text;
  }
  if (link && where instanceof HTMLAnchorElement) link.href = where.href;
  if (undone) return form?.remove();
  form?.setAttribute("data-undoes", row.id);
  form?.setAttribute("action", row.querySelector("form")?.getAttribute("action") ?? "");
  const field = form?.querySelector("[name=version]");
  if (field instanceof HTMLInputElement) field.value = String(version);
}
