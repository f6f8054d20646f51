/** A page that uses all of embed.d.ts, checked by `tsc` alone: what it should refuse is marked. */

import type { Options, Report, Strings } from "../../static/js/embed.js";
import type english from "../../static/js/reader/strings/en.json";

// Before the script has run, and after.
window.readerFeedback = { options: { kinds: ["typo", "other"], email: true } };
(window.readerFeedback ??= {}).options = { button: "always", kinds: "typo, fact" };
globalThis.readerFeedback?.open?.();
readerFeedback?.open?.(document.createRange());
readerFeedback?.open?.(document.body);
readerFeedback?.remove?.();
addEventListener("keydown", (event) => event.key === "F8" && readerFeedback?.open?.(event));

// @ts-expect-error -- the script may not have run yet
readerFeedback.open();
// @ts-expect-error -- no such button
readerFeedback = { options: { button: "sometimes" } };
// @ts-expect-error -- no such kind
readerFeedback = { options: { kinds: ["typos"] } };
// @ts-expect-error -- it is asked for or not
readerFeedback = { options: { email: "ed@paper.example" } };
// @ts-expect-error -- no such sentence
readerFeedback = { options: { strings: { titel: "Seen a slip?" } } };
// @ts-expect-error -- a selector is neither an element nor a range
readerFeedback?.open?.("#text");

addEventListener("feedback:before-send", (event) => {
  event.detail.comment = `${event.detail.comment} (issue ${document.title})`.trim();
  event.preventDefault();
});
document.addEventListener("feedback:sent", ({ detail: { report, answer } }) => {
  const kind: Report["kind"] = report.kind;
  const receipt: string | undefined = answer.receipt;
  console.log(kind, receipt, answer.status);
});
document.addEventListener("feedback:failed", ({ detail }) => {
  if (detail.reason === "offline") console.log(detail.report.quote.exact);
  // @ts-expect-error -- no such reason
  if (detail.reason === "asleep") console.log(detail);
});
// @ts-expect-error -- it says that the dialog is open, and no more
document.addEventListener("feedback:open", ({ detail }) => detail.report);

// The strings are those that the dialog uses, neither more nor less.
type Elsewhere = "caption" | "captionTouch" | "website" | "reasons" | "corrections" | "form";
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const sameKeys: Same<keyof Strings, Exclude<keyof typeof english, Elsewhere>> = true;
const options: Options = { strings: { title: "Seen a slip?", reported: { other: "{n} saw it." } } };
console.log(sameKeys, options);
