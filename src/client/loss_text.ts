/**
 * Why a connection was lost, in words.
 *
 * Owns the translation of what the platform says.
 */

export const CLOSED = "the server closed the connection";
const RESET = "the connection was reset by the server";

/** `message`: of the error that reading or writing met. */
export function explainLoss(message: string): string {
  if (/connection reset|reset by peer|ECONNRESET/i.test(message)) {
    return RESET;
  }
  if (/broken pipe|EPIPE/i.test(message)) return CLOSED;
  if (/CertificateRequired|certificate required/i.test(message)) {
    return "the server wants a client certificate";
  }
  if (/received fatal alert|tlsv1 alert/i.test(message)) {
    return `the server ended TLS (${message}); does it take this client's certificate?`;
  }
  if (/close_notify|unexpected eof/i.test(message)) return CLOSED;
  if (/timed out|ETIMEDOUT/i.test(message)) return "the server cannot be reached any more";
  return message;
}

/** `reason`: why the connection was lost, before the server had answered CONNECT. */
export function explainNoAnswer(reason: string): string {
  if (reason !== CLOSED && reason !== RESET) return reason;
  return `${reason} before it answered; is it an MQTT broker?`;
}
