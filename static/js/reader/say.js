/**
 * What came of a report, in words.
 *
 * @typedef {import("./strings.js").Strings} Strings
 * @typedef {import("./send.js").Outcome} Outcome
 */

/** @type {(outcome: Outcome, strings: Strings) => string} */
export function say({ reason, seconds, answer }, strings) {
  if (!reason) return thanks(answer, strings);
  const more =
    reason === "refused" || reason === "invalid" ? answer.detail ?? ""
    : seconds ? strings.inWhile.replace("{when}", fromNow(seconds, strings))
    : strings.later;
  const said = strings[reason === "offline" ? "unavailable" : reason];
  return `${said} ${more}`.trim();
}

/** @type {(answer: Record<string, any>, strings: Strings) => string} */
function thanks({ status, readers, decided_at, because }, strings) {
  if (status === "fixed") {
    const ago = (Date.parse(decided_at) - Date.now()) / 1000;
    return strings.fixed.replace("{when}", ago ? fromNow(ago, strings) : "").replace(/\s?[(（][)）]/, "");
  }
  if (status === "rejected") return `${strings.rejected} ${because ?? ""}`.trim();
  if (status === "accepted") return strings.accepted;
  if (!(readers > 1)) return strings.sent;
  const form = new Intl.PluralRules(strings.lang).select(readers);
  const wording = strings.reported[form] ?? strings.reported.other;
  return wording.replace("{n}", readers.toLocaleString(strings.lang));
}

/** Say how far a time is from now: “in 2 hours”, “3 days ago”. @type {(seconds: number, strings: Strings) => string} */
function fromNow(seconds, { lang }) {
  const far = Math.abs(seconds);
  /** @type {[number, Intl.RelativeTimeFormatUnit]} */
  const [size, unit] =
    far < 60 ? [1, "second"]
    : far < 3600 ? [60, "minute"]
    : far < 86_400 ? [3600, "hour"]
    : [86_400, "day"];
  return new Intl.RelativeTimeFormat(lang).format(Math.ceil(seconds / size), unit);
}
