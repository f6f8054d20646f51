/**
 * Send a form's fields, and read what the server says of them.
 *
 * @typedef {{ok: boolean, said: string, exact: string, version: number}} Answer `version` is 0
 *   where none was told
 */

/**
 * @param {string} action @param {FormData} asked
 * @param {Element | null} words has what to say where the server says nothing: `data-lost`, `data-failed`
 * @returns {Promise<Answer>}
 */
export async function post(action, asked, words) {
  const failed = { ok: false, said: words?.getAttribute("data-failed") ?? "", exact: "", version: 0 };
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(action, { method: "POST", body: asked, headers, keepalive: true });
    const told = await answer.json().catch(() => null);
    if (!told) return failed;
    return {
      ok: answer.ok,
      said: String(told.done ?? told.detail ?? failed.said),
      exact: String(told.exact ?? ""),
      version: Number(told.spot?.version ?? 0),
    };
  } catch {
    return { ...failed, said: words?.getAttribute("data-lost") ?? "" };
  }
}
