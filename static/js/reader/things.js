/**
 * What can be wrong besides the words: the headline, and the images and links now on the screen.
 *
 * @typedef {import("./strings.js").Strings} Strings
 * @typedef {{ type: "image" | "link", text: string, url: string }} About
 * @typedef {object} Thing
 * @property {Range} range where it stands in the text
 * @property {string} label its name in a list
 * @property {string} [text] what a correction corrects, if not the words of the range
 * @property {About} [about]
 */

import { normalize } from "./normal.js";
import { bisect } from "./quote.js";
import { around } from "./selection.js";

/**
 * Name what can be reported though it cannot be selected.
 * @param {Strings} strings
 */
export function things(strings) {
  return [...document.querySelectorAll("h1, :is(article, main) :is(img, a[href])")]
    .filter((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight && !around(element, "[data-feedback-ignore]");
    })
    .map((element) => thing(element, strings));
}

/** @type {(element: any, strings: Strings) => Thing} an image, a link or a heading */
function thing(element, strings) {
  const { src, href = src ?? "", alt } = element;
  const caption = element.closest("figure")?.querySelector("figcaption");
  const url = href.slice(0, 2048);
  const text = short(alt ?? element);
  const type = src ? "image" : "link";
  const label = `${strings[url ? type : "headline"]}: ${text || short(caption ?? url)}`;
  if (!url) return { range: contents(element), label };
  return {
    range: src ? contents(caption ?? beside(element)) : contents(element),
    label,
    text: src ? text : url,
    about: { type, text, url },
  };
}

/** @param {Node} node */
export function contents(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  return range;
}

/** Give the text after an image, by which it is found. @param {Element} image */
function beside(image) {
  const { runs } = normalize(document.body);
  const next = bisect(runs, ({ node }) => !!(image.compareDocumentPosition(node) & 4));
  return (runs[next] ?? runs[next - 1])?.node ?? image;
}

/** @param {string | Element} text */
function short(text) {
  const words = typeof text === "string" ? text : text.textContent;
  return `${words}`.replace(/\s+/g, " ").trim().slice(0, 99);
}
