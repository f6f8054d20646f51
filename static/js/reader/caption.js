/**
 * The sentence that tells readers how to report. It takes the place of what the page has there for
 * readers without scripts: a link to a form.
 *
 * @typedef {{ caption: string, captionTouch: string, ctrl: string, lang: string, dir: string }} Wording
 */

/** Fill all captions. @param {Wording} wording in the article's language */
export function fill({ caption, captionTouch, ctrl, lang, dir }) {
  const key = /^(Mac|iP)/.test(navigator.platform) ? "⌘" : ctrl;
  const text = matchMedia("(pointer: coarse)").matches ? captionTouch : caption.replace("{key}", key);
  for (const place of document.querySelectorAll("[data-feedback-caption]"))
    Object.assign(place, { textContent: text, lang, dir });
}
