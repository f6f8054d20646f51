/**
 * Deciding in the background. A form `data-decides` in a row is sent by a script: the row is done at
 * once and the next one current; if the server refuses, the row comes back with the reason. Without
 * scripts the form is sent as forms are.
 *
 * What is done to one row goes to the server in its order, each with the version that the answer
 * before it gave. After a refusal nothing of what was still to be sent is: its editor had not seen
 * what happened meanwhile.
 *
 * @typedef {{tail: Promise<void>, turn: number, broken: number, decided: boolean}} State
 */
import { say } from "./outcome.js";
import { post } from "./post.js";
import { focus, leave, ROW } from "./rows.js";
import { isSettled, refuse, reopen, settle } from "./settled.js";

/** The status that each decision leads to. @type {Record<string, string>} */
const LEADS = {
  accept: "accepted", fix: "fixed", reject: "rejected", snooze: "snoozed", merge: "merged", reopen: "waiting",
};

/** @type {WeakMap<HTMLElement, State>} */
const states = new WeakMap();

/** How often something was sent: what came of it is said of the last one alone, which `u` takes back. */
let sent = 0;

/** @param {Document} document */
export function deciding(document) {
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!(form instanceof HTMLFormElement)) return;
    const row = rowOf(document, form);
    if (!row) return;
    event.preventDefault();
    if (form.matches("[data-undoes]")) undo(row);
    else decide(row, form, submitter);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("[data-undo]");
    const row = button && button.closest(ROW);
    if (row instanceof HTMLElement) undo(row);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  });
}

/** Find the row that a form is about: the one it stands in, or that it undoes. */
function rowOf(/** @type {Document} */ document, /** @type {HTMLFormElement} */ form) {
  const row = form.matches("[data-undoes]")
    ? document.getElementById(form.getAttribute("data-undoes") ?? "")
    : form.matches("[data-decides]") && form.closest(ROW);
  return row instanceof HTMLElement ? row : null;
}

/** Ctrl+Enter in a field `data-sends` presses the first button of its form. */
function submit(/** @type {KeyboardEvent} */ event) {
  const { target } = event;
  if (!(target instanceof HTMLTextAreaElement) || !target.matches("[data-sends]")) return;
  event.preventDefault();
  target.form?.requestSubmit(target.form.querySelector("button"));
}

/**
 * @param {HTMLElement} row @param {HTMLFormElement} form @param {HTMLElement | null} submitter
 */
function decide(row, form, submitter) {
  if (isSettled(row)) return; // a second press before the answer is not a second decision
  const asked = new FormData(form, submitter);
  settle(row, { said: words(form, submitter), status: LEADS[String(asked.get("kind"))] ?? "" });
  if (!leave(row.ownerDocument, row)) finish(row.ownerDocument);
  say(row.ownerDocument, null);
  send(row, form.action, asked, (told) => {
    reopen(row);
    refuse(row, told);
  });
}

/** Take back what was decided on a row last, also while that is still on its way. */
function undo(/** @type {HTMLElement} */ row) {
  if (!isSettled(row)) return;
  const form = row.querySelector("form[data-decides]");
  if (!(form instanceof HTMLFormElement)) return;
  const asked = new FormData(form);
  asked.set("kind", "undo");
  asked.delete("correction");
  const done = reopen(row);
  focus(row);
  say(row.ownerDocument, null);
  send(row, form.action, asked, (told) => {
    settle(row, done);
    refuse(row, told);
  });
}

/**
 * Send what was done to a row, after all that was done to it before.
 *
 * @param {HTMLElement} row @param {string} action @param {FormData} asked
 * @param {(told: string) => void} back takes it back on the page, where it is refused
 */
function send(row, action, asked, back) {
  const state = states.get(row) ?? { tail: Promise.resolve(), turn: 0, broken: 0, decided: false };
  states.set(row, state);
  const turn = ++state.turn;
  const number = ++sent;
  state.tail = state.tail.then(async () => {
    if (turn <= state.broken) return;
    asked.set("version", version(row));
    const answer = await post(action, asked, row.closest("[data-rows]"));
    if (answer.version) renew(row, answer.version);
    if (!answer.ok) {
      state.broken = state.turn;
      return back(answer.said);
    }
    if (number === sent) say(row.ownerDocument, { row, ...answer, undone: asked.get("kind") === "undo" });
  });
}

/** @param {HTMLElement} row */
function version(row) {
  const field = row.querySelector("[name=version]");
  return field instanceof HTMLInputElement ? field.value : "";
}

/** Give all forms of a row the version that the server told of. */
export function renew(/** @type {HTMLElement} */ row, /** @type {number} */ version) {
  for (const field of row.querySelectorAll("[name=version]"))
    if (field instanceof HTMLInputElement) field.value = String(version);
}

/**
 * Say what a form does: in the words of its button, else its own, with the reason that was chosen.
 *
 * @param {HTMLFormElement} form @param {HTMLElement | null} submitter
 */
function words(form, submitter) {
  const done = submitter?.dataset.done || form.dataset.done || "";
  const why = submitter?.querySelector("[data-why]")?.textContent;
  return why ? `${done}: ${why}` : done;
}

/** Say that nothing is left to decide on this page. */
function finish(/** @type {Document} */ document) {
  const line = document.querySelector("[data-all-done]");
  if (!(line instanceof HTMLElement)) return;
  line.hidden = false;
  line.focus({ preventScroll: true });
}
