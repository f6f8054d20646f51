/**
 * The dialog: shows what will be sent, takes a correction and a comment, says what came of it.
 *
 *   <reader-feedback>         last in <html>, only while open, so that no rule of <body> holds it
 *     #shadow-root (open)     styled by adoptedStyleSheets alone: a strict policy allows no more
 *       <dialog>              native and modal
 *         <h2> <form>         the form gives way to
 *         <p role="status">   the outcome and a Close button
 *
 * Its listeners sit on its own elements and go with them.
 *
 * @typedef {import("./strings/en.js").Strings} Strings
 * @typedef {import("./send.js").Target} Target
 * @typedef {Awaited<ReturnType<ReturnType<typeof sender>>>} Outcome
 * @typedef {ReturnType<typeof build>} View
 */

import { describe } from "./anchoring.js";
import { compose, place, say, sender } from "./send.js";
import { sheet } from "./sheet.js";

const LONGEST = 2000; // code points of a quote that the service takes
const ONE_LINE = 40; // a longer quote is corrected in a field that grows

/** @type {View | undefined} */
let spare; // built while idle, for the next key press
/** @type {HTMLElement | undefined} */
let shown;

/**
 * Make ready to open in the language of `strings`. `src` is the address of embed.js.
 *
 * @param {Strings} strings
 * @param {string} src
 * @returns {(range: Range) => void}
 */
export function ready(strings, src) {
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  idle(() => (spare ??= build(strings)));
  return (range) => open(range, strings, new URL("api/v1/reports", src).href);
}

/** @param {Range} range what the reader selected @param {Strings} strings @param {string} endpoint */
function open(range, strings, endpoint) {
  if (shown?.isConnected) return;
  const target = describe(range, document.body);
  const view = take(strings);
  show(view, keep(range));
  if (!target) conclude(view, strings.nothing);
  else if ([...target.quote.exact].length > LONGEST) conclude(view, strings.tooLong);
  else ask(view, target, languageOf(range.commonAncestorContainer), endpoint);
}

/** @param {Strings} strings */
function take(strings) {
  const view = spare?.strings === strings ? spare : build(strings);
  spare = undefined;
  return view;
}

/** @param {View} view @param {() => void} giveBack called when the dialog has closed */
function show({ host, dialog }, giveBack) {
  shown = host;
  dialog.addEventListener("close", () => {
    host.remove();
    giveBack();
  });
  document.documentElement.append(host);
  dialog.showModal();
}

/**
 * Remember the selection, which focus in the dialog empties, and the direction it was made in.
 *
 * @param {Range} range
 * @returns {() => void} gives it back
 */
function keep(range) {
  const selection = getSelection();
  const backward =
    selection?.anchorNode === range.endContainer && selection.anchorOffset === range.endOffset;
  return () => {
    const { startContainer, startOffset, endContainer, endOffset } = range;
    if (backward) selection?.setBaseAndExtent(endContainer, endOffset, startContainer, startOffset);
    else selection?.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
  };
}

/** @param {Node} node */
function languageOf(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest("[lang]")?.getAttribute("lang") ?? "";
}

/** @param {View} view @param {Target} target @param {string} lang @param {string} endpoint */
function ask(view, target, lang, endpoint) {
  const correction = fill(view, target, lang);
  const where = place(target, lang);
  const send = sender(endpoint);
  view.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { comment, website } = view;
    const typed = { correction: correction.value, comment: comment.value, website: website.value };
    submit(view, () => send(compose(where, typed)));
  });
}

/** Fill the form, ready to type. @param {View} view @param {Target} target @param {string} lang */
function fill({ passage, correctionLabel, comment }, target, lang) {
  const { exact } = target.quote;
  const { before, after } = sentence(target, lang);
  const correction = fieldFor(exact);
  for (const element of [passage, correction, comment]) element.lang = lang;
  passage.append(before, make("mark", {}, exact), after);
  correctionLabel.append(correction);
  correction.focus();
  if (correction instanceof HTMLInputElement) correction.select();
  else {
    correction.setSelectionRange(exact.length, exact.length);
    passage.tabIndex = 0; // it may scroll, and must by keyboard too
  }
  return correction;
}

/** @param {string} exact */
function fieldFor(exact) {
  const oneLine = exact.length <= ONE_LINE && !exact.includes("\n");
  const field = make(oneLine ? "input" : "textarea", {
    id: "correction",
    dir: "auto",
    maxlength: LONGEST,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: true,
  });
  field.value = exact;
  return field;
}

/**
 * What stands around the quote in its sentence, as far as the context that is sent reaches. An
 * ellipsis stands for the rest, and for the word that the cut went through.
 *
 * @param {Target} target
 * @param {string} lang
 * @returns {{before: string, after: string}}
 */
