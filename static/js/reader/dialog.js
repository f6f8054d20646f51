/**
 * The dialog: shows what will be sent, takes a correction and a comment, says what came of it.
 *
 *   <reader-feedback>       last in <html>, only while open
 *     #shadow-root (open)   styled by adoptedStyleSheets alone: a strict policy allows no more
 *       <dialog>            native and modal
 *         <h2>
 *         <p role="status"> the outcome, once there is one, in place of
 *         <form>
 *
 * @typedef {import("./reader.js").Site} Site
 * @typedef {import("./anchoring.js").Place} Place
 * @typedef {import("./things.js").Thing} Thing
 * @typedef {ReturnType<typeof build>} View
 * @typedef {object} Subject what a report is about
 * @property {Place} place where it stands
 * @property {string} lang its language, as the page tells it
 * @property {string} text what a correction corrects
 * @property {Thing["about"]} about the image or link, where it is not the words themselves
 */

import { house, make } from "./make.js";
import { read, segment, target } from "./anchoring.js";
import { say } from "./say.js";
import { around, sentence, wholeWords } from "./selection.js";
import { located, post, serialize, uuid } from "./send.js";
import { things } from "./things.js";
import { draft, DRAFTS, keep, UNSENT } from "./unsent.js";

const KINDS = /** @type {const} */ (["typo", "fact", "link", "other"]);
const LONGEST = 2000; // code points of a quote that the service takes

/** @type {View | undefined} */
let spare; // built while idle, for the next key press

/** Build a dialog ahead of its use. @param {Site} site */
export function prepare(site) {
  spare ??= build(site);
  segment("", 0); // the first takes some 15 ms
}

/**
 * Open the dialog on a range; without one, say how to select. Gives what closes it again.
 * @param {Site} site
 * @param {Range | null} range
 */
export function open(site, range) {
  const view = spare ?? build(site);
  const { dialog } = view;
  const giveBack = keepSelection();
  const words = range && subject(site, range);
  const host = house(dialog);
  spare = undefined;
  dialog.onclose = () => {
    host.remove();
    giveBack();
    site.tell("close");
  };
  dialog.showModal();
  offer(site, view, words);
  if (words && [...words.text].length > LONGEST) conclude(view, site.strings.tooLong);
  else if (words) {
    ask(site, view, words);
    view.correction.focus();
    view.correction.select();
  }
  site.tell("open");
  return () => dialog.close();
}

/** Remember the selection, which focus in the dialog empties, and the direction it was made in. */
function keepSelection() {
  const selection = /** @type {Selection} */ (getSelection());
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  selection.empty(); // Chromium takes long to find out that what is selected became inert
  return () => {
    if (anchorNode && focusNode) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  };
}

/** @type {(site: Site, range: Range, thing?: Thing) => Subject | null} */
function subject({ strings }, range, thing) {
  const node = range.commonAncestorContainer;
  const root = node.getRootNode();
  const found = read(range, root instanceof ShadowRoot ? root : document.body);
  if (!found) return null;
  const place = wholeWords(found, strings.lang);
  return {
    place,
    lang: around(node, "[lang]")?.getAttribute("lang") ?? "",
    text: thing?.text ?? place.text.slice(place.start, place.end),
    about: thing?.about,
  };
}

/** Offer what cannot be selected. @type {(site: Site, view: View, words: Subject | null) => void} */
function offer(site, view, words) {
  const { choice } = view;
  const found = things(site.strings);
  for (const { label } of [{ label: "—" }, ...found]) choice.append(make("option", {}, label));
  choice.onchange = () => {
    const thing = found[choice.selectedIndex - 1];
    const chosen = thing ? subject(site, thing.range(), thing) : words;
    if (chosen) ask(site, view, chosen);
  };
}

/** Fill the form, ready to type; again when the reader turns to something else. @type {(site: Site, view: View, subject: Subject) => void} */
function ask({ strings, ...site }, view, { place, lang, text, about }) {
  const { form, passage, correction, send } = view;
  const where = located(target(place), lang);
  const [before, after] = about ? [`${strings[about.type]}: `, ""] : sentence(place, strings.lang);
  const key = [location.pathname, where.quote.prefix, text].join("\n");
  let id = "";
  let last = "";

  const show = () => {
    passage.replaceChildren(before, make("mark", {}, ...difference(text, correction.value)), after);
  };
  begin(view, lang, text, draft(key));
  show();
  form.oninput = () => {
    show();
    keep(DRAFTS, key, { ...typed(form), at: Date.now() });
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (send.ariaDisabled) return;
    const said = typed(form);
    const now = correction.value.trim();
    const changed = now === text.trim() ? "" : now;
    const report = { ...where, email: "", ...said, correction: changed, about };
    if (!site.tell("before-send", report)) return refuse(view, strings.stopped);
    view.failure.textContent = "";
    send.ariaDisabled = "true"; // `disabled` would drop the focus
    send.textContent = strings.sending;
    const body = serialize(report);
    if (body !== last) id = uuid(); // the same text again is the same report, another text is not
    last = body;
    const json = `{"id":"${id}",${body.slice(1)}`;
    const outcome = await post(site.endpoint, json);
    const { reason, answer } = outcome;
    const kept = reason === "offline" && keep(UNSENT, id, json);
    if (!reason || kept) keep(DRAFTS, key);
    if (answer.status === 409) last = ""; // the id is taken
    site.tell(reason ? "failed" : "sent", { report, reason, answer });
    if (kept) {
      site.sendLater();
      conclude(view, strings.offline);
    } else if (reason) refuse(view, say(outcome, strings));
    else conclude(view, say(outcome, strings), answer.receipt);
  };
}

