/**
 * After "Look now": once the article has been looked at, the page shows what it says. It is loaded
 * anew only where nothing was typed or chosen; else a line says that there is news.
 */
const EVERY = 2000; // milliseconds
const TIMES = 15;

const ASKED = "[data-asked]";

/** @param {Document} document */
export function looking(document) {
  if (document.querySelector(ASKED)) wait(document, TIMES);
}

/** @param {Document} document @param {number} times how often to ask at the most */
function wait(document, times) {
  if (times > 0) setTimeout(() => ask(document, times), EVERY);
}

/** @param {Document} document @param {number} times */
async function ask(document, times) {
  if (await isDone(document)) tell(document);
  else wait(document, times - 1);
}

/** Tell whether the page as it is now waits for no look any more. */
async function isDone(/** @type {Document} */ document) {
  try {
    const answer = await fetch(document.location.pathname);
    return answer.ok && !(await answer.text()).includes("data-soon");
  } catch {
    return false; // the network may be back at the next time
  }
}

/** @param {Document} document */
function tell(document) {
  if (!isTouched(document)) return document.location.reload();
  const line = document.querySelector(ASKED);
  if (line instanceof HTMLElement) line.textContent = line.dataset.asked ?? "";
}

/** Tell whether anything was typed or chosen that loading anew would lose. */
function isTouched(/** @type {Document} */ document) {
  const fields = [...document.querySelectorAll("textarea, input")];
  return fields.some((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    return field instanceof HTMLInputElement && Boolean(field.closest("main")) && field.checked;
  });
}
