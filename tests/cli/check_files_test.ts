/**
 * `broker check` looks at the files that a configuration names.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { checkFiles, type FileFindings } from "../../src/cli/check_files.ts";
import { loadSettings } from "../../src/config/load.ts";

const HASH = `$7$101$aaaa$${"a".repeat(84)}aQ==`;
const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

/** What is found, with DIR for the folder; every file has mode 0600 unless `modes` has another. */
async function findingsOf(
  files: Readonly<Record<string, string>>,
  modes: Readonly<Record<string, number>> = {},
): Promise<Pick<FileFindings, "errors" | "warnings"> & { users: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.writeTextFile(path, content);
      await Deno.chmod(path, modes[name] ?? 0o600);
    }
    const loaded = await loadSettings(join(folder, "broker.yaml"));
    if (!loaded.ok) assert.fail(loaded.report);
    const { errors, warnings, users } = await checkFiles(loaded);
    const short = (line: string) => line.replaceAll(folder, "DIR");
    return { errors: errors.map(short), warnings: warnings.map(short), users: [...users] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const TLS = "listeners:\n  - tls:\n      certificate: c.pem\n      key: k.pem\n" +
  "      client_ca: ca.pem\n      client_certificate: require\n      crl: r.pem\n";

Deno.test("checkFiles() finds nothing in files that are right", async () => {
  assert.deepEqual(
    await findingsOf({
      "broker.yaml": `${TLS}acl_files: [acl]\n` +
        "authentication: {password_files: [pw], jwt: {jwks_file: jwks}}\n",
      "c.pem": pem("CERTIFICATE") + pem("CERTIFICATE"),
      "k.pem": pem("EC PRIVATE KEY"),
      "ca.pem": pem("CERTIFICATE"),
      "r.pem": pem("X509 CRL"),
      "acl": "user ann\ntopic read a\n",
      "pw": `# users\nann:${HASH}\n`,
      "jwks": '{"keys": []}',
    }),
    { errors: [], warnings: [], users: ["ann"] },
  );
});

Deno.test("checkFiles() names files that are not there at the setting that names them", async () => {
  const { errors } = await findingsOf({
    "broker.yaml": "acl_files:\n  - acl\nauthentication:\n  password_files: [., pw]\n",
  });
  assert.deepEqual(errors, [
    "DIR/broker.yaml:2: Cannot use 'DIR/acl' as 'acl_files[0]': it does not exist",
    "DIR/broker.yaml:4: Cannot use 'DIR' as 'authentication.password_files[0]': it is a folder",
    "DIR/broker.yaml:4: Cannot use 'DIR/pw' as 'authentication.password_files[1]': " +
    "it does not exist",
  ]);
});

Deno.test("checkFiles() names the line of a password or ACL file that is wrong", async () => {
  const { errors, warnings } = await findingsOf({
    "broker.yaml": "acl_files: [acl, acl2]\nauthentication: {password_files: [pw]}\n",
    "acl": "user ann\ntopic reed a\n",
    "acl2": "pattern read a\n",
    "pw": `ann:${HASH}\nbob:hunter2\n`,
  });
  assert.deepEqual(errors, [
    'DIR/acl:2:7: Cannot read access "reed": it is one of read, write, readwrite, deny',
    "DIR/pw:2: Cannot read the hash of user 'bob': it is no hash that is known: allowed are " +
    "$argon2id$, $7$ (PBKDF2-SHA512) and $6$ (SHA-512)",
  ]);
  assert.deepEqual(warnings, [
    'DIR/acl2:1:14: The pattern "a" has neither %c nor %u: it is for everybody',
  ]);
});

Deno.test("checkFiles() sees whether there is the right PEM, and a passphrase", async () => {
  const { errors } = await findingsOf({
    "broker.yaml": TLS,
    "c.pem": pem("PRIVATE KEY"),
    "k.pem": pem("ENCRYPTED PRIVATE KEY"),
    "ca.pem": "DER",
    "r.pem": pem("CERTIFICATE"),
  });
  const setting = "listeners[0].tls";
  assert.deepEqual(errors, [
    `DIR/broker.yaml:3: Cannot use 'DIR/c.pem' as '${setting}.certificate': ` +
    "there is no certificate in PEM in it",
    `DIR/broker.yaml:4: Cannot use 'DIR/k.pem' as '${setting}.key': the key has a passphrase, and ` +
    "nobody to type it; openssl pkey -in OLD -out NEW takes the passphrase off",
    `DIR/broker.yaml:5: Cannot use 'DIR/ca.pem' as '${setting}.client_ca': ` +
    "there is no certificate in PEM in it",
    `DIR/broker.yaml:7: Cannot use 'DIR/r.pem' as '${setting}.crl': there is no CRL in PEM in it`,
  ]);
});

Deno.test("checkFiles() looks into keys for tokens", async () => {
  const { errors: empty } = await findingsOf({
    "broker.yaml": "authentication: {jwt: {key_file: k}}\n",
    "k": "\n",
  });
  assert.deepEqual(empty, [
    "DIR/broker.yaml:1: Cannot use 'DIR/k' as 'authentication.jwt.key_file': the file is empty",
  ]);
  for (const content of ["", "[]", '{"keys": 5}']) {
    const { errors } = await findingsOf({
      "broker.yaml": "authentication: {jwt: {jwks_file: k}}\n",
      "k": content,
    });
    assert.deepEqual(errors, [
      "DIR/broker.yaml:1: Cannot use 'DIR/k' as 'authentication.jwt.jwks_file': it is no JSON Web " +
      'Key Set, which is JSON with a list "keys"',
    ]);
  }
});

Deno.test("checkFiles() warns of secrets that every user of the machine may open", async () => {
  const { errors, warnings } = await findingsOf(
    {
      "broker.yaml": "acl_files: [acl]\nauthentication: {password_files: [pw]}\n",
      "acl": "",
      "pw": "",
    },
    { acl: 0o644, pw: 0o644 },
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(warnings, [
    "DIR/broker.yaml:2: Every user of this machine may open 'DIR/pw', mode 0644; " +
    "to change that: chmod o-rwx 'DIR/pw'",
  ]);
});

Deno.test({
  name: "checkFiles() says whose file it is that may not be read, and what helps",
  // Whoever is root may read everything.
  ignore: Deno.uid() === 0,
  fn: async () => {
    const { errors } = await findingsOf(
      { "broker.yaml": "acl_files: [acl]\n", "acl": "" },
      { acl: 0o000 },
    );
    assert.match(
      errors.join("\n"),
      /^DIR\/broker\.yaml:1: Cannot use 'DIR\/acl' as 'acl_files\[0\]': permission denied: it belongs to user '\w+', mode 0000, and this is user '\w+'; to change that: chmod u\+r 'DIR\/acl'$/,
    );
  },
});
