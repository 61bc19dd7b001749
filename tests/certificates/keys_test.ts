import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  generateKey,
  KEY_TYPES,
  keyFingerprint,
  keyTypeOf,
  publicKeyBytes,
  toPem,
} from "../../src/certificates/keys.ts";

Deno.test("a new key is PKCS #8 in PEM, of the type that was asked for", async () => {
  for (const type of KEY_TYPES) {
    const key = await generateKey(type);
    assert.match(
      key,
      /^-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PRIVATE KEY/,
    );
    assert.equal(keyTypeOf(key), type);
  }
});

Deno.test("EC keys are on P-256, RSA keys have 2048 bits", async () => {
  const ec = createPrivateKey(await generateKey("ec")).asymmetricKeyDetails;
  assert.equal(ec?.namedCurve, "prime256v1");
  const rsa = createPrivateKey(await generateKey("rsa")).asymmetricKeyDetails;
  assert.deepEqual([rsa?.modulusLength, rsa?.publicExponent], [2048, 65537n]);
});

Deno.test("the fingerprint of a key is that of its public half, and of no other key", async () => {
  const [one, other] = [await generateKey("ec"), await generateKey("ec")];
  assert.equal(keyFingerprint(one), keyFingerprint(createPublicKey(one)));
  assert.notEqual(keyFingerprint(one), keyFingerprint(other));
  assert.deepEqual(publicKeyBytes(one), publicKeyBytes(createPublicKey(one)));
});

Deno.test("keyTypeOf() rejects what it does not know", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  assert.throws(() => keyTypeOf(pem), {
    message: "Cannot use a private key of type ed25519: it is one of ec, rsa",
  });
  assert.throws(() => keyTypeOf("no key"));
});

Deno.test("toPem() breaks its lines at 64 characters", () => {
  const lines = toPem("TEST", new Uint8Array(49)).split("\n");
  assert.deepEqual(lines, [
    "-----BEGIN TEST-----",
    "A".repeat(64),
    "AA==",
    "-----END TEST-----",
    "",
  ]);
});
