/**
 * Menus: `<details data-menu>`. One that opens gives the focus to its first control, or to
 * the one that is `data-first`; Escape, and
 * a click or the focus elsewhere, close it.
 */
const OPEN = "details[data-menu][open]";

/** @param {Document} document */
export function menus(document) {
  document.addEventListener("toggle", ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.matches(OPEN)) enter(target);
  }, true); // it does not bubble
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && leave(document)) event.preventDefault();
  });
  for (const kind of ["focusin", "click"])
    document.addEventListener(kind, ({ target }) => closeOthers(document, target));
}

/** @param {HTMLDetailsElement} menu */
export function enter(menu) {
  const first = menu.querySelector("[data-first]") ?? menu.querySelector(".panel :is(button, a, select)");
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  if (first instanceof HTMLTextAreaElement) first.select();
  menu.querySelector(".panel")?.scrollIntoView({ block: "nearest" });
}

/**
 * Close the open menu and give the focus back to what opened it.
 *
 * @param {Document} document
 */
function leave(document) {
  const menu = document.querySelector(OPEN);
  if (!(menu instanceof HTMLDetailsElement)) return false;
  menu.open = false;
  menu.querySelector("summary")?.focus();
  return true;
}

/** @param {Document} document @param {EventTarget | null} target */
function closeOthers(document, target) {
  for (const menu of document.querySelectorAll(OPEN))
    if (menu instanceof HTMLDetailsElement && target instanceof Node && !menu.contains(target))
      menu.open = false;
}
