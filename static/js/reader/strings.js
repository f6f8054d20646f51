/**
 * The form of the strings, which `strings/en.json` gives. Nothing of this file is loaded.
 *
 * @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Plural by CLDR's forms
 * @typedef {Omit<typeof import("./strings/en.json"), "reported">} Plain
 * @typedef {Readonly<Plain & { reported: Plural }>} Strings
 */
export {};
