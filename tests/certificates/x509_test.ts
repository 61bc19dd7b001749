import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { generateKey } from "../../src/certificates/keys.ts";
import { type Contents, signCertificate } from "../../src/certificates/x509.ts";

const HOUR_MS = 3_600_000;

async function contents(more: Partial<Contents> = {}): Promise<Contents> {
  const nowMs = Date.UTC(2026, 0, 1);
  return {
    purpose: "server",
    commonName: "pi",
    names: [],
    notBeforeMs: nowMs,
    notAfterMs: nowMs + HOUR_MS,
    key: await generateKey("ec"),
    ...more,
  };
}

/** The extension with this identifier (as DER in hex), or undefined. */
function extensionOf(certificate: string, id: string): string | undefined {
  const hex = new X509Certificate(certificate).raw.toString("hex");
  const at = hex.indexOf(id);
  return at < 0 ? undefined : hex.slice(at + id.length, at + id.length + 40);
}

const BASIC_CONSTRAINTS = "0603551d13";
const KEY_USAGE = "0603551d0f";
const EXTENDED_KEY_USAGE = "0603551d25";
const CRITICAL = "0101ff";

Deno.test("a certificate says whose it is, and who signed it", async () => {
  const caKey = await generateKey("rsa");
  const ca = await contents({ purpose: "ca", commonName: "My CA \u00e4", key: caKey });
  const signer = { certificate: signCertificate(ca, undefined), key: caKey };
  const names = ["pi.local", "10.0.0.1", "::ffff:10.0.0.2", "fd00::1"];
  const server = signCertificate(await contents({ names }), signer);
  const seen = new X509Certificate(server);
  const issuer = new X509Certificate(signer.certificate);
  assert.deepEqual([seen.subject, seen.issuer], ["CN=pi", "CN=My CA \u00e4"]);
  assert.equal(issuer.subject, issuer.issuer);
  assert.equal(seen.verify(issuer.publicKey), true);
  assert.equal(seen.checkIssued(issuer), true);
  assert.equal(issuer.verify(issuer.publicKey), true);
  assert.equal(
    seen.subjectAltName,
    "DNS:pi.local, IP Address:10.0.0.1, IP Address:10.0.0.2, IP Address:fd00::1",
  );
  assert.deepEqual([issuer.ca, seen.ca], [true, false]);
});

Deno.test("constraints and key usage are critical, and fit the purpose", async () => {
  const cases = [
    // CA, with a path of no more CAs; signs certificates and revocation lists.
    ["ca", "ec", `${CRITICAL}040830060101ff020100`, `${CRITICAL}040403020106`],
    ["server", "ec", `${CRITICAL}04023000`, `${CRITICAL}040403020780`],
    ["server", "rsa", `${CRITICAL}04023000`, `${CRITICAL}0404030205a0`],
    ["client", "ec", `${CRITICAL}04023000`, `${CRITICAL}040403020780`],
  ] as const;
  for (const [purpose, type, constraints, usage] of cases) {
    const key = await generateKey(type);
    const certificate = signCertificate(await contents({ purpose, key }), undefined);
    const starts = (id: string, text: string) => extensionOf(certificate, id)?.startsWith(text);
    assert.equal(starts(BASIC_CONSTRAINTS, constraints), true, purpose);
    assert.equal(starts(KEY_USAGE, usage), true, `${purpose} ${type}`);
  }
});

Deno.test("the extended key usage tells servers from clients, and a CA has none", async () => {
  const usageOf = async (purpose: Contents["purpose"]) =>
    extensionOf(signCertificate(await contents({ purpose }), undefined), EXTENDED_KEY_USAGE);
  assert.equal((await usageOf("server"))?.slice(0, 28), "040c300a06082b06010505070301");
  assert.equal((await usageOf("client"))?.slice(0, 28), "040c300a06082b06010505070302");
  assert.equal(await usageOf("ca"), undefined);
});

Deno.test("serial numbers are positive, 16 bytes, and never the same", async () => {
  const what = await contents();
  const serials = Array.from(
    { length: 200 },
    () => new X509Certificate(signCertificate(what, undefined)).serialNumber,
  );
  assert.equal(new Set(serials).size, serials.length);
  assert.deepEqual(serials.filter((serial) => !/^[4-7][0-9A-F]{31}$/.test(serial)), []);
});

Deno.test("a CA that cannot be read signs nothing", async () => {
  const what = await contents();
  const signer = { certificate: "no certificate", key: what.key };
  assert.throws(() => signCertificate(what, signer), /^Error: Cannot read a certificate or key/);
});