/** Put the fields in, with what they had before. @type {(view: View, lang: string, text: string, earlier?: object) => void} */
function begin({ strings, form, intro, fields, passage, correction, comment, actions, send }, lang, text, earlier) {
  intro.textContent = strings.intro;
  intro.after(...fields);
  actions.append(send);
  for (const element of [passage, correction, comment]) element.lang = lang;
  for (const [name, value] of Object.entries({ correction: text, ...earlier })) {
    const field = form.elements.namedItem(name);
    if (field) /** @type {HTMLInputElement} */ (field).value = value;
  }
}

/** What stands in the fields, by their names; the bait only if it was taken. @param {HTMLFormElement} form @returns {any} */
function typed(form) {
  const said = new FormData(form);
  if (!said.get("website")) said.delete("website");
  return Object.fromEntries(said);
}

/**
 * Show which words of a text are changed: those that both begin and end with stay, between is out
 * and in. Letters would not do: many scripts join or stack them.
 * @param {string} was
 * @param {string} is
 */
function difference(was, is) {
  const old = was.split(/(\s+)/);
  const now = is.split(/(\s+)/);
  let head = 0;
  let tail = 0;
  while (head < old.length && old[head] === now[head]) head++;
  while (tail < Math.min(old.length, now.length) - head && old.at(~tail) === now.at(~tail)) tail++;
  const cut = (/** @type {string[]} */ text) => text.splice(head, text.length - head - tail).join("");
  const [out, put] = [cut(old), cut(now)];
  return [
    ...old.slice(0, head),
    out && make("del", {}, out),
    put && make("ins", {}, put),
    ...old.slice(head),
  ];
}

/** Say what went wrong, and let the reader try again. @param {View} view @param {string} message */
function refuse({ strings, send, failure }, message) {
  send.ariaDisabled = null;
  send.textContent = strings.again;
  failure.textContent = message;
  send.scrollIntoView({ block: "nearest" });
}

/** Let the form give way to a message. @type {(view: View, message: string, receipt?: unknown) => void} */
function conclude({ strings, dialog, form, outcome }, message, receipt) {
  const href = `${receipt}`;
  const close = make("button", { onclick: () => dialog.close() }, strings.close);
  outcome.append(message);
  dialog.setAttribute("aria-describedby", "outcome");
  form.replaceWith(
    /^https?:/i.test(href) ? make("a", { href, target: "_blank" }, strings.receipt) : "",
    make("div", {}, close),
  );
  close.focus();
}

/** Build all that does not depend on the selection. @param {Site} site */
function build({ strings, option }) {
  const kinds = KINDS.filter((kind) => option("kinds").includes(kind));
  const line = { dir: "auto", maxLength: LONGEST, rows: 1 };
  const passage = make("blockquote", { id: "passage", dir: "auto", tabIndex: 0 });
  const correction = make("textarea", { name: "correction", ...line });
  const comment = make("textarea", { name: "comment", ...line });
  const fields = [
    passage,
    make("label", {}, strings.correction, correction),
    make("label", {}, strings.comment, comment),
    make("input", { name: "website", hidden: true, autocomplete: "off" }), // bait; people never see it
  ];
  if (kinds[0]) {
    const options = kinds.map((value) => make("option", { value }, strings[value]));
    fields.push(make("label", {}, strings.kind, make("select", { name: "kind" }, ...options)));
  }
  if (option("email") === "true") {
    const email = make("input", { name: "email", type: "email", autocomplete: "email", maxLength: 254 });
    fields.push(make("label", {}, strings.email, email));
  }
  const intro = make("p", { id: "intro" }, strings.hint.replace("{key}", strings.ctrl));
  const choice = make("select", {});
  const failure = make("p", { role: "alert" });
  const cancel = make("button", { type: "button", onclick: () => dialog.close() }, strings.cancel);
  const send = make("button", { type: "submit", ariaLive: "polite" }, strings.send);
  const actions = make("div", {}, cancel);
  const form = make("form", {}, intro, make("label", {}, strings.else, choice), failure, actions);
  const outcome = make("p", { id: "outcome", role: "status" });
  const { lang, dir, title } = strings;
  const named = { lang, dir, ariaLabel: title, onkeydown: (/** @type {any} */ event) => onEnter(event, form) };
  const dialog = make("dialog", named, make("h2", {}, title), outcome, form);
  dialog.setAttribute("aria-describedby", "intro passage");
  return { strings, dialog, form, intro, fields, passage, correction, comment, choice, failure, actions, send, outcome };
}

/**
 * Enter sends from the correction, Ctrl+Enter from anywhere; a key still held since the dialog
 * opened does nothing.
 * @param {KeyboardEvent} event
 * @param {HTMLFormElement} form
 */
function onEnter(event, form) {
  if (event.key !== "Enter" || event.isComposing) return;
  const line = form.elements.namedItem("correction");
  const sends = event.ctrlKey || event.metaKey || (event.target === line && !event.shiftKey);
  if (sends || event.repeat) event.preventDefault();
  if (sends && !event.repeat && form.onsubmit && form.isConnected) form.requestSubmit();
}
