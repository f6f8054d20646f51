/** Dialogs: `data-opens="x"` on a button opens the `<dialog data-dialog="x">`. */

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
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}
