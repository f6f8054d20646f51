/**
 * The numbers on the tabs follow what happens on the page: `data-count` names the statuses that one
 * counts. One that is no plain number ("1000+") stays as it is.
 */

/**
 * @param {Document} document
 * @param {string} from the status that a spot had @param {string} to the one it has now
 */
export function count(document, from, to) {
  if (from === to) return;
  for (const place of document.querySelectorAll("[data-count]")) {
    const counted = (place.getAttribute("data-count") ?? "").split(",");
    const more = Number(counted.includes(to)) - Number(counted.includes(from));
    const text = place.textContent ?? "";
    if (more && /^\d+$/.test(text)) place.textContent = String(Math.max(Number(text) + more, 0));
  }
}
