/**
 * Whether the certificates of TLS listeners are good.
 */

import assert from "node:assert/strict";
import { makeCa } from "../../src/certificates/issue.ts";
import { generateKey } from "../../src/certificates/keys.ts";
import type { Machine } from "../../src/check/machine.ts";
import { probeCertificates } from "../../src/check/probe_certificates.ts";
import { makeCrl } from "../transport/tls_fixture.ts";
import { checkCa, DAY_MS, server, weakKey, withoutNames } from "./certificate_fixture.ts";
import { examinationOf, type FakeFiles, fakeMachine, NOW_MS, shown } from "./fake_machine.ts";

const TLS = "listeners:\n  - port: 8883\n    tls:\n      certificate: c.pem\n      key: k.pem\n";
const CLIENTS = `${TLS}      client_ca: ca.pem\n      client_certificate: require\n`;
const CRL = `${CLIENTS}      crl: r.pem\n`;

/** `texts`: the files in the folder of the configuration. */
async function found(
  config: string,
  texts: Readonly<Record<string, string>>,
  answers: Partial<Machine> = {},
): Promise<string[]> {
  const files: FakeFiles = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [`/etc/broker/${name}`, { text }]),
  );
  const findings = await probeCertificates(examinationOf(config, fakeMachine(files, answers)));
  return shown(findings).map((line) => line.replaceAll("/etc/broker", "DIR"));
}

async function good(): Promise<Readonly<Record<string, string>>> {
  const { certificate, key } = await server();
  return { "c.pem": certificate, "k.pem": key };
}

Deno.test("probeCertificates() finds nothing in what is good, with client certificates and CRL", async () => {
  const { certificate } = await checkCa();
  const crl = makeCrl(await checkCa(), { nextUpdateMs: NOW_MS + 10 * DAY_MS });
  const files = { ...await good(), "ca.pem": certificate, "r.pem": crl };
  assert.deepEqual(await found(CRL, files), []);
  assert.deepEqual(await found("", files), []);
});

Deno.test("probeCertificates() leaves what cannot be read to others", async () => {
  assert.deepEqual(await found(CRL, {}), []);
  assert.deepEqual(await found(CRL, { "c.pem": "x", "k.pem": "", "ca.pem": "", "r.pem": "" }), []);
});

Deno.test("probeCertificates() tells what is over, what ends soon, and what has not begun", async () => {
  const at = async (nowMs: number) => {
    const lines = await found(TLS, await good(), { nowMs: () => nowMs });
    return lines;
  };
  const what = "4: The certificate 'DIR/c.pem'";
  const renew = "have it renewed; the broker takes the new file by itself";
  assert.deepEqual(await at(NOW_MS + 90 * DAY_MS), [
    `warning ${what} ends in 9 days, on 2026-09-09 | ${renew}`,
  ]);
  assert.deepEqual(await at(NOW_MS + 200 * DAY_MS), [
    `error ${what} has ended on 2026-09-09 | ${renew}`,
  ]);
  assert.deepEqual(await at(NOW_MS - 500 * DAY_MS), [
    `error ${what} is valid from 2026-06-01 on, and today is 2025-01-17 | if that is not today's ` +
    "date: timedatectl shows what the clock is set by",
  ]);
});

Deno.test("probeCertificates() knows who renews a certificate", async () => {
  const { certificate, key } = await server({ days: 5 });
  const ownTls = TLS.replace("c.pem", "server.pem");
  assert.deepEqual(
    await found(ownTls, { "server.pem": certificate, "k.pem": key, "broker-cert.json": "{}" }),
    [
      "info 4: The certificate 'DIR/server.pem' ends in 4 days, on 2026-06-06 | " +
      "broker cert --dir 'DIR'",
    ],
  );
  const files: FakeFiles = { "/etc/letsencrypt/live/a/cert.pem": { text: certificate } };
  const config = TLS.replace("c.pem", "/etc/letsencrypt/live/a/cert.pem");
  assert.deepEqual(shown(await probeCertificates(examinationOf(config, fakeMachine(files)))), [
    "warning 4: The certificate '/etc/letsencrypt/live/a/cert.pem' ends in 4 days, on 2026-06-06 " +
    "| sudo certbot renew",
  ]);
});

Deno.test("probeCertificates() compares the key with the certificate", async () => {
  const { certificate } = await server();
  assert.deepEqual(await found(TLS, { "c.pem": certificate, "k.pem": (await server()).key }), [
    "error 5: The key 'DIR/k.pem' is not the key of the certificate 'DIR/c.pem' | openssl x509 " +
    "-noout -pubkey -in 'DIR/c.pem'; openssl pkey -pubout -in 'DIR/k.pem' print the same for two " +
    "that belong together",
  ]);
  const bad = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  const [line] = await found(TLS, { "c.pem": certificate, "k.pem": bad });
  assert.match(line ?? "", /^error 5: Cannot use 'DIR\/k.pem': the key in it cannot be read: /);
});

