/** Elements of our own, and the house that keeps them and the page apart. */

import { sheet } from "./sheet.js";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Put an element into a shadow tree: the page's styles stay out, what is typed here stays in. The
 * house stands last in <html>, so that no rule of <body> holds it, and no longer than it is needed.
 * @param {HTMLElement} child
 */
export function house(child) {
  const host = document.createElement("reader-feedback");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(child);
  for (const type of ["keydown", "keypress", "keyup", "focusin"])
    host.addEventListener(type, (event) => event.stopPropagation()); // a page's hot keys, focus traps
  document.documentElement.append(host);
  return host;
}
