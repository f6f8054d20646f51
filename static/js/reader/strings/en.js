/**
 * The reader's side in English, the form all languages follow.
 *
 * @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Plural by CLDR's forms
 * @typedef {Readonly<typeof strings>} Strings
 */
const strings = {
  lang: "en",
  dir: "ltr",
  title: "Spelling error report",
  intro: "The following text will be sent to our editors:",
  correction: "Correction",
  comment: "Your comment (optional)",
  website: "Leave this field empty",
  send: "Send",
  sending: "Sending…",
  again: "Try again",
  cancel: "Cancel",
  close: "Close",
  tooLong: "Please select a shorter passage: a word or a sentence is enough to find the mistake.",
  nothing: "Please select the words with the mistake in the text, then press the keys again.",
  sent: "Thank you! The editors have your report.",
  /** @type {Plural} */
  reported: { other: "Thank you! {n} readers have now reported this." },
  accepted: "Thank you! The editors already know of this mistake and will correct it.",
  fixed: "Thank you! The editors have corrected this already. Reload the page to see it.",
  rejected: "Thank you! The editors have looked at this before and decided to keep it as it is.",
  receipt: "See what becomes of your report",
  refused: "Not sent: this page is not registered with the editors’ service.",
  invalid: "Not sent: the editors’ service did not accept the report.",
  tooMany: "Not sent: there are too many reports at the moment.",
  unavailable: "Not sent: the editors’ service is not available at the moment.",
  offline: "Not sent: the editors’ service does not answer. Please check your connection and try again.",
  inWhile: "Please try again {when}.",
  later: "Please try again in a few minutes.",
};

export default Object.freeze(strings);
