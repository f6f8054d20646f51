// Waits for a selection or Ctrl+Enter, then fetches the reader's side, which takes over. embed.d.ts
// says what a page may set and call.
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const feedback = /** @type {any} */ (self.readerFeedback ??= {});
  if (feedback.open) return; // pasted twice

  const gone = new AbortController();
  const lang = script.dataset.lang ?? document.documentElement.lang;
  /** @type {any} */
  let loading; // a promise

  const part = (/** @type {string} */ name) =>
    import(script.src.replace(/embed.js.*/, `static/js/reader/${name}.js`));
  /** @type {(then?: () => void, otherwise?: () => void) => Promise<void>} */
  const load = (then, otherwise) =>
    (loading ||= Promise.all([part("reader"), part("strings/" + lang)]).then(([reader, strings]) =>
      reader.start(feedback, script, gone.signal, strings),
    )).then(then, () => (loading = otherwise?.())); // undefined: the next time it is tried again
  const listen = (/** @type {string} */ type, /** @type {(event: any) => void} */ act) =>
    addEventListener(type, act, { capture: true, signal: gone.signal });
  // What it says comes a little before it does: what is below the window's edge shifts nothing.
  const near = (/** @type {string} */ name) => {
    const place = document.querySelector(`[data-feedback-${name}]`);
    place &&
      new IntersectionObserver(
        ([entry]) => entry.isIntersecting && part(name + "/" + lang).catch(() => {}), // runs once
        { rootMargin: "50%" },
      ).observe(place);
  };
  const places = () => {
    near("caption");
    near("corrections");
  };

  feedback.open = (/** @type {any} */ what) =>
    load(() => feedback.open(what), () => getSelection()?.type == "Range" && alert("Try again: " + script.src));
  feedback.remove = () => {
    gone.abort();
    delete self.readerFeedback;
  };
  listen("selectionchange", () => getSelection()?.type == "Range" && load());
  listen("keydown", (event) => event.key == "Enter" && (event.ctrlKey || event.metaKey) && feedback.open(event));
  listen("DOMContentLoaded", places);
  places();
  try {
    localStorage["reader-feedback-unsent"] && load();
  } catch {}
})();
