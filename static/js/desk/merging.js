/**
 * The menu that merges a row's spot: `<details data-others="address">`. When it opens, the other
 * spots of the article are fetched and take the place of its `data-panel`, which leads to the spot's
 * own page; that stays where they cannot be had.
 */
import { enter } from "./menus.js";
import { tell } from "./keys.js";

const OPEN = "details[data-others][open]";

/** @param {Document} document */
export function merging(document) {
  document.addEventListener("toggle", ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.matches(OPEN)) offer(target);
  }, true); // it does not bubble
}

/** Show what is there now: it may have been another one at the time before. */
async function offer(/** @type {HTMLDetailsElement} */ menu) {
  const answer = await page(menu.dataset.others ?? "");
  const panel = answer?.querySelector("[data-panel]");
  if (!panel || !menu.open) return;
  menu.querySelector("[data-panel]")?.replaceWith(menu.ownerDocument.importNode(panel, true));
  tell(menu);
  enter(menu);
}

/**
 * Fetch a page. A request of this kind reads HTML by itself, which no policy on scripts forbids.
 *
 * @param {string} address
 * @returns {Promise<Document | null>} null where it cannot be had
 */
function page(address) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.addEventListener("load", () => resolve(request.status === 200 ? request.responseXML : null));
    request.addEventListener("error", () => resolve(null));
    request.send();
  });
}