Deno.test("probeCertificates() reports a certificate that cannot be read", async () => {
  const bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const [line, ...more] = await found(TLS, { "c.pem": bad, "k.pem": (await server()).key });
  assert.deepEqual(more, []);
  assert.match(
    line ?? "",
    /^error 4: Cannot use 'DIR\/c.pem': the certificate in it cannot be read: /,
  );
});

Deno.test("probeCertificates() sees a chain in the wrong order, and one that was left behind", async () => {
  const { certificate, key } = await server();
  const other = (await makeCa({ commonName: "Other", nowMs: NOW_MS })).certificate;
  assert.deepEqual(await found(TLS, { "c.pem": certificate + other, "k.pem": key }), [
    "warning 4: The chain in 'DIR/c.pem' is not in order: certificate 1 is not signed by " +
    "certificate 2, and many clients refuse that | cat SERVER INTERMEDIATE > CHAIN: first the " +
    "broker's, then each one that signed the one before",
  ]);
  const config = TLS.replace("c.pem", "cert.pem");
  const files = { "cert.pem": certificate, "fullchain.pem": "", "k.pem": key };
  assert.deepEqual(await found(config, files), [
    "warning 4: 'DIR/cert.pem' has the certificate alone: clients cannot follow it to its CA | " +
    "certificate: DIR/fullchain.pem",
  ]);
});

Deno.test("probeCertificates() refuses keys that are too short for TLS", async () => {
  const key = await weakKey();
  const lines = await found(TLS, { "c.pem": await withoutNames(key), "k.pem": key });
  assert.deepEqual(lines.filter((line) => line.includes("RSA")), [
    "error 4: The certificate 'DIR/c.pem' has an RSA key of 1024 bits, which TLS does not take " +
    "any more: 2048 are the least | broker cert makes one with a key that all devices know",
  ]);
  const strong = await generateKey("rsa");
  const others = await found(TLS, { "c.pem": await withoutNames(strong), "k.pem": strong });
  assert.deepEqual(others.filter((line) => line.includes("RSA")), []);
});

Deno.test("probeCertificates() looks at the CA of clients", async () => {
  const { certificate } = await server();
  const files = { ...await good(), "ca.pem": certificate };
  assert.deepEqual(await found(CLIENTS, files), [
    "warning 6: Certificate 1 in 'DIR/ca.pem' is not that of a CA",
  ]);
  const old = (await makeCa({ commonName: "Old", nowMs: NOW_MS, days: 1 })).certificate;
  const later: Partial<Machine> = { nowMs: () => NOW_MS + 3 * DAY_MS };
  const ended =
    "has ended on 2026-06-02: no client with a certificate of it can connect | put the " +
    "CA's new certificate into the file";
  assert.deepEqual(await found(CLIENTS, { ...files, "ca.pem": old }, later), [
    `error 6: The CA in 'DIR/ca.pem' ${ended}`,
  ]);
  const both = old + (await checkCa()).certificate;
  assert.deepEqual(await found(CLIENTS, { ...files, "ca.pem": both }, later), [
    `warning 6: CA 1 in 'DIR/ca.pem' ${ended}`,
  ]);
});

Deno.test("probeCertificates() looks at the list of revoked certificates", async () => {
  const ca = await checkCa();
  const files = { ...await good(), "ca.pem": ca.certificate };
  const withCrl = async (nextUpdateMs: number) =>
    await found(CRL, { ...files, "r.pem": makeCrl(ca, { nextUpdateMs }) });
  const cure = "have the CA make a new one, as with: openssl ca -gencrl -out CRL";
  assert.deepEqual(await withCrl(NOW_MS - 1000), [
    "error 8: The CRL 'DIR/r.pem' is over since 2026-06-01: every client certificate is refused | " +
    cure,
  ]);
  assert.deepEqual(await withCrl(NOW_MS + DAY_MS), [
    "warning 8: The CRL 'DIR/r.pem' is over in 1 day; then every client certificate is refused | " +
    cure,
  ]);
  const stranger = makeCrl(await makeCa({ commonName: "Stranger", nowMs: NOW_MS }));
  assert.deepEqual(await found(CRL, { ...files, "r.pem": stranger }), [
    "error 8: Cannot use the CRL 'DIR/r.pem': no CA of client_ca has signed it",
  ]);
});

Deno.test("probeCertificates() knows what the platform cannot serve", async () => {
  const files = { ...await good(), "ca.pem": (await checkCa()).certificate };
  const old: Partial<Machine> = { hasNodeTls: () => false };
  assert.deepEqual(await found(TLS, files, old), []);
  assert.deepEqual(await found(CLIENTS, files, old), [
    "error 4: Cannot serve TLS: client_certificate: require needs an executable that was made " +
    "with Deno 2.9 or later | take the executable of a release, or run it from the sources with " +
    "Deno 2.9",
  ]);
});