function sentence({ quote: { exact, prefix, suffix }, position }, lang) {
  const head = prefix.slice(prefix.lastIndexOf("\n") + 1);
  const tail = suffix.split("\n")[0];
  const starts = sentenceStarts(head + exact + tail, lang);
  const from = Math.max(0, ...starts.filter((start) => start <= head.length));
  const to = Math.min(...starts.filter((start) => start >= head.length + exact.length));
  const before = head.slice(from);
  const after = tail.slice(0, to - head.length - exact.length);
  const cutBefore = before === prefix && [...prefix].length < position.start;
  const cutAfter = after === suffix && [...suffix].length < position.length - position.end;
  return {
    before: cutBefore ? `…${before.replace(/^\S*\s+(?=\S)/, "")}` : before,
    after: cutAfter ? `${after.replace(/(?<=\S)\s+\S*$/, "")}…` : after,
  };
}

/** Where sentences start, and the end. @param {string} text @param {string} lang */
function sentenceStarts(text, lang) {
  if (!Intl.Segmenter) return [0, text.length];
  const known = /^[a-z]{2,3}\b/i.exec(lang)?.[0]; // pages say "en_US" too, which Intl refuses
  const segmenter = new Intl.Segmenter(known, { granularity: "sentence" });
  return [...Array.from(segmenter.segment(text), ({ index }) => index), text.length];
}

/** Send, once at a time. @param {View} view @param {() => Promise<Outcome>} send */
async function submit(view, send) {
  const { strings } = view;
  if (view.send.ariaDisabled) return;
  view.send.ariaDisabled = "true"; // `disabled` would drop the focus
  view.send.textContent = strings.sending;
  view.failure.textContent = "";
  const outcome = await send();
  const message = say(outcome, strings);
  if (outcome.sent) return conclude(view, message, outcome.receipt);
  view.send.ariaDisabled = null;
  view.send.textContent = strings.again;
  view.failure.textContent = message;
  view.send.scrollIntoView({ block: "nearest" });
}

/** Let the form give way to a message. @param {View} view @param {string} message */
function conclude({ strings, dialog, form, outcome }, message, receipt = "") {
  form.remove();
  outcome.append(message);
  dialog.setAttribute("aria-describedby", "outcome");
  if (receipt) {
    const link = make("a", { href: receipt, target: "_blank", rel: "noopener" }, strings.receipt);
    dialog.append(make("p", {}, link));
  }
  const close = make("button", { type: "button" }, strings.close);
  close.addEventListener("click", () => dialog.close());
  dialog.append(make("div", { class: "actions" }, close));
  close.focus();
}

/** Build all that does not depend on the selection. @param {Strings} strings */
function build(strings) {
  const passage = make("blockquote", { id: "passage", dir: "auto" });
  const correctionLabel = make("label", {}, strings.correction);
  const comment = make("textarea", { id: "comment", dir: "auto", maxlength: LONGEST });
  const website = make("input", { name: "website", autocomplete: "off", tabindex: -1 });
  const failure = make("p", { role: "alert" });
  const cancel = make("button", { type: "button" }, strings.cancel);
  const send = make("button", { type: "submit" }, strings.send);
  const form = make(
    "form",
    { novalidate: "" },
    make("p", { id: "intro" }, strings.intro),
    passage,
    correctionLabel,
    make("label", {}, strings.comment, comment),
    make("label", { hidden: "" }, strings.website, website),
    failure,
    make("div", { class: "actions" }, cancel, send),
  );
  const outcome = make("p", { id: "outcome", role: "status" });
  const names = { "aria-labelledby": "title", "aria-describedby": "intro passage" };
  const { lang, dir } = strings;
  const title = make("h2", { id: "title" }, strings.title);
  const dialog = make("dialog", { lang, dir, ...names }, title, form, outcome);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => onEnter(event, form));
  const host = house(dialog);
  const fields = { passage, correctionLabel, comment, website };
  return { strings, host, dialog, form, ...fields, failure, send, outcome };
}

/** Ctrl+Enter sends from anywhere. An Enter still held since the dialog opened sends nothing.
 * @param {KeyboardEvent} event @param {HTMLFormElement} form */
function onEnter(event, form) {
  if (event.key !== "Enter" || event.isComposing) return;
  const sends = event.ctrlKey || event.metaKey;
  if (sends || event.repeat) event.preventDefault();
  if (sends && !event.repeat && form.isConnected) form.requestSubmit();
}

/** Keep page and dialog apart: its styles out, what is typed here in. @param {HTMLElement} dialog */
function house(dialog) {
  const host = document.createElement("reader-feedback");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(dialog);
  for (const type of ["keydown", "keypress", "keyup", "focusin"])
    host.addEventListener(type, (event) => event.stopPropagation()); // a page's hot keys, focus traps
  return host;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean>} attributes
 * @param {(Node | string)[]} children
 */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
