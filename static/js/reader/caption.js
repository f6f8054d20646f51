/**
 * The sentence that tells readers how to report, where the page left its place empty.
 *
 * @typedef {{ caption: string, captionTouch: string, ctrl: string }} Wording
 */

/** Fill all empty captions. @param {Wording} wording in the article's language */
export function fill({ caption, captionTouch, ctrl }) {
  const key = /^(Mac|iP)/.test(navigator.platform) ? "⌘" : ctrl;
  const text = matchMedia("(pointer: coarse)").matches ? captionTouch : caption.replace("{key}", key);
  for (const place of document.querySelectorAll("[data-feedback-caption]:empty")) place.textContent = text;
}
