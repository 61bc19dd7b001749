import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import {
  belongsTogether,
  endOf,
  fingerprintsOf,
  tasmotaFingerprint,
} from "../../src/certificates/facts.ts";
import { generateKey } from "../../src/certificates/keys.ts";
import { newTestServer, testServer } from "../support/certificates.ts";

/** A certificate that OpenSSL made. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhjCCAS2gAwIBAgIUFZaPy7zEzJbLpmxbEwDbrSkDUTMwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObWFkZSBlbHNld2hlcmUwHhcNMjYxMTIzMTQyNTMwWhcNMzYx
MTIwMTQyNTMwWjAZMRcwFQYDVQQDDA5tYWRlIGVsc2V3aGVyZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABOFaXapdlDbM4Cd/AS09kKN56ClcvezmysbWMI3mNzUU
9/ZT0F0jYCQlpb668ITh+eiY3prOlh6LPUYyIZUjml6jUzBRMB0GA1UdDgQWBBRO
Jck9hM/hGvc6KbBMx9e24NNEhDAfBgNVHSMEGDAWgBROJck9hM/hGvc6KbBMx9e2
4NNEhDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIAzaBpHg31Rf
kuFs2rrctp0zcPq/lXtdzrmmhHNPcbjAAiBj5mjmFFDKqNHdsfuSjmg8JX2QzXqN
t4HuSesgiPQvRQ==
-----END CERTIFICATE-----
`;

Deno.test("end and fingerprints are those that OpenSSL gives", () => {
  assert.equal(endOf(CERTIFICATE), Date.UTC(2036, 10, 20, 14, 25, 30));
  assert.deepEqual(fingerprintsOf(CERTIFICATE), {
    sha256:
      "2E:21:86:6F:76:E6:12:E5:1F:8B:A6:03:E1:21:BB:F3:9F:31:D4:C5:E1:10:D0:A4:04:23:C6:70:1E:78:74:5B",
    sha1: "E0:47:F1:F8:16:9E:D4:D7:4C:83:AD:2C:B1:35:86:C7:96:EC:A8:6F",
  });
  assert.throws(() => endOf("no certificate"));
});

Deno.test("a key belongs to its certificate, and another one does not", async () => {
  const server = await testServer();
  assert.equal(belongsTogether(server.certificate, server.key), true);
  const other = await newTestServer();
  assert.equal(belongsTogether(server.certificate, other.key), false);
});

Deno.test("Tasmota's fingerprint is of an RSA key as SSH writes it, without a sign", async () => {
  const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3Qyt9GCSpI1Wcfv+CLJd
VNTVVs8R6BTOrrwWvGpHIzGyn5cxqNXvDO+IvBFqJdmxJ7qCGpnGwbdwQq3pK9sK
WRJ2+OH3jN8wIpGlbY8tQ5f6DMiLwgPL5qbVogRXkQyowckOSCAUNPv0tV0Kxvx6
cY0miQik2w5dvIZ1GJtf7HHBpm3gVCIujUS5zk7Xc/VNG4gIe9JhaQMRhcXDoxpI
vycAe+Ezq2CQoEMxmGicPakgWD57Ru1looDwkh42w1B65+AvqIEbAcHe7XHNTY3t
WQXvalq4jyOz8o4SsPzAX8yJ7stukD2vojPwvw3RRD8nIsNQFNzJNn1EIGeniUV9
2wIDAQAB
-----END PUBLIC KEY-----
`;
  // Calculated with another program from the modulus that OpenSSL prints.
  assert.equal(
    tasmotaFingerprint(PUBLIC_KEY),
    "84 89 8B 5B C1 BE 90 BE 01 D4 07 42 0C FA 03 1A E7 96 5E DE",
  );
  assert.equal(tasmotaFingerprint(await generateKey("ec")), undefined);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const [ofPrivate, ofPublic] = [
    privateKey.export({ type: "pkcs8", format: "pem" }),
    publicKey.export({ type: "spki", format: "pem" }),
  ].map((key) => tasmotaFingerprint(`${key}`));
  assert.match(ofPrivate ?? "", /^([0-9A-F]{2} ){19}[0-9A-F]{2}$/);
  assert.equal(ofPrivate, ofPublic);
});
