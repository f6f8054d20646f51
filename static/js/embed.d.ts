/**
 * What a page may set, call and hear, once it has the line
 * `<script async src="https://feedback.example.org/embed.js"></script>`.
 *
 * Copy this file into your project, where `tsconfig.json` includes it, or name it at the head of a
 * source: `/// <reference types="./embed" />`. It needs no package, and adds what pages really have:
 * the one global `readerFeedback`, and the events on `document` and `window`.
 *
 * The options may stand on the script instead, where no script of yours is needed:
 * `data-button`, `data-kinds`, `data-email`, and `data-lang`, which has no other form.
 * docs/embed.md has examples of all of it.
 */

/** The one global. It is yours to make before the script has run, and the script's afterwards. */
export interface ReaderFeedback {
  /** What you wish. Set it before the first selection: what is built from it is built then. */
  options?: Options;

  /**
   * Open the dialog, unless it is open already. Missing until the script has run.
   *
   * @param what
   *   a range or an element: its words. Without any, what the reader has selected; where nothing is,
   *   the dialog says how to select. A key press: the same, if the keys are ours to take; it is left
   *   alone in a field, with Shift or Alt, while an input method composes, when it was taken already.
   */
  open?(what?: Range | Element | KeyboardEvent): void;

  /**
   * Leave: close the dialog, take back every listener, and delete the global. The line may be
   * loaded again later. Missing until the script has run.
   */
  remove?(): void;
}

/** What a site may wish; each has an attribute of the script besides. */
export interface Options {
  /**
   * When a selection brings a button to the window's edge: on touch screens alone, with a mouse too,
   * or never. `data-button`
   *
   * @defaultValue `"touch"`
   */
  button?: "touch" | "always" | "never";

  /**
   * Ask what kind of mistake it is, and offer these, in this order: a list, or words with spaces or
   * commas between. Not asked unless set. `data-kinds="typo fact link other"`
   */
  kinds?: readonly Kind[] | string;

  /**
   * Ask for an e-mail address, which the reader may leave out. `data-email="true"`
   *
   * @defaultValue `false`
   */
  email?: boolean;

  /** Other words than the language's own, by their key. */
  strings?: Partial<Strings>;
}

/** A kind of mistake, as a report carries it. */
export type Kind = "typo" | "fact" | "link" | "other";

/** What the dialog says: the keys of `static/js/reader/strings/en.json` that it uses. */
export interface Strings {
  /** The language's tag, of which numbers and times take their form. */
  lang: string;
  dir: "ltr" | "rtl";
  /** How keyboards name the Control key. */
  ctrl: string;
  /** The button at the window's edge. */
  button: string;
  title: string;
  intro: string;
  correction: string;
  comment: string;
  email: string;
  kind: string;
  typo: string;
  fact: string;
  link: string;
  other: string;
  /** The list of what cannot be selected. */
  else: string;
  headline: string;
  image: string;
  send: string;
  sending: string;
  again: string;
  cancel: string;
  close: string;
  /** Said without a selection; `{key}` becomes `ctrl`. */
  hint: string;
  tooLong: string;
  sent: string;
  /** Said to the second reader and those after; `{n}` becomes their number. */
  reported: Plural;
  accepted: string;
  /** `{when}` becomes “3 days ago”. */
  fixed: string;
  rejected: string;
  /** The link to the receipt. */
  receipt: string;
  refused: string;
  invalid: string;
  tooMany: string;
  unavailable: string;
  /** Said when the page has cancelled `feedback:before-send`. */
  stopped: string;
  offline: string;
  /** `{when}` becomes “in 2 minutes”. */
  inWhile: string;
  later: string;
}

/** A sentence by the plural forms that its language has, as Unicode's CLDR names them. */
export interface Plural {
  zero?: string;
  one?: string;
  two?: string;
  few?: string;
  many?: string;
  other: string;
}

/** What is sent, as `POST /api/v1/reports` takes it (docs/api.md). */
export interface Report {
  /** A UUID; known once it is sent, and to those that waited for a connection. */
  id?: string;
  url: string;
  canonical: string | null;
  title: string;
  /** The language of the words, as the page tells it. */
  lang: string;
  /** The words and what stands around them: a W3C TextQuoteSelector. */
  quote: { exact: string; prefix: string; suffix: string };
  /** Where they stand, in code points: a W3C TextPositionSelector. */
  position: { start: number; end: number; length: number };
  /** Empty if the reader left the words as they are. */
  correction: string;
  comment: string;
  /** Empty if it was not asked for, or not given. */
  email: string;
  kind?: Kind;
  /** The image or link that it is about, where that is not the words themselves. */
  about?: { type: "image" | "link"; text: string; url: string };
  /** A trap for programs, which fill in what people do not see. */
  website?: string;
}

/** Why a report was not sent. */
export type Reason =
  /** Neither the page nor its address is one of a site's. */
  | "refused"
  /** The service understood it and does not take it: `answer.detail` says why. */
  | "invalid"
  | "tooMany"
  | "unavailable"
  /** No answer came. The report is kept, and sent later, where the browser lets it be kept. */
  | "offline";

/** What came of a report. */
export interface Outcome {
  report: Report;
  /** Empty where it was sent. */
  reason: Reason | "";
  /** The service's JSON as it came, and empty where none came (docs/api.md). */
  answer: {
    /** The secret link by which the reader sees what becomes of it. */
    receipt?: string;
    readers?: number;
    status?: string;
    /** Why it was refused. */
    detail?: string;
    [name: string]: unknown;
  };
}

/** What happens, on `document`, from where it bubbles to `window`. */
export interface Events {
  /** The dialog is open. */
  "feedback:open": CustomEvent<null>;
  /**
   * The reader has pressed Send. What you change in `detail` is what is sent; `preventDefault()`
   * keeps it here, and the reader is told that the page has held it back.
   */
  "feedback:before-send": CustomEvent<Report>;
  /** A report is with the editors: now, or one that had to wait. */
  "feedback:sent": CustomEvent<Outcome>;
  /** A report has not arrived. */
  "feedback:failed": CustomEvent<Outcome>;
  /** The dialog is closed, and the selection is the reader's again. */
  "feedback:close": CustomEvent<null>;
}

declare global {
  var readerFeedback: ReaderFeedback | undefined;
  interface Window {
    readerFeedback?: ReaderFeedback;
  }
  interface DocumentEventMap extends Events {}
  interface WindowEventMap extends Events {}
}
