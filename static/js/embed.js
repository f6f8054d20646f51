// Waits for a selection, fetches the dialog, opens it on Ctrl+Enter.
(() => {
  const page = /** @type {any} */ (document);
  const src = page.currentScript?.src;

  const load = async () => {
    const lang = /^(de|es|fr|ru|uk)\b/i.exec(page.documentElement.lang)?.[0].toLowerCase() ?? "en";
    const [dialog, strings] = await Promise.all(
      ["dialog", "strings/" + lang, "anchoring", "send", "sheet"].map(
        (name) => import(new URL(`static/js/reader/${name}.js`, src).href),
      ),
    );
    return dialog.ready(strings.default, src);
  };

  const selected = () => {
    const selection = getSelection();
    return selection?.isCollapsed === false && selection.getRangeAt(0).cloneRange();
  };

  let timer = 0;
  page.addEventListener("selectionchange", () => {
    timer ||= setTimeout(() => {
      timer = 0;
      if (selected()) load().catch(() => {});
    }, 150);
  });

  // A second copy of this script finds the event taken.
  addEventListener("keydown", (event) => {
    const field = /** @type {any} */ (event.composedPath()[0]);
    if (
      event.key != "Enter" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey ||
      event.repeat || event.isComposing || event.keyCode == 229 || event.defaultPrevented ||
      field.isContentEditable || field.matches?.("input,textarea,select")
    ) return;
    const range = selected();
    if (!range) return;
    event.preventDefault();
    load().then((open) => open(range)).catch(() => alert("The form could not be loaded. Please try again."));
  }, true);

  const caption = () => {
    const key = /^(Mac|iP)/.test(navigator.platform) ? "⌘" : "Ctrl";
    for (const place of page.querySelectorAll("[data-feedback-caption]"))
      place.textContent = `If you have found a spelling error, please notify us by selecting that text and pressing ${key}+Enter.`;
  };
  caption();
  addEventListener("DOMContentLoaded", caption);
})();
