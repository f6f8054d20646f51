/**
 * What can be wrong besides the words: the headline, and the images and links now on the screen.
 *
 * @typedef {import("./strings.js").Strings} Strings
 * @typedef {{ type: "image" | "link", text: string, url: string }} About
 * @typedef {object} Thing
 * @property {() => Range} range where it stands in the text; worked out when it is chosen
 * @property {string} label its name in a list
 * @property {string} [text] what a correction corrects, if not the words of the range
 * @property {About} [about]
 */

import { bisect, normalize } from "./anchoring.js";
import { around } from "./selection.js";

/**
 * Name what can be reported though it cannot be selected.
 * @param {Strings} strings
 */
export function things(strings) {
  return [...document.querySelectorAll("h1, :is(article, main) :is(img[src], a[href]:not(svg *))")]
    .filter((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight && !around(element, "[data-feedback-ignore]");
    })
    .map((element) => thing(element, strings));
}

/** @type {(element: any, strings: Strings) => Thing} an image, a link or a heading */
function thing(element, strings) {
  const { src, href = src, alt } = element;
  const type = src ? "image" : href ? "link" : "headline";
  const text = short(alt ?? element.textContent);
  const url = href?.slice(0, 2048);
  const caption = element.closest("figure")?.querySelector("figcaption");
  return {
    range: () => contents(src ? caption ?? beside(element) : element),
    label: `${strings[type]}: ${text || url}`.slice(0, 99),
    text: src ? text : url,
    about: type === "headline" ? undefined : { type, text, url },
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

/** @param {string} text */
function short(text) {
  return text.replace(/\s+/g, " ").trim().slice(0, 99);
}
