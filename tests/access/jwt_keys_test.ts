import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as jose from "jose";
import { type KeyForm, readKeySet } from "../../src/access/jwt_keys.ts";
import { testServer } from "../support/certificates.ts";
import { keyPair, SECRET } from "./jwt_fixture.ts";

function algorithms(text: string, form: KeyForm = "key", allowed: string[] = []): string {
  const bytes = new TextEncoder().encode(text);
  return readKeySet(jose, form, bytes, allowed).algorithms.join(" ");
}

const RSA = "RS256 RS384 RS512 PS256 PS384 PS512";
const USABLE = "RSA (from 2048 bits), EC (P-256, P-384, P-521) or Ed25519";

Deno.test("the kind of a key decides on its algorithms", async () => {
  assert.equal(algorithms(SECRET), "HS256 HS384 HS512");
  assert.equal(algorithms((await keyPair("RS256")).pem), RSA);
  assert.equal(algorithms((await keyPair("ES256")).pem), "ES256");
  assert.equal(algorithms((await keyPair("ES384")).pem), "ES384");
  assert.equal(algorithms(`\n# mine\n${(await keyPair("EdDSA")).pem}`), "EdDSA Ed25519");
  const keys = [(await keyPair("ES384")).jwk, (await keyPair("EdDSA")).jwk, {
    kty: "oct",
    k: "YQ",
  }];
  assert.equal(algorithms(JSON.stringify({ keys }), "jwks"), "ES384 EdDSA Ed25519");
});

Deno.test("a public key is also read as PKCS #1, and from a certificate", async () => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  assert.equal(algorithms(`${publicKey.export({ type: "pkcs1", format: "pem" })}`), RSA);
  const { certificate } = await testServer();
  assert.equal(algorithms(certificate), "ES256");
});

Deno.test("the allowed algorithms are those of both", async () => {
  assert.equal(algorithms(SECRET, "key", ["RS256", "HS512"]), "HS512");
  const { pem } = await keyPair("ES256");
  assert.throws(() => algorithms(pem, "key", ["HS256", "RS256"]), {
    name: "JwtKeyError",
    message: "it is for ES256, and none of them is among the allowed algorithms",
  });
  assert.throws(() => algorithms(SECRET, "key", ["none"]), { name: "JwtKeyError" });
});

Deno.test("a key that cannot be used is named without repeating it", async () => {
  const { pem } = await keyPair("RS256");
  const bare = pem.replace(/-----[^-]+-----/g, "");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const withoutLines = "it is a public key without its lines '-----BEGIN PUBLIC KEY-----'";
  const unreadable = "it is not a public key or certificate in PEM that can be read";
  const isPrivate = "it is a private key: verifying needs only the public one";
  const cases: [string, string][] = [
    ["", "a secret of 0 bytes can be guessed, at least 32 are needed"],
    ["hunter2", "a secret of 7 bytes can be guessed, at least 32 are needed"],
    [SECRET.slice(1), "a secret of 31 bytes can be guessed, at least 32 are needed"],
    ['{"keys":[]}', "it is JSON: a key set belongs into 'jwks_file'"],
    [bare, withoutLines],
    [bare.replaceAll("\n", ""), withoutLines],
    [pem.replace("MII", "MIJ"), unreadable],
    ["-----BEGIN PUBLIC KEY-----\n", unreadable],
    [`${privateKey.export({ type: "pkcs8", format: "pem" })}`, isPrivate],
    [`${privateKey.export({ type: "sec1", format: "pem" })}`, isPrivate],
    [`${weak.export({ type: "spki", format: "pem" })}`, `it is not a key of type ${USABLE}`],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => algorithms(text), { name: "JwtKeyError", message }, message);
  }
});

Deno.test("a key set that cannot be used is named", async () => {
  const notOne = 'it is not a JSON Web Key Set: {"keys": [...]}';
  const { jwk } = await keyPair("RS256");
  for (const text of ["", "[]", "{}", "null", '{"keys":{}}', '{"keys":[1]}', JSON.stringify(jwk)]) {
    assert.throws(() => algorithms(text, "jwks"), { message: notOne }, text);
  }
  const unusable = [
    { kty: "oct", k: "YQ" },
    { kty: "RSA", n: "AQAB", e: "AQAB" },
    { kty: "x" },
    {},
  ];
  for (const keys of [[], ...unusable.map((key) => [key])]) {
    assert.throws(() => algorithms(JSON.stringify({ keys }), "jwks"), {
      name: "JwtKeyError",
      message: `it has no key of type ${USABLE}`,
    });
  }
});
