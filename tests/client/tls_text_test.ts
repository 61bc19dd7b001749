import assert from "node:assert/strict";
import { explainTlsFailure, isNameFailure } from "../../src/client/tls_text.ts";

Deno.test("explainTlsFailure() names the host, and the names in the certificate", () => {
  const messages = [
    'invalid peer certificate: certificate not valid for name "b"; certificate is only valid for ' +
    'DnsName("c.example") or IpAddress(192.0.2.1)',
    "Hostname/IP does not match certificate's altnames: Host: b. is not in the cert's altnames: " +
    "DNS:c.example, DNS:d.example",
    "invalid peer certificate: NotValidForName",
  ];
  assert.deepEqual(messages.map((message) => explainTlsFailure(message, "b")), [
    "the server's certificate is not for 'b' but for 'c.example', '192.0.2.1'",
    "the server's certificate is not for 'b' but for 'c.example', 'd.example'",
    "the server's certificate is not for 'b'",
  ]);
  assert.deepEqual(messages.map(isNameFailure), [true, true, true]);
});

Deno.test("explainTlsFailure() says in words what both libraries say in their own", () => {
  const starts = new Map([
    ["received corrupt message of type InvalidContentType", "the server does not speak TLS there"],
    ["invalid peer certificate: UnknownIssuer", "the server's certificate is not signed by"],
    ["self-signed certificate in certificate chain", "the server's certificate is not signed by"],
    ["invalid peer certificate: Expired", "the server's certificate has expired"],
    ["invalid peer certificate: NotValidYet", "the server's certificate is not valid yet"],
    ["received fatal alert: CertificateRequired", "the server wants a client certificate"],
    ["received fatal alert: ProtocolVersion", "the server and this client have no version"],
    ["connection reset", "the server closed the connection during"],
    ["tls handshake eof", "the server closed the connection during"],
    ["something new", "something new"],
  ]);
  for (const [message, start] of starts) {
    assert.equal(explainTlsFailure(message, "b").slice(0, start.length), start);
    assert.equal(isNameFailure(message), false);
  }
});
