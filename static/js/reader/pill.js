/**
 * What stands at the window's edge for a while: a button for those who select by touch, and a note
 * when a report that waited has been sent. In the top layer, above any z-index of the page's.
 *
 * @typedef {import("./reader.js").Site} Site
 */

import { house, make } from "./make.js";
import { selected } from "./selection.js";

const FOOT = 160; // px at the window's foot where the button would cover what is selected
const CALM = 200; // ms without a change, after which a selection is taken for made
const NOTE = 8000; // ms

/**
 * Show a button while something is selected: by touch, with `button="always"` by mouse too. It keeps
 * away from the selection, where the system's own menu and the handles are.
 * @param {Site} site
 * @param {(range: Range) => void} open
 */
export function button({ strings, option, signal }, open) {
  const wish = option("button");
  const options = { signal, capture: true };
  let touch = matchMedia("(pointer: coarse)").matches;
  let timer = 0;
  let hide = () => {};
  const show = () => {
    hide();
    const range = wish !== "never" && (touch || wish === "always") && selected();
    if (!range) return;
    const pill = make("button", {
      type: "button",
      className: range.getBoundingClientRect().bottom > innerHeight - FOOT ? "top" : "",
      onpointerdown: (event) => event.preventDefault(), // it would end the selection
      onclick: () => open(range),
    });
    hide = put(pill, strings, strings.button);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, CALM);
  };
  addEventListener("pointerdown", ({ pointerType }) => (touch = pointerType !== "mouse"), options);
  addEventListener("selectionchange", soon, options);
  signal.addEventListener("abort", () => (clearTimeout(timer), hide()));
  soon();
}

/** Say something for some seconds. @type {(site: Site, text: string) => void} */
export function note({ strings, signal }, text) {
  const hide = put(make("output", {}), strings, text);
  setTimeout(hide, NOTE);
  signal.addEventListener("abort", hide);
}

/** @type {(child: HTMLElement, strings: Site["strings"], text: string) => () => void} */
function put(child, { lang, dir }, text) {
  Object.assign(child, { lang, dir, popover: "manual" });
  const host = house(child);
  child.showPopover();
  child.append(text); // only now, so that a note is heard
  return () => host.remove();
}
