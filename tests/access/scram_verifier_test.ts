import assert from "node:assert/strict";
import fc from "fast-check";
import { fromBase64 } from "../../src/access/base64.ts";
import {
  formatScramVerifier,
  makeScramVerifier,
  NEW_ITERATIONS,
  parseScramVerifier,
  ScramVerifierError,
} from "../../src/access/scram_verifier.ts";
import { RFC_7677 } from "./scram_fixture.ts";

const KEY = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=";

Deno.test("the verifier of RFC 7677's password is what its messages were computed with", () => {
  const salt = fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==") ?? new Uint8Array();
  const verifier = makeScramVerifier("pencil", { salt, iterations: 4096 });
  assert.equal(formatScramVerifier(verifier), RFC_7677.verifier);
  assert.deepEqual(parseScramVerifier(RFC_7677.verifier), verifier);
});

Deno.test("each new verifier has a salt of its own", () => {
  const [one, other] = [makeScramVerifier("a"), makeScramVerifier("a")];
  assert.equal(one.iterations, NEW_ITERATIONS);
  assert.equal(one.salt.length, 16);
  assert.notDeepEqual(one.salt, other.salt);
  assert.notDeepEqual(one.storedKey, other.storedKey);
});

Deno.test("a password is prepared by SASLprep before its verifier is made", () => {
  const options = { salt: new Uint8Array(16), iterations: 4096 };
  assert.deepEqual(
    makeScramVerifier("\u00aa\u00a0J\u006f\u0308rg", options),
    makeScramVerifier("a J\u00f6rg", options),
  );
  const message = "it is empty, or contains a character that SASLprep prohibits";
  for (const password of ["", "a\0b", "\u00ad"]) {
    assert.throws(() => makeScramVerifier(password), { name: "ScramVerifierError", message });
  }
});

Deno.test("parseScramVerifier() says what is wrong, and repeats nothing of it", () => {
  const form = "it is not of the form SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY";
  const range = "its iterations are not a whole number from 4096 to 2000000";
  const cases: [string, string][] = [
    ["", form],
    ["secret", form],
    [`SCRAM-SHA-1$4096:YQ==$${KEY}:${KEY}`, form],
    [`scram-sha-256$4096:YQ==$${KEY}:${KEY}`, form],
    [`SCRAM-SHA-256$4096:YQ==$${KEY}:${KEY}:`, form],
    [`SCRAM-SHA-256$4095:YQ==$${KEY}:${KEY}`, range],
    [`SCRAM-SHA-256$2000001:YQ==$${KEY}:${KEY}`, range],
    [`SCRAM-SHA-256$04096:YQ==$${KEY}:${KEY}`, range],
    [`SCRAM-SHA-256$4096.5:YQ==$${KEY}:${KEY}`, range],
    [`SCRAM-SHA-256$4096:YQ$${KEY}:${KEY}`, "its salt is not base64"],
    [`SCRAM-SHA-256$4096:$${KEY}:${KEY}`, "its salt has 0 bytes in place of 1 to 64"],
    [`SCRAM-SHA-256$4096:YQ==$secret:${KEY}`, "its stored key is not base64"],
    [`SCRAM-SHA-256$4096:YQ==$${KEY}:${KEY}\n`, "its server key is not base64"],
    [`SCRAM-SHA-256$4096:YQ==$${KEY}:YQ==`, "its server key has 1 bytes in place of 32"],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseScramVerifier(text), { name: "ScramVerifierError", message }, text);
  }
});

Deno.test("parseScramVerifier() reads exactly what formatScramVerifier() writes", () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const verifier = fc.record({
    iterations: fc.integer({ min: 4096, max: 2_000_000 }),
    salt: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    storedKey: key,
    serverKey: key,
  });
  fc.assert(fc.property(verifier, fc.nat(), fc.string({ maxLength: 3 }), (made, at, wrong) => {
    const text = formatScramVerifier(made);
    assert.deepEqual({ ...parseScramVerifier(text) }, { ...made });
    const index = at % text.length;
    const damaged = text.slice(0, index) + wrong + text.slice(index + 1);
    try {
      assert.equal(formatScramVerifier(parseScramVerifier(damaged)), damaged);
    } catch (error) {
      assert.ok(error instanceof ScramVerifierError, `${error}`);
    }
  }));
});
