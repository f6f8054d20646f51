/** Whether single keys are on, kept in this browser. Where nothing can be kept, they are on. */
const NAME = "feedback-keys";

export function isOff() {
  try {
    return localStorage.getItem(NAME) === "off";
  } catch {
    return false;
  }
}

/** @param {boolean} on */
export function remember(on) {
  try {
    if (on) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, "off");
  } catch {
    // Storage is blocked: the switch holds for this page.
  }
}
