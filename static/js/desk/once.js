/**
 * Each page sends one form: a second press while the first is on its way would be refused as
 * stale, and look like a colleague's doing. What scripts send in the background is not meant.
 */

/** @param {Document} document */
export function once(document) {
  let sent = false;
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.target instanceof HTMLFormElement && event.target.method === "dialog") return;
    if (sent) event.preventDefault();
    sent = true;
  });
  document.defaultView?.addEventListener("pageshow", () => {
    sent = false; // the page may come back from the browser's memory
  });
}
