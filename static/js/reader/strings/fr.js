/** The reader's side in French. */

/** @type {import("./en.js").Strings} */
const strings = {
  lang: "fr",
  dir: "ltr",
  title: "Signaler une faute",
  intro: "Le texte suivant sera envoyé à notre rédaction :",
  correction: "Correction",
  comment: "Votre commentaire (facultatif)",
  website: "Laissez ce champ vide",
  send: "Envoyer",
  sending: "Envoi en cours…",
  again: "Réessayer",
  cancel: "Annuler",
  close: "Fermer",
  tooLong: "Veuillez sélectionner un passage plus court : un mot ou une phrase suffit pour trouver la faute.",
  nothing: "Veuillez sélectionner dans le texte les mots fautifs, puis appuyer de nouveau sur les touches.",
  sent: "Merci ! La rédaction a bien reçu votre signalement.",
  reported: {
    one: "Merci ! {n} lecteur a signalé cette faute.",
    other: "Merci ! Vous êtes désormais {n} lecteurs à avoir signalé cette faute.",
  },
  accepted: "Merci ! La rédaction connaît déjà cette faute et va la corriger.",
  fixed: "Merci ! La rédaction a déjà corrigé cette faute. Rechargez la page pour voir la correction.",
  rejected: "Merci ! La rédaction a déjà examiné ce passage et a décidé de le laisser tel quel.",
  receipt: "Suivre votre signalement",
  refused: "Non envoyé : cette page n’est pas inscrite auprès du service de la rédaction.",
  invalid: "Non envoyé : le service de la rédaction n’a pas accepté le signalement.",
  tooMany: "Non envoyé : les signalements sont trop nombreux pour le moment.",
  unavailable: "Non envoyé : le service de la rédaction n’est pas disponible pour le moment.",
  offline: "Non envoyé : le service de la rédaction ne répond pas. Vérifiez votre connexion et réessayez.",
  inWhile: "Veuillez réessayer {when}.",
  later: "Veuillez réessayer dans quelques minutes.",
};

export default Object.freeze(strings);
