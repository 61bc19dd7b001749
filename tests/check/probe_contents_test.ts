/**
 * `broker check` looks into the files that a configuration names.
 */

import assert from "node:assert/strict";
import { MAKE_CERTIFICATES } from "../../src/check/finding.ts";
import { probeContents } from "../../src/check/probe_contents.ts";
import type { Machine } from "../../src/check/machine.ts";
import { examinationOf, type FakeFiles, fakeMachine, shown } from "./fake_machine.ts";

const HASH = `$7$101$aaaa$${"a".repeat(84)}aQ==`;
const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

/** What is found, with DIR for the folder of the configuration. */
async function found(
  config: string,
  texts: Readonly<Record<string, string>>,
  answers: Partial<Machine> = {},
): Promise<string[]> {
  const files: FakeFiles = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [`/etc/broker/${name}`, { text }]),
  );
  const machine = fakeMachine(files, answers);
  const findings = await probeContents(examinationOf(config, machine));
  return shown(findings).map((line) => line.replaceAll("/etc/broker", "DIR"));
}

const TLS = "listeners:\n  - tls:\n      certificate: c.pem\n      key: k.pem\n" +
  "      client_ca: ca.pem\n      client_certificate: require\n      crl: r.pem\n";

const KEY_SET = '{"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus' +
  '9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}';

Deno.test("probeContents() finds nothing in files that are right", async () => {
  const config = `${TLS}acl_files: [acl]\n` +
    "roles: [{name: r, users: [ann]}]\n" +
    "authentication: {password_files: [pw], jwt: {jwks_file: jwks}}\n";
  assert.deepEqual(
    await found(config, {
      "c.pem": pem("CERTIFICATE") + pem("CERTIFICATE"),
      "k.pem": pem("EC PRIVATE KEY"),
      "ca.pem": pem("CERTIFICATE"),
      "r.pem": pem("X509 CRL"),
      "acl": "user ann\ntopic read a\n",
      "pw": `# users\nann:${HASH}\n`,
      "jwks": KEY_SET,
    }),
    [],
  );
});

Deno.test("probeContents() names the line of a password or ACL file that is wrong", async () => {
  const config = "acl_files: [acl, acl2]\nauthentication: {password_files: [pw]}\n" +
    "roles: [{name: r, users: [ann, zoe]}]\n";
  assert.deepEqual(
    await found(config, {
      "acl": "user ann\ntopic reed a\n",
      "acl2": "pattern read a\n",
      "pw": `ann:${HASH}\nbob:hunter2\n`,
    }),
    [
      'error DIR/acl:2:7: Cannot read access "reed": it is one of read, write, readwrite, deny',
      'warning DIR/acl2:1:14: The pattern "a" has neither %c nor %u: it is for everybody',
      "error DIR/pw:2: Cannot read the hash of user 'bob': it is no hash that is known: allowed " +
      "are $argon2id$, $7$ (PBKDF2-SHA512) and $6$ (SHA-512) | broker passwd 'DIR/pw' USER",
      "warning 3: There is no user 'zoe', neither here nor in a password file | " +
      "broker passwd 'DIR/pw' 'zoe'",
    ],
  );
});

Deno.test("probeContents() sees whether there is the right PEM, a passphrase, or DER", async () => {
  const setting = "listeners[0].tls";
  assert.deepEqual(
    await found(TLS, {
      "c.pem": pem("PRIVATE KEY"),
      "k.pem": pem("ENCRYPTED PRIVATE KEY"),
      "ca.pem": "0\u0082\u0001",
      "r.pem": pem("CERTIFICATE"),
    }),
    [
      `error 3: Cannot use 'DIR/c.pem' as '${setting}.certificate': ` +
      `there is no certificate in PEM in it | ${MAKE_CERTIFICATES}`,
      `error 4: Cannot use 'DIR/k.pem' as '${setting}.key': the key has a passphrase, and ` +
      "nobody to type it | openssl pkey -in 'DIR/k.pem' -out NEW takes the passphrase off",
      `error 5: Cannot use 'DIR/ca.pem' as '${setting}.client_ca': there is no certificate in ` +
      "PEM in it | openssl x509 -inform DER -in 'DIR/ca.pem' -out NEW makes PEM of DER",
      `error 7: Cannot use 'DIR/r.pem' as '${setting}.crl': there is no CRL in PEM in it`,
    ],
  );
});

Deno.test("probeContents() reads keys for tokens as the broker will", async () => {
  const wrong = "Cannot use 'DIR/k' as 'authentication.jwt";
  const guessed = "a secret of 6 bytes can be guessed, at least 32 are needed";
  const give = "(and give it to whoever signs the tokens)";
  const file = "authentication: {jwt: {key_file: k}}\n";
  assert.deepEqual(await found(file, { k: "\n" }), [
    `error 1: ${wrong}.key_file': the file is empty | openssl rand -hex 32 > 'DIR/k' ${give}`,
  ]);
  assert.deepEqual(await found(file, { k: "secret" }), [
    `error 1: ${wrong}.key_file': ${guessed} | openssl rand -hex 32 > 'DIR/k' ${give}`,
  ]);
  assert.deepEqual(await found(file, { k: "s".repeat(32) }), []);
  assert.deepEqual(await found("authentication:\n  jwt:\n    key: secret\n", {}), [
    `error 3: Cannot use 'authentication.jwt.key': ${guessed} | openssl rand -hex 32 ${give}`,
  ]);
  for (const content of ["{}", "[]", '{"keys": 5}']) {
    assert.deepEqual(await found("authentication: {jwt: {jwks_file: k}}\n", { k: content }), [
      `error 1: ${wrong}.jwks_file': it is not a JSON Web Key Set: {"keys": [...]}`,
    ]);
  }
});

Deno.test("probeContents() says what it may not look into, when the broker's user may", async () => {
  const denied = () => {
    throw new Deno.errors.PermissionDenied();
  };
  const real = fakeMachine();
  const read = (path: string) => path.endsWith("/pw") ? denied() : real.read(path);
  const config = "authentication: {password_files: [pw]}\nroles: [{name: r, users: [zoe]}]\n";
  assert.deepEqual(await found(config, {}, { read, userId: 1000 }), [
    "info 1: What is in 'DIR/pw', 'authentication.password_files[0]', was not looked at: who runs " +
    "this may not read it | sudo broker check --config 'DIR/broker.yaml'",
  ]);
});

Deno.test("probeContents() tells what is no text", async () => {
  const machine = fakeMachine({ "/etc/broker/acl": { bytes: Uint8Array.of(0xff, 0xfe) } });
  const findings = await probeContents(examinationOf("acl_files: [acl]\n", machine));
  assert.deepEqual(shown(findings), [
    "error 1: Cannot use '/etc/broker/acl' as 'acl_files[0]': it is not text in UTF-8",
  ]);
});

Deno.test("probeContents() leaves missing files to others, unless files have no owners", async () => {
  assert.deepEqual(await found("acl_files: [acl]\n", {}), []);
  assert.deepEqual(await found("acl_files: [acl]\n", {}, { userId: undefined }), [
    "error 1: Cannot use 'DIR/acl' as 'acl_files[0]': it does not exist",
  ]);
});
