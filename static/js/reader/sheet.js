/**
 * How the dialog looks: the browser's own colours and controls, so that dark and forced colours come
 * by themselves; nothing moves. A site may set, on <html>:
 *   --reader-feedback-font, --reader-feedback-accent (with --reader-feedback-on-accent, the text
 *   upon it), --reader-feedback-color-scheme (light, dark), --reader-feedback-radius.
 */
export const sheet = new CSSStyleSheet();

/* `!important` in a shadow tree outranks the page's own, as in `* { all: unset !important }`. Sizes
   are in em of the reader's own font size, never the page's. */
sheet.replaceSync(`
:host {
  all: initial !important;
  display: contents !important;
  color-scheme: var(--reader-feedback-color-scheme, light dark) !important;
  font-family: var(--reader-feedback-font, system-ui, sans-serif) !important;
  line-height: 1.5 !important;
  --accent: var(--reader-feedback-accent, light-dark(#15b, #8bf));
  --radius: var(--reader-feedback-radius, .5em);
}
* { box-sizing: border-box; margin: 0; font: inherit }
dialog {
  inline-size: min(32em, 100vw - 1em);
  max-block-size: calc(100dvb - 1em);
  margin: auto;
  padding: 1.25em;
  border: 1px solid GrayText;
  border-radius: var(--radius);
  box-shadow: 0 1em 4em #0006;
}
dialog::backdrop { background: #0007 }
h2 { font-size: 1.25em; font-weight: 600; margin-block-end: .25em }
blockquote, [role=alert]:not(:empty) {
  margin-block-start: .75em;
  padding: .75em 1em;
  max-block-size: 12em;
  overflow: auto;
  white-space: pre-line;
  overflow-wrap: anywhere;
  border-radius: var(--radius);
  background: color-mix(in srgb, CanvasText 7%, Canvas);
}
[role=alert] { border-inline-start: 4px solid #d33 }
mark { background: #ffe58a }
ins { margin-inline: .25em }
ins, label, button, output { font-weight: 600 }
label { display: block; margin-block-start: 1em; font-size: .875em }
label > *, button, output {
  min-block-size: 2.75em;
  padding: .5em 1em;
  border: 1px solid GrayText;
  border-radius: var(--radius);
}
label > * {
  display: block;
  margin-block-start: .25em;
  inline-size: 100%;
  max-block-size: 10em;
  font-size: max(16px, 1.142857em);
  font-weight: 400;
  field-sizing: content;
}
div { display: flex; flex-wrap: wrap; justify-content: end; gap: .75em; margin-block-start: 1.25em }
[type=submit], [popover] {
  background: var(--accent);
  color: var(--reader-feedback-on-accent, light-dark(#fff, #000));
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
[popover] { inset: auto 0 1.5em; margin: auto }
.top { inset-block: 1.5em auto }
`);
