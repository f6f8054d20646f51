/**
 * What leaves the page and what comes of it: the report, its one POST, the service's answer.
 *
 * @typedef {import("./anchoring.js").Target} Target
 * @typedef {import("./things.js").About} About
 * @typedef {object} Typed what the reader typed, as far as the page asks for it
 * @property {string} correction
 * @property {string} comment
 * @property {string} [email]
 * @property {string} [website]
 * @property {string} [kind]
 * @typedef {Target & Typed & {
 *   url: string, canonical: string | null, title: string, lang: string, about?: About }} Report
 * @typedef {"refused" | "invalid" | "tooMany" | "unavailable" | "offline"} Reason
 * @typedef {object} Outcome
 * @property {Reason | ""} reason why it was not sent; success is believed only where the service says so
 * @property {number} seconds until another try is welcome, 0 where unsaid
 * @property {Record<string, any>} answer the service's JSON, as it came
 */

const PATIENCE = 15_000; // milliseconds

/**
 * Describe the page and the place in it, all but what the reader types. A frame that was written
 * into the page has no address but the page's.
 * @param {Target} target
 * @param {string} lang the language of the quote as the page tells it
 */
export function located(target, lang) {
  const canonical = /** @type {HTMLLinkElement?} */ (document.querySelector("link[rel~=canonical i]"));
  return {
    url: /^http/.test(location.href) ? location.href : document.baseURI,
    canonical: canonical?.href || null,
    title: document.title.slice(0, 500),
    lang,
    ...target,
  };
}

/**
 * Put a report in JSON. Half a surrogate pair is no text: UTF-8 cannot carry it.
 * @param {Report} report
 */
export function serialize(report) {
  return JSON.stringify(report, (_, value) => value?.toWellFormed?.() ?? value);
}

/**
 * Send a report's JSON and read the answer. Never rejects.
 * @param {string} endpoint
 * @param {string} body
 * @returns {Promise<Outcome>}
 */
export async function post(endpoint, body) {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      body, // goes as text/plain: JSON's own type costs a preflight
      credentials: "omit",
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    });
    return outcome(response, await response.text());
  } catch {
    // A service that can be reached would not take it from here: no promise can be made.
    const reached = await fetch(endpoint, {
      mode: "no-cors",
      signal: AbortSignal.timeout(PATIENCE),
    }).catch(() => 0);
    return { reason: reached ? "unavailable" : "offline", seconds: 0, answer: {} };
  }
}

/** @type {(response: Response, text: string) => Outcome} */
function outcome({ ok, status, headers }, text) {
  /** @type {Record<string, any>} */
  let answer = {};
  try {
    answer = JSON.parse(text) ?? answer;
  } catch {} // a proxy's page, a network that asks to sign in
  return {
    reason:
      ok && answer.id ? ""
      : status === 403 ? "refused"
      : status === 429 ? "tooMany"
      : /^4/.test(`${status}`) ? "invalid"
      : "unavailable",
    seconds: Number(headers.get("Retry-After")) || 0,
    answer,
  };
}

/** Make a random UUID. `crypto.randomUUID` is missing on plain http pages. */
export function uuid() {
  const digit = () => (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16);
  return "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx".replace(/x/g, digit);
}
