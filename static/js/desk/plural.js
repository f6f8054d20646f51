// Puts a number into words that have a form for each plural category of the page's language.

/**
 * Say a number. `forms` is JSON: the category's name (Unicode CLDR), and the words with `{num}`.
 *
 * @param {string | undefined} forms
 * @param {number} number
 */
export function counted(forms, number) {
  const words = JSON.parse(forms || "{}");
  const category = new Intl.PluralRules(document.documentElement.lang || "en").select(number);
  return String(words[category] ?? words.other ?? "").replace("{num}", String(number));
}
