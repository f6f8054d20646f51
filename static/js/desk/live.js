/**
 * What others do, without a reload: the page asks now and then while it is seen. Nothing of it moves
 * what one is reading: new spots are a line, a decision of somebody else's marks its row in place.
 */
import { count } from "./counting.js";
import { renew } from "./deciding.js";
import { counted } from "./plural.js";
import { isSettled } from "./settled.js";

const SOON = 5_000; // milliseconds
const LATE = 30_000;
/** After so long without news the page asks ever more rarely. */
const QUIET = 180_000;

/**
 * @typedef {{id: number, version: number, status: string, said: string}} Moved
 * @typedef {{at: number, opened: number, spots: Moved[], claims: Record<string, string>}} News
 */

/** @param {Document} document */
export function live(document) {
  const list = document.querySelector("[data-rows][data-news]");
  if (!(list instanceof HTMLElement)) return;
  let heard = Date.now();
  let wait = SOON;
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, wait);
  };
  const ask = async () => {
    if (await hear(list)) {
      heard = Date.now();
      wait = SOON;
    } else if (Date.now() - heard > QUIET) wait = Math.min(wait * 1.5, LATE);
    later();
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) ask();
  });
  later();
}

/**
 * Ask what is new, and show it.
 *
 * @param {HTMLElement} list
 * @returns {Promise<boolean>} whether anything happened
 */
async function hear(list) {
  try {
    const answer = await fetch(`${list.dataset.news}?since=${list.dataset.at}`);
    if (!answer.ok || answer.redirected) return false;
    return show(list, await answer.json());
  } catch {
    return false; // the network may be back at the next time
  }
}

/** @param {HTMLElement} list @param {News} news */
function show(list, news) {
  list.dataset.at = String(news.at);
  if (news.opened && statuses(list).includes("waiting")) herald(list, news.opened);
  for (const spot of news.spots) move(list, spot);
  const held = hold(list, news.claims);
  return held || news.opened + news.spots.length > 0;
}

/** Give the statuses that the page shows. */
const statuses = (/** @type {HTMLElement} */ list) => (list.dataset.status ?? "").split(",");

/** Say how many new spots wait. */
function herald(/** @type {HTMLElement} */ list, /** @type {number} */ opened) {
  const line = list.ownerDocument.querySelector("[data-news-line]");
  const link = line?.querySelector("[data-says]");
  if (!(line instanceof HTMLElement) || !(link instanceof HTMLElement)) return;
  const all = Number(line.dataset.count ?? 0) + opened;
  line.dataset.count = String(all);
  link.textContent = counted(link.dataset.says, all);
  line.hidden = false;
}

/** Mark the row that somebody else decided on; let it wait again where that was taken back. */
function move(/** @type {HTMLElement} */ list, /** @type {Moved} */ spot) {
  const row = list.querySelector(`#spot-${spot.id}`);
  if (!(row instanceof HTMLElement) || isSettled(row)) return; // one's own
  count(row.ownerDocument, row.dataset.is ?? "", spot.status);
  row.dataset.is = spot.status;
  row.querySelector("[data-by-others]")?.remove();
  const away = !statuses(list).includes(spot.status);
  row.toggleAttribute("data-moved", away);
  if (!away) return renew(row, spot.version);
  const line = row.ownerDocument.createElement("p");
  line.className = "outcome-line";
  line.dataset.byOthers = "";
  line.textContent = spot.said;
  row.append(line);
}

/**
 * Say in each row who is at it.
 *
 * @param {HTMLElement} list @param {Record<string, string>} claims by the spots' ids
 * @returns {boolean} whether that is new
 */
function hold(list, claims) {
  let changed = false;
  for (const line of list.querySelectorAll("[data-held]")) {
    const id = line.closest("[data-row]")?.id.replace("spot-", "") ?? "";
    changed = tell(list, line, claims[id] ?? "") || changed;
  }
  return changed;
}

/**
 * @param {HTMLElement} list @param {Element} line @param {string} who
 * @returns {boolean} whether it says anything else than before
 */
export function tell(list, line, who) {
  const text = who && (list.dataset.heldSays ?? "").replace("{who}", who);
  if (line.textContent === text) return false;
  line.textContent = text;
  line.toggleAttribute("hidden", !who);
  return true;
}
