import assert from "node:assert/strict";
import { hasNodeTls, needsNodeTls, type TlsOptions } from "../../src/transport/tls_options.ts";

const PLAIN: TlsOptions = {
  certificate: "server.pem",
  key: "server-key.pem",
  minVersion: "1.2",
  clientCa: undefined,
  clientCertificate: "none",
  identity: "none",
  crl: undefined,
};
const TCP = { hasProxyProtocol: false, isUnixSocket: false };

Deno.test("needsNodeTls() leaves TLS without anything else to Deno.listenTls", () => {
  assert.equal(needsNodeTls(PLAIN, TCP), undefined);
});

Deno.test("needsNodeTls() says what Deno.listenTls cannot do", () => {
  const reasons = [
    needsNodeTls({ ...PLAIN, clientCertificate: "require", minVersion: "1.3" }, TCP),
    needsNodeTls({ ...PLAIN, clientCertificate: "request" }, TCP),
    needsNodeTls({ ...PLAIN, minVersion: "1.3" }, TCP),
    needsNodeTls(PLAIN, { ...TCP, hasProxyProtocol: true }),
    needsNodeTls(PLAIN, { ...TCP, isUnixSocket: true }),
  ];
  assert.deepEqual(reasons, [
    "client_certificate: require",
    "client_certificate: request",
    "min_version: 1.3",
    "TLS behind the PROXY protocol",
    "TLS on a Unix socket",
  ]);
});

Deno.test("hasNodeTls() is true from Deno 2.9 on", () => {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  assert.equal(hasNodeTls(), major > 2 || minor >= 9);
});
