/**
 * Why a TLS handshake failed, in the words of a client.
 *
 * Owns the translation of what the two TLS libraries of the platform say.
 */

/** What the library says, and what it means for whoever connects. */
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [
    /InvalidContentType|wrong version number|packet length too long/i,
    "the server does not speak TLS there; is it the right port?",
  ],
  [/expired/i, "the server's certificate has expired; or is this machine's clock wrong?"],
  [
    /not ?valid ?yet|NotValidYet/i,
    "the server's certificate is not valid yet; is this machine's clock right?",
  ],
  [
    /UnknownIssuer|self.signed certificate|unable to (?:verify|get)/i,
    "the server's certificate is not signed by a CA that is trusted here; is it the right CA file?",
  ],
  [
    /CaUsedAsEndEntity/i,
    "the server shows a certificate of a CA in place of its own; it needs one that the CA signed",
  ],
  [/CertificateRequired|certificate required/i, "the server wants a client certificate"],
  [
    /UnknownCA|unknown ca\b|BadCertificate|bad certificate|CertificateUnknown|DecryptError/i,
    "the server does not accept the client certificate",
  ],
  [
    /ProtocolVersion|protocol version|Tls1[23]NotEnabled|NotOfferedOrEnabled/i,
    "the server and this client have no version of TLS in common",
  ],
  [/NoApplicationProtocol|no application protocol/i, "the server knows none of the ALPN names"],
  [
    /HandshakeFailure|handshake failure/i,
    "the server and this client have no way of encryption in common",
  ],
  [
    /tls handshake eof|unexpected e(?:nd of file|of)|connection reset|reset by peer|ECONNRESET|broken pipe/i,
    "the server closed the connection during the TLS handshake; does it speak TLS there?",
  ],
  [/No keys found|No certificates found/i, "the client certificate or its key is not one in PEM"],
];

/** Whether the host name is all that is wrong. */
export function isNameFailure(message: string): boolean {
  return /not valid for name|NotValidForName|does not match certificate/i.test(message);
}

/** `message`: of the error; `host`: the name that was connected to. */
export function explainTlsFailure(message: string, host: string): string {
  if (isNameFailure(message)) {
    const names = [...message.matchAll(/(?:DnsName|IpAddress)\("?([^")]+)"?\)|DNS:([^\s,]+)/g)]
      .map(([, name, other]) => `'${name ?? other}'`);
    const others = names.length === 0 ? "" : ` but for ${names.join(", ")}`;
    return `the server's certificate is not for '${host}'${others}`;
  }
  return FAILURES.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}
