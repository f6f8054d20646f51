/** Copy buttons: `data-copy` copies the `data-copied` text beside it, and says so for a while. */
const WHILE = 2000; // milliseconds

/** @param {Document} document */
export function copying(document) {
  for (const button of document.querySelectorAll("[data-copy]"))
    if (button instanceof HTMLButtonElement && navigator.clipboard) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button));
    }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const text = button.parentElement?.querySelector("[data-copied]")?.textContent ?? "";
  await navigator.clipboard.writeText(text);
  say(button, true);
  setTimeout(() => say(button, false), WHILE);
}

/** @param {HTMLButtonElement} button @param {boolean} done */
function say(button, done) {
  button.querySelector("[data-before]")?.toggleAttribute("hidden", done);
  button.querySelector("[data-after]")?.toggleAttribute("hidden", !done);
}
