/**
 * How the dialog looks. A site may set, on any element up to <html>:
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
}
dialog {
  --accent: var(--reader-feedback-accent, light-dark(#1d5bbf, #8ab6ff));
  --on-accent: var(--reader-feedback-on-accent, light-dark(#fff, #0b1a33));
  --radius: var(--reader-feedback-radius, .5em);
  --ink: light-dark(#1b1d22, #eceef2);
  --soft-ink: light-dark(#565c68, #a9b0bd);
  --paper: light-dark(#fff, #1f2228);
  --tint: light-dark(#f4f5f7, #2a2e36);
  --line: light-dark(#80889a, #7d8698);
  box-sizing: border-box;
  inline-size: min(32em, 100vw - 2em);
  max-inline-size: none;
  max-block-size: calc(100dvb - 2em);
  margin: auto;
  padding: 1.5em;
  overflow: auto;
  overscroll-behavior: contain;
  border: 1px solid light-dark(#0000, #ffffff26);
  border-radius: calc(2 * var(--radius));
  background: var(--paper);
  color: var(--ink);
  box-shadow: 0 1.5em 4em #0006, 0 .25em 1em #0003;
}
dialog::backdrop { background: #0a0c1073 }
h2, p, blockquote { margin: 0 }
h2 { font-size: 1.25em; line-height: 1.3; font-weight: 650; letter-spacing: -.01em }
#intro { margin-block-start: .25em; color: var(--soft-ink) }
blockquote {
  margin-block-start: .75em;
  padding: .75em 1em;
  max-block-size: 12em;
  overflow: auto;
  white-space: pre-line;
  overflow-wrap: anywhere;
  border-radius: var(--radius);
  background: var(--tint);
}
mark {
  padding-inline: .1em;
  border-radius: .2em;
  background: light-dark(#ffe58a, #6b5310);
  color: inherit;
  -webkit-box-decoration-break: clone;
  box-decoration-break: clone;
}
label { display: block; margin-block-start: 1em; font-size: .875em; font-weight: 600 }
[hidden] { display: none }
input, textarea {
  display: block;
  box-sizing: border-box;
  inline-size: 100%;
  min-block-size: 2.75em;
  max-block-size: 10em;
  margin-block-start: .25rem;
  padding: .5em .75em;
  font: inherit;
  font-size: max(16px, 1.142857em);
  font-weight: 400;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: transparent;
  color: inherit;
}
textarea { resize: vertical; field-sizing: content; min-block-size: 4.5em }
[role=alert]:not(:empty) {
  margin-block-start: 1em;
  padding: .625em .875em;
  border-radius: var(--radius);
  background: light-dark(#fdecea, #47211f);
  color: light-dark(#8c1d13, #ffc9c2);
}
[role=status]:not(:empty) { margin-block-start: .75em }
[role=status] + p { margin-block-start: .5em }
.actions { display: flex; flex-wrap: wrap; justify-content: end; gap: .75em; margin-block-start: 1.5em }
button {
  min-block-size: 2.75em;
  padding: .5em 1.25em;
  font: inherit;
  font-weight: 600;
  white-space: nowrap;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: transparent;
  color: inherit;
  cursor: pointer;
}
button:hover { background: var(--tint) }
button[type=submit] { border-color: var(--accent); background: var(--accent); color: var(--on-accent) }
button[type=submit]:hover { filter: brightness(1.1) }
button[aria-disabled] { opacity: .7; cursor: progress }
a { color: var(--accent); text-underline-offset: .2em }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
input:focus-visible, textarea:focus-visible { outline-offset: -1px; border-color: var(--accent) }
@media (max-width: 24em) {
  dialog { inline-size: calc(100vw - 1em); padding: 1em }
  .actions button { flex: 1 }
}
@media (prefers-reduced-motion: no-preference) {
  dialog { animation: rise .16s cubic-bezier(.2, .8, .2, 1) }
  @keyframes rise { from { transform: translateY(.75em) scale(.98) } }
}
`);
