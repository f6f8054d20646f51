/** The reader's side in German. */

/** @type {import("./en.js").Strings} */
const strings = {
  lang: "de",
  dir: "ltr",
  title: "Rechtschreibfehler melden",
  intro: "Der folgende Text wird an unsere Redaktion gesendet:",
  correction: "Korrektur",
  comment: "Ihr Kommentar (optional)",
  website: "Dieses Feld bitte leer lassen",
  send: "Senden",
  sending: "Wird gesendet …",
  again: "Erneut versuchen",
  cancel: "Abbrechen",
  close: "Schließen",
  tooLong: "Bitte markieren Sie eine kürzere Stelle: Ein Wort oder ein Satz genügt, um den Fehler zu finden.",
  nothing: "Bitte markieren Sie die fehlerhaften Wörter im Text und drücken Sie die Tasten noch einmal.",
  sent: "Vielen Dank! Ihre Meldung ist bei der Redaktion angekommen.",
  reported: { other: "Vielen Dank! Das haben inzwischen {n} Leserinnen und Leser gemeldet." },
  accepted: "Vielen Dank! Die Redaktion kennt diesen Fehler bereits und wird ihn korrigieren.",
  fixed: "Vielen Dank! Die Redaktion hat das bereits korrigiert. Laden Sie die Seite neu, um es zu sehen.",
  rejected: "Vielen Dank! Die Redaktion hat diese Stelle bereits geprüft und belässt sie, wie sie ist.",
  receipt: "Sehen, was aus Ihrer Meldung wird",
  refused: "Nicht gesendet: Diese Seite ist beim Dienst der Redaktion nicht angemeldet.",
  invalid: "Nicht gesendet: Der Dienst der Redaktion hat die Meldung nicht angenommen.",
  tooMany: "Nicht gesendet: Im Moment gehen zu viele Meldungen ein.",
  unavailable: "Nicht gesendet: Der Dienst der Redaktion ist im Moment nicht verfügbar.",
  offline: "Nicht gesendet: Der Dienst der Redaktion antwortet nicht. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
  inWhile: "Bitte versuchen Sie es {when} noch einmal.",
  later: "Bitte versuchen Sie es in ein paar Minuten noch einmal.",
};

export default Object.freeze(strings);
