import assert from "node:assert/strict";
import {
  formatPasswordHash,
  HASH_LIMITS,
  parsePasswordHash,
  PasswordHashError,
} from "../../src/access/password_hash.ts";

const SALT = "AAECAwQFBgcICQoLDA0ODw";
const DIGEST_32 = "A".repeat(43);
const DIGEST_64 = `${"A".repeat(86)}==`;

function argon2id(costs: string, salt = SALT, digest = DIGEST_32): string {
  return `$argon2id$v=19$${costs}$${salt}$${digest}`;
}

Deno.test("parsePasswordHash() reads the three formats of Mosquitto", () => {
  const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
  assert.deepEqual(parsePasswordHash(argon2id("m=47104,t=1,p=2")), {
    format: "argon2id",
    memoryKiB: 47104,
    passes: 1,
    lanes: 2,
    salt,
    digest: new Uint8Array(32),
  });
  assert.deepEqual(parsePasswordHash(`$7$101$${SALT}==$${DIGEST_64}`), {
    format: "pbkdf2-sha512",
    iterations: 101,
    salt,
    digest: new Uint8Array(64),
  });
  assert.deepEqual(parsePasswordHash(`$6$${SALT}==$${DIGEST_64}`), {
    format: "sha512",
    salt,
    digest: new Uint8Array(64),
  });
});

Deno.test("formatPasswordHash() writes what parsePasswordHash() has read", () => {
  const texts = [
    argon2id("m=8,t=64,p=1"),
    argon2id("m=262144,t=4,p=16", "AAAAAAAAAAA", "A".repeat(86)),
    `$7$2000000$AA==$${DIGEST_64}`,
    `$6$${SALT}==$${DIGEST_64}`,
  ];
  assert.deepEqual(texts.map((text) => formatPasswordHash(parsePasswordHash(text))), texts);
});

function reasonFor(text: string): string {
  try {
    parsePasswordHash(text);
    return "none";
  } catch (error) {
    assert.ok(error instanceof PasswordHashError);
    return error.message;
  }
}

const UNKNOWN =
  "it is no hash that is known: allowed are $argon2id$, $7$ (PBKDF2-SHA512) and $6$ (SHA-512)";

Deno.test("parsePasswordHash() says what is wrong, and repeats nothing of a password", () => {
  const cases: [string, string][] = [
    ["", UNKNOWN],
    ["secret", UNKNOWN],
    ["x$7$1$AA==$AA==", UNKNOWN],
    ["$5$a$b", UNKNOWN],
    ["$argon2i$v=19$m=8,t=1,p=1$a$b", UNKNOWN],
    ["$7$101$AA==", "it has 2 fields in place of 3"],
    ["$6$AA==$AA==$", "it has 3 fields in place of 2"],
    [`$7$101$AA$${DIGEST_64}`, "its salt is not base64"],
    [`$7$101$A*==$${DIGEST_64}`, "its salt is not base64"],
    [`$7$101$$${DIGEST_64}`, "its salt has 0 bytes in place of 1 to 64"],
    ["$7$101$AA==$AA==", "its digest has 1 bytes in place of 64"],
    [argon2id("m=8,t=1,p=1", "AAAA"), "its salt has 3 bytes in place of 8 to 64"],
    [argon2id("m=8,t=1,p=1", SALT, "AAAA"), "its digest has 3 bytes in place of 16 to 64"],
    [argon2id("m=8,t=1,p=1", `${SALT}==`), "its salt is not base64"],
    [argon2id("t=1,m=8,p=1"), "its argon2id costs are not 'm=..,t=..,p=..'"],
    ["$argon2id$v=16$m=8,t=1,p=1$a$b", "its argon2id version is not 19"],
  ];
  for (const [text, reason] of cases) assert.equal(reasonFor(text), reason, text);
});

Deno.test("parsePasswordHash() refuses what would take minutes or gigabytes", () => {
  const { argon2idMemoryKiB: memory, pbkdf2Iterations: iterations } = HASH_LIMITS;
  const cases: [string, string][] = [
    [argon2id(`m=${memory + 1},t=1,p=1`), "its m is not a whole number from 8 to 262144"],
    [argon2id("m=15,t=1,p=2"), "its m is not a whole number from 16 to 262144"],
    [argon2id("m=8,t=65,p=1"), "its t is not a whole number from 1 to 64"],
    [argon2id("m=8,t=0,p=1"), "its t is not a whole number from 1 to 64"],
    [argon2id("m=9999,t=1,p=17"), "its p is not a whole number from 1 to 16"],
    [argon2id("m=8,t=99999999999999999999,p=1"), "its t is not a whole number from 1 to 64"],
    [argon2id(`m=${memory},t=5,p=1`), "its m times t is 1310720, at most 1048576 is allowed"],
    [
      `$7$${iterations + 1}$AA==$${DIGEST_64}`,
      "its iterations is not a whole number from 1 to 2000000",
    ],
    [`$7$0$AA==$${DIGEST_64}`, "its iterations is not a whole number from 1 to 2000000"],
    [`$7$1e3$AA==$${DIGEST_64}`, "its iterations is not a whole number from 1 to 2000000"],
  ];
  for (const [text, reason] of cases) assert.equal(reasonFor(text), reason, text);
  assert.equal(reasonFor(argon2id(`m=${memory},t=4,p=1`)), "none");
});
