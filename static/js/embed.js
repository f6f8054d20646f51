// Waits for a selection or Ctrl+Enter, then fetches the reader's side, which takes over. embed.d.ts
// says what a page may set and call.
(() => {
  const page = document;
  const script = /** @type {HTMLScriptElement} */ (page.currentScript);
  const feedback = (/** @type {any} */ (self).readerFeedback ??= {});
  if (feedback.open) return; // pasted twice

  const gone = new AbortController();
  const lang = script.dataset.lang ?? page.documentElement.lang;
  /** @type {Promise<unknown> | undefined} */
  let loading;

  const part = (/** @type {string} */ name) =>
    import(script.src.replace(/embed\.js.*/, `static/js/reader/${name}.js`));
  const load = () =>
    (loading ??= Promise.all([part("reader"), part("strings/" + lang)]).then(
      ([reader, strings]) => reader.start(feedback, script, gone.signal, strings.default),
      () => (loading = void alert("Please try again: " + script.src)),
    ));
  const listen = (/** @type {string} */ type, /** @type {(event: any) => void} */ act) =>
    addEventListener(type, act, { capture: true, signal: gone.signal });
  const caption = () =>
    page.querySelector("[data-feedback-caption]:empty") && part("caption/" + lang);

  feedback.open = (/** @type {any} */ what) => load().then(() => feedback.open(what));
  feedback.remove = () => {
    gone.abort();
    delete /** @type {any} */ (self).readerFeedback;
  };
  listen("selectionchange", () => getSelection()?.type == "Range" && load());
  listen("keydown", (event) => event.key == "Enter" && (event.ctrlKey || event.metaKey) && feedback.open(event));
  listen("DOMContentLoaded", caption);
  caption();
  try {
    localStorage["reader-feedback-unsent"] && load();
  } catch {}
})();
