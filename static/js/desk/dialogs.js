/** Dialogs: `data-opens="x"` on a button opens the `<dialog data-dialog="x">`, at `data-first`. */

/** @param {Document} document */
export function dialogs(document) {
  for (const button of document.querySelectorAll("[data-opens]"))
    if (button instanceof HTMLButtonElement) {
      button.hidden = false; // without scripts it would do nothing
      button.addEventListener("click", () => open(document, button.dataset.opens ?? ""));
    }
}

/** @param {Document} document @param {string} name */
function open(document, name) {
  const dialog = document.querySelector(`[data-dialog="${name}"]`);
  if (!(dialog instanceof HTMLDialogElement)) return;
  dialog.showModal();
  const first = dialog.querySelector("[data-first]"); // a browser would go to the first control, below
  if (first instanceof HTMLElement) first.focus();
}
