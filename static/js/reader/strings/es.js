/** The reader's side in Spanish. */

/** @type {import("./en.js").Strings} */
const strings = {
  lang: "es",
  dir: "ltr",
  title: "Avisar de una errata",
  intro: "Se enviará a nuestra redacción el siguiente texto:",
  correction: "Corrección",
  comment: "Su comentario (opcional)",
  website: "Deje este campo vacío",
  send: "Enviar",
  sending: "Enviando…",
  again: "Reintentar",
  cancel: "Cancelar",
  close: "Cerrar",
  tooLong: "Seleccione un pasaje más corto: basta una palabra o una frase para encontrar la errata.",
  nothing: "Seleccione en el texto las palabras con la errata y pulse las teclas otra vez.",
  sent: "¡Gracias! La redacción ha recibido su aviso.",
  reported: { other: "¡Gracias! Ya son {n} los lectores que han avisado de esta errata." },
  accepted: "¡Gracias! La redacción ya conoce esta errata y la va a corregir.",
  fixed: "¡Gracias! La redacción ya ha corregido esta errata. Recargue la página para ver el cambio.",
  rejected: "¡Gracias! La redacción ya examinó este pasaje y decidió dejarlo como está.",
  receipt: "Ver qué ocurre con su aviso",
  refused: "No enviado: esta página no está registrada en el servicio de la redacción.",
  invalid: "No enviado: el servicio de la redacción no ha aceptado el aviso.",
  tooMany: "No enviado: en este momento hay demasiados avisos.",
  unavailable: "No enviado: el servicio de la redacción no está disponible en este momento.",
  offline: "No enviado: el servicio de la redacción no responde. Compruebe su conexión e inténtelo de nuevo.",
  inWhile: "Inténtelo de nuevo {when}.",
  later: "Inténtelo de nuevo dentro de unos minutos.",
};

export default Object.freeze(strings);
