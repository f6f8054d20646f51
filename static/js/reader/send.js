/**
 * What leaves the page and what comes of it: the report, its one POST, the answer in words.
 *
 * @typedef {{exact: string, prefix: string, suffix: string}} Quote
 * @typedef {{quote: Quote, position: {start: number, end: number, length: number}}} Target
 * @typedef {Target & {
 *   url: string, canonical: string | null, title: string, lang: string,
 *   correction: string, comment: string, email: string, website?: string,
 * }} Report
 * @typedef {{correction: string, comment: string, website: string}} Typed what the reader typed
 * @typedef {{sent: true, status: string, readers: number, receipt: string}} Sent
 * @typedef {{sent: false, reason: Reason, detail: string, seconds: number}} Unsent
 * @typedef {"refused" | "invalid" | "tooMany" | "unavailable" | "offline"} Reason
 * @typedef {import("./strings/en.js").Strings} Strings
 */

const PATIENCE = 15_000; // milliseconds

/**
 * Describe the page and the place in it, all but what the reader types. Taken when the dialog
 * opens, so that a title that blinks does not turn a second try into another report.
 *
 * @param {Target} target
 * @param {string} lang the language of the quote as the page tells it
 */
export function place(target, lang) {
  const canonical = /** @type {HTMLLinkElement?} */ (document.querySelector("link[rel~=canonical i]"));
  return {
    url: location.href,
    canonical: canonical?.href || null,
    title: [...document.title].slice(0, 300).join(""),
    lang: lang.slice(0, 64),
    quote: target.quote,
    position: target.position,
  };
}

/**
 * Join the place and what was typed. A correction left as it was corrects nothing: it is sent
 * empty, "something is wrong here". `website` is bait that people never see.
 *
 * @param {ReturnType<typeof place>} where
 * @param {Typed} typed
 * @returns {Report}
 */
export function compose(where, { correction, comment, website }) {
  const changed = correction.trim() !== where.quote.exact.trim();
  return {
    ...where,
    correction: changed ? correction.trim() : "",
    comment: comment.trim(),
    email: "",
    ...(website && { website }),
  };
}

/**
 * Make the function that sends one dialog's report, again if it must.
 *
 * The id says which tries are one report. Whether a try that got no answer was kept is unknown, so
 * the same text goes again under the same id. Text that the reader has changed since is a new
 * report: the old id with another body would be refused (409). A 409 also ends an id.
 *
 * @param {string} endpoint
 * @returns {(report: Report) => Promise<Sent | Unsent>} never rejects
 */
export function sender(endpoint) {
  let id = "";
  let last = "";
  return async (report) => {
    const text = JSON.stringify(report, (_, value) => wellFormed(value));
    if (text !== last) id = uuid();
    last = text;
    try {
      const response = await post(endpoint, `{"id":"${id}",${text.slice(1)}`);
      if (response.status === 409) last = "";
      return await read(response);
    } catch {
      return unsent("offline");
    }
  };
}

/** @param {string} endpoint @param {string} body */
function post(endpoint, body) {
  return fetch(endpoint, {
    method: "POST",
    body,
    headers: { "Content-Type": "text/plain;charset=UTF-8" }, // JSON's own type costs a preflight
    mode: "cors",
    credentials: "omit",
    keepalive: true,
    referrerPolicy: "strict-origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
}

/** Believe in success only where the service itself says so. @param {Response} response */
async function read(response) {
  const answer = await json(response);
  if (response.ok && answer.id) return sent(answer);
  return unsent(reason(response.status), text(answer.detail), wait(response));
}

/** @param {Response} response @returns {Promise<Record<string, unknown>>} */
async function json(response) {
  const body = await response.text();
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** @param {Record<string, unknown>} answer @returns {Sent} */
function sent({ status, readers, receipt }) {
  return { sent: true, status: text(status), readers: Number(readers) || 1, receipt: webAddress(receipt) };
}

/** @param {Reason} reason @returns {Unsent} */
function unsent(reason, detail = "", seconds = 0) {
  return { sent: false, reason, detail, seconds };
}

/** @param {number} status @returns {Reason} */
function reason(status) {
  if (status === 403) return "refused";
  if (status === 429) return "tooMany";
  return status >= 400 && status < 500 ? "invalid" : "unavailable";
}

/** Seconds until another try is welcome, 0 where unsaid. @param {Response} response */
function wait(response) {
  const after = response.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  return seconds > 0 ? Math.ceil(seconds) : 0;
}

/** @param {unknown} address */
function webAddress(address) {
  try {
    const url = new URL(text(address));
    return /^https?:$/.test(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** Half a surrogate pair is no text: UTF-8 cannot carry it. @param {unknown} value */
function wellFormed(value) {
  return typeof value === "string" ? value.replace(/\p{Cs}/gu, "\uFFFD") : value;
}

/** A random UUID. `crypto.randomUUID` is missing on plain http pages. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}

/** Put an outcome in words. @param {Sent | Unsent} outcome @param {Strings} strings */
export function say(outcome, strings) {
  return outcome.sent ? thanks(outcome, strings) : regrets(outcome, strings);
}

/** @param {Sent} outcome @param {Strings} strings */
function thanks({ status, readers }, strings) {
  if (status === "accepted" || status === "fixed" || status === "rejected") return strings[status];
  if (readers < 2) return strings.sent;
  const form = new Intl.PluralRules(strings.lang).select(readers);
  const wording = strings.reported[form] ?? strings.reported.other;
  return wording.replace("{n}", readers.toLocaleString(strings.lang));
}

/** @param {Unsent} outcome @param {Strings} strings */
function regrets({ reason, detail, seconds }, strings) {
  const again = reason === "tooMany" || reason === "unavailable" ? inWhile(seconds, strings) : "";
  return [strings[reason], detail.slice(0, 300), again].filter(Boolean).join(" ");
}

/** @param {number} seconds @param {Strings} strings */
function inWhile(seconds, strings) {
  if (!seconds) return strings.later;
  const format = new Intl.RelativeTimeFormat(strings.lang);
  const when =
    seconds < 60 ? format.format(seconds, "second")
    : seconds < 3600 ? format.format(Math.ceil(seconds / 60), "minute")
    : format.format(Math.ceil(seconds / 3600), "hour");
  return strings.inWhile.replace("{when}", when);
}
