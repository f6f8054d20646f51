/**
 * What a status region says from the start of a page, no screen reader reads: it reads what
 * comes in. So what stands there comes in again, once the region is known.
 */
const KNOWN = 300; // milliseconds

/** @param {Document} document */
export function announce(document) {
  for (const region of document.querySelectorAll("[data-announce]"))
    if (region.firstElementChild) setTimeout(() => repeat(region), KNOWN);
}

/** @param {Element} region */
function repeat(region) {
  if (region.contains(region.ownerDocument.activeElement)) return;
  region.replaceChildren(...[...region.children].map((each) => each.cloneNode(true)));
}
