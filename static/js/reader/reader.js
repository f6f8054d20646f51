/**
 * The reader's side, once something is selected: embed.js fetches it and hands over.
 *
 * @typedef {import("./strings.js").Strings} Strings
 * @typedef {object} Site what the page that embeds us asks for
 * @property {Strings} strings
 * @property {string} endpoint where reports go
 * @property {AbortSignal} signal aborted when we must leave
 * @property {(name: string) => string} option what the page sets; empty if it does not
 * @property {(name: string, detail?: object) => boolean} tell the page; false if it objects
 * @property {() => void} sendLater try again to send what is kept
 * @typedef {Range | Element | KeyboardEvent} What to open the dialog on
 */

import { open, prepare } from "./dialog.js";
import { button, note } from "./pill.js";
import { around, NOT_OURS, selected } from "./selection.js";
import { post } from "./send.js";
import { contents } from "./things.js";
import { sendKept } from "./unsent.js";

const SOON = 60_000; // ms until the next try for what could not be sent

/**
 * Take over from embed.js: from now on `feedback.open` opens the dialog.
 * @param {{ options?: Record<string, any>, open?: (what?: What) => void }} feedback the page's object
 * @param {HTMLScriptElement} script
 * @param {AbortSignal} signal
 * @param {{ default: Strings }} table the strings of the article's language
 */
export function start(feedback, script, signal, { default: table }) {
  const strings = { ...table, ...feedback.options?.strings };
  let timer = 0;
  /** @type {(() => void) | undefined} */
  let close;

  /** @type {Site} */
  const site = {
    strings,
    signal,
    option: (name) => `${feedback.options?.[name] ?? script.dataset[name] ?? ""}`,
    endpoint: script.src.replace(/(static\/\w+\/js\/)?embed\.js.*/, "api/v1/reports"),
    tell: (name, detail) =>
      document.dispatchEvent(new CustomEvent("feedback:" + name, { detail, bubbles: true, cancelable: true })),
    sendLater: () => {
      clearTimeout(timer);
      timer = setTimeout(sendNow, SOON);
    },
  };
  const sendNow = async () => {
    const done = await sendKept(async (body) => {
      if (signal.aborted) return false;
      const { reason, answer } = await post(site.endpoint, body);
      if (!reason) {
        note(site, strings.sent);
        site.tell("sent", { report: JSON.parse(body), reason, answer });
      }
      return !reason || reason === "invalid" || reason === "refused";
    });
    if (!done && !signal.aborted) site.sendLater();
  };

  feedback.open = (what) => {
    if (close || signal.aborted || (what instanceof KeyboardEvent && !isOurs(what))) return;
    close = open(site, what instanceof Range ? what : what instanceof Element ? contents(what) : selected());
  };
  document.addEventListener("feedback:close", () => (close = undefined), { signal });
  addEventListener("online", sendNow, { signal });
  signal.addEventListener("abort", () => (clearTimeout(timer), close?.()));
  button(site, feedback.open);
  (globalThis.requestIdleCallback ?? setTimeout)(() => prepare(site));
  sendNow();
}

/**
 * Whether a key is meant for us, and if so, take it: with a selection; or without one, when nothing
 * has the focus and nobody else has use for it.
 * @param {KeyboardEvent} event
 */
function isOurs(event) {
  const [field = event.target] = event.composedPath();
  const other =
    event.shiftKey || event.altKey || event.repeat || event.isComposing || event.keyCode === 229 ||
    event.defaultPrevented || around(/** @type {Node} */ (field), NOT_OURS);
  if (other || !selected()) return !other && field === document.body;
  event.preventDefault();
  return true;
}
