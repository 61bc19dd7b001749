/** TLS of a listener: certificates, versions, and names that certificates prove. */

import assert from "node:assert/strict";
import { importConf, pick, refusalOf } from "./fixture.ts";

const TLS = ["listener 8883", "certfile /c/server.crt", "keyfile /c/server.key"];

Deno.test("certificates and client certificates are carried", async () => {
  const { settings, outcomes } = await importConf([
    ...TLS,
    "cafile /c/ca.crt",
    "require_certificate true",
    "use_subject_as_username true",
    "crlfile /c/ca.crl",
    "tls_version tlsv1.3",
  ]);
  const tls = settings.listeners[0]?.tls;
  assert.equal(tls?.certificate, "/c/server.crt");
  assert.equal(tls?.key, "/c/server.key");
  assert.deepEqual(
    [tls?.clientCa, tls?.clientCertificate, tls?.identity, tls?.crl, tls?.minVersion],
    ["/c/ca.crt", "require", "subject", "/c/ca.crl", "1.3"],
  );
  assert.equal(Object.values(outcomes).some((text) => /^(?:LOST|left out)/.test(text)), false);
});

Deno.test("a CA is not needed where clients are not asked for certificates", async () => {
  const { settings, outcomes } = await importConf([
    ...TLS,
    "cafile /c/ca.crt",
    "require_certificate false",
  ]);
  assert.equal(settings.listeners[0]?.tls.clientCa, undefined);
  assert.match(pick(outcomes, "cafile /c/ca.crt"), /^left out: not needed/);
});

Deno.test("a name by certificate needs a certificate, so that it is required", async () => {
  const { settings, outcomes } = await importConf([
    ...TLS,
    "cafile /c/ca.crt",
    "use_identity_as_username true",
    "require_certificate false",
  ]);
  const tls = settings.listeners[0]?.tls;
  assert.deepEqual([tls?.clientCertificate, tls?.identity], ["require", "common_name"]);
  assert.match(pick(outcomes, "require_certificate false"), /^changed: /);
});

Deno.test("what cannot be carried and protects matters", async () => {
  const { outcomes } = await importConf([
    ...TLS,
    "capath /c/cas",
    "require_certificate true",
    "tls_version tlsv1.1",
    "ciphers HIGH",
    "tls_keyform engine",
    "disable_client_cert_date_checks true",
  ]);
  for (
    const option of [
      "capath /c/cas",
      "require_certificate true",
      "tls_version tlsv1.1",
      "ciphers HIGH",
      "tls_keyform engine",
      "disable_client_cert_date_checks true",
    ]
  ) assert.match(pick(outcomes, option), /^LOST: /, option);
  const harmless = await importConf([...TLS, "tls_keyform pem"]);
  assert.equal(pick(harmless.outcomes, "tls_keyform pem"), "carried: it is so here");
});

Deno.test("half of a certificate is an error, as for Mosquitto", async () => {
  assert.match(
    await refusalOf(["listener 8883", "certfile /c/server.crt"]),
    /:2:1: Cannot use 'certfile': 'keyfile' is missing for this listener/,
  );
  assert.match(
    await refusalOf(["listener 8883", "cafile /c/ca.crt"]),
    /:2:1: Cannot use 'cafile': 'certfile' is missing/,
  );
});

Deno.test("TLS options without a certificate have no effect", async () => {
  const { outcomes } = await importConf(["listener 1883", "require_certificate true"]);
  assert.match(pick(outcomes, "require_certificate true"), /^left out: it has no effect without/);
});

Deno.test("it is said when a certificate is not where it is to be", async () => {
  const { outcomes } = await importConf(
    ["listener 8883", "certfile DIR/server.crt", "keyfile DIR/server.key"],
    { "server.crt": "" },
  );
  assert.equal(
    pick(outcomes, "certfile DIR/server.crt"),
    "carried: tls.certificate: DIR/server.crt",
  );
  assert.match(pick(outcomes, "keyfile DIR/server.key"), /^carried: .*, which is not there: /);
});
