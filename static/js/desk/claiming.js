/** Who reads a row claims it softly: others see that, and so does who comes second. */
import { tell } from "./live.js";
import { CLOSED, current } from "./rows.js";

/** A row that is passed by is not claimed. */
const STAYED = 1_000; // milliseconds
/** A claim ends by itself after some minutes: who is still there says so. */
const AGAIN = 120_000;

/** @param {Document} document */
export function claiming(document) {
  const list = document.querySelector("[data-rows][data-claims]");
  if (!(list instanceof HTMLElement)) return;
  let timer = 0;
  const later = (/** @type {number} */ wait) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const row = current(document);
      if (row && !document.hidden && !row.matches(CLOSED)) await claim(list, row);
      later(AGAIN);
    }, wait);
  };
  list.addEventListener("current", () => later(STAYED));
  if (current(document)) later(STAYED);
}

/** @param {HTMLElement} list @param {HTMLElement} row */
async function claim(list, row) {
  const place = row.querySelector("[data-key=o]");
  const token = row.querySelector("[name=csrf_token]");
  const line = row.querySelector("[data-held]");
  if (!(place instanceof HTMLAnchorElement) || !(token instanceof HTMLInputElement)) return;
  const body = new FormData();
  body.set("csrf_token", token.value);
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(`${place.pathname}/claim`, { method: "POST", body, headers });
    if (answer.ok && line) tell(list, line, (await answer.json()).by ?? "");
  } catch {
    // Nobody knows then; it keeps nobody from deciding.
  }
}
