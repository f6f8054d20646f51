/**
 * The note at an article's end: what was corrected in it, as the service tells. Nothing is loaded
 * before its place comes near, and a page whose article was never corrected stays as it is.
 *
 * `<div data-feedback-corrections></div>` is about the page's own article; with an address as its
 * value, about the one that has it. The note inherits the page's letters and colours; what a page
 * wishes to change it reaches by `::part(note)`, `title`, `list`, `all`.
 *
 * @typedef {{ title: string, reads: string, removed: string, all: string, lang: string, dir: string }} Wording
 * @typedef {{ said: string, says: string, at: string }} Correction
 * @typedef {{ lang: string, corrections: Correction[], link: string }} Answer as `GET /api/v1/corrections` gives it
 */

/** Fill all places. @param {Wording} wording in the article's language */
export function fill(wording) {
  const places = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-feedback-corrections]")
  );
  for (const place of places) put(place, wording).catch(() => {}); // the page is none the worse
}

/** @type {(place: HTMLElement, wording: Wording) => Promise<void>} */
async function put(place, wording) {
  const answer = await fetch(address(place.dataset.feedbackCorrections), { credentials: "omit" });
  const told = answer.ok && /** @type {Answer} */ (await answer.json());
  if (!told || !told.corrections.length) return;
  const host = document.createElement("reader-feedback"); // as such it is no part of the article's text
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(note(told, wording));
  place.replaceChildren(host);
}

/** Where to ask: beside the place that this module comes from. @param {string} [named] */
function address(named) {
  const canonical = /** @type {HTMLLinkElement?} */ (document.querySelector("link[rel~=canonical i]"));
  const page = /^http/.test(location.href) ? location.href : document.baseURI;
  const found = new URL("../../../../../api/v1/corrections", import.meta.url);
  found.searchParams.set("url", named || page);
  if (!named && canonical) found.searchParams.set("canonical", canonical.href);
  return found;
}

/** @type {(told: Answer, wording: Wording) => HTMLElement} */
function note(told, { title, reads, removed, all, lang, dir }) {
  const date = new Intl.DateTimeFormat(lang, { dateStyle: "medium" });
  const items = told.corrections.map(({ said, says, at }) => {
    const words = { said: quoted("del", said, told.lang), says: quoted("ins", says, told.lang) };
    const when = make("time", { dateTime: at }, date.format(new Date(at)));
    return make("li", {}, ...sentence(says ? reads : removed, words), " ", when);
  });
  const heading = make("p", { id: "title", part: "title" }, title);
  const list = make("ul", { part: "list" }, ...items);
  const link = make("a", { href: told.link, part: "all" }, all);
  const section = make("section", { lang, dir, part: "note" }, heading, list, make("p", {}, link));
  section.setAttribute("aria-labelledby", "title");
  return section;
}

/** Put nodes in the places of a sentence. @type {(text: string, words: Record<string, Node>) => (Node | string)[]} */
function sentence(text, words) {
  return text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? /** @type {Node} */ (words[part]) : part));
}

/** @type {(tag: "del" | "ins", text: string, lang: string) => HTMLElement} */
function quoted(tag, text, lang) {
  const words = make(tag, { dir: "auto" }, text);
  if (lang) words.lang = lang;
  return make("q", {}, words);
}

/** @type {(tag: string, properties: Record<string, string>, ...children: (Node | string)[]) => HTMLElement} */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block }
p, ul { margin: 0 }
p:first-child { font-weight: 600 }
ul { padding-inline-start: 1.25em }
li { margin-block: .25em; overflow-wrap: anywhere }
del { text-decoration-thickness: .08em; white-space: pre-wrap }
ins { text-decoration: none; font-weight: 600; white-space: pre-wrap }
time { font-size: .875em; white-space: nowrap }
a { color: inherit }
`);
