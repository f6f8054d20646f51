/**
 * Which key was pressed, as the desk's shortcuts call it.
 *
 * @typedef {Pick<KeyboardEvent, "key" | "code" | "shiftKey">} Pressed
 */

const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/**
 * Name the key: a small letter, with Shift a capital one; a digit, `?`, `/`, or a key that has a
 * name, such as `Enter`; else "".
 * On a keyboard without Latin letters the key's place counts: Cyrillic `ф` is where `a` is.
 *
 * @param {Pressed} event
 */
export function named({ key, code, shiftKey }) {
  if (key === "?" || key === "/" || key.length > 1) return key;
  if (/^\d$/.test(key)) return key;
  const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : placed(code);
  if (shiftKey) return /^[a-z]$/.test(letter) ? letter.toUpperCase() : "";
  return letter;
}

/** @param {string} code the key's place, as on a keyboard for English */
function placed(code) {
  return /^(?:Key|Digit)([A-Z\d])$/.exec(code)?.[1].toLowerCase() ?? "";
}

/**
 * Tell whether a key press is meant for the desk: typed into no field, with no modifier, not part
 * of composing a character, and not taken by anybody else.
 *
 * @param {KeyboardEvent} event
 */
export function isCommand(event) {
  const { target, ctrlKey, altKey, metaKey, isComposing, keyCode, defaultPrevented } = event;
  if (ctrlKey || altKey || metaKey || isComposing || keyCode === 229 || defaultPrevented) return false;
  return !(target instanceof Element && target.closest(FIELDS));
}
