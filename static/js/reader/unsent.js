/**
 * What was typed but has not arrived: drafts, kept for a day, and reports that could not be sent,
 * kept until they are. In localStorage, under two names that are gone when nothing is kept.
 *
 * @typedef {Record<string, any> & { at: number }} Draft what stands in each field, and since when
 */

export const DRAFTS = "reader-feedback-drafts";
export const UNSENT = "reader-feedback-unsent";
const DAY = 86_400_000;

/**
 * Read what is kept; nothing, where storage is closed to us.
 * @param {string} name
 * @returns {Record<string, any>}
 */
function kept(name) {
  try {
    return JSON.parse(localStorage[name]) ?? {};
  } catch {
    return {};
  }
}

/** Keep a value under a key, or without one forget it; tell whether that could be done. @type {(name: string, key: string, value?: any) => boolean} */
export function keep(name, key, value) {
  try {
    const text = JSON.stringify({ ...kept(name), [key]: value });
    if (text === "{}") delete localStorage[name];
    else localStorage[name] = text;
    return true;
  } catch {
    return false; // it is full, or closed to us
  }
}

/** Give the draft that is kept under a key; those of yesterday are forgotten. @type {(key: string) => Draft | undefined} */
export function draft(key) {
  const drafts = kept(DRAFTS);
  for (const old of Object.keys(drafts)) if (drafts[old].at < Date.now() - DAY) keep(DRAFTS, old);
  return kept(DRAFTS)[key];
}

/**
 * Send what is kept, in one tab at a time, until `send` says that no more is taken now.
 * @param {(body: string) => Promise<boolean>} send tells whether a report's stay is over
 * @returns {Promise<boolean>} whether nothing is left
 */
export async function sendKept(send) {
  const all = async (/** @type {any} */ lock) => {
    for (const [id, body] of Object.entries(kept(UNSENT))) {
      if (!lock || !(await send(body))) return false; // no lock: another tab is at it
      keep(UNSENT, id);
    }
    return true;
  };
  return navigator.locks?.request(UNSENT, { ifAvailable: true }, all) ?? all(1);
}
