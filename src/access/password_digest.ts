/**
 * The computing behind password hashes: verifying a password, and making the hash of a new one.
 *
 * Owns the costs of new hashes. It takes tens of milliseconds of a processor, so the broker calls
 * it in a worker only (`password_pool.ts`). Passwords are bytes, as in a CONNECT packet.
 */

import { createHash, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { argon2id } from "hash-wasm";
import {
  type Argon2idHash,
  formatPasswordHash,
  type NewFormat,
  type PasswordHash,
  SHA512_BYTES,
} from "./password_hash.ts";

/** OWASP's recommendation with the least memory: a Raspberry Pi verifies two at a time. */
const NEW_ARGON2ID = { memoryKiB: 19_456, passes: 2, lanes: 1 };
const ARGON2ID_SALT_BYTES = 16;
const ARGON2ID_DIGEST_BYTES = 32;

/** OWASP's recommendation for PBKDF2 with SHA-512. */
const NEW_PBKDF2_ITERATIONS = 210_000;
/** Mosquitto 2.0 writes 12 bytes. */
const PBKDF2_SALT_BYTES = 12;

/**
 * Whether the password is the one of the hash. The comparison takes the same time either way. An
 * empty password is never right, whatever the hash.
 */
export async function verifyPassword(password: Uint8Array, hash: PasswordHash): Promise<boolean> {
  if (password.length === 0) return false;
  return timingSafeEqual(await digestOf(password, hash), hash.digest);
}

/** The text of a new hash, with a salt of its own; `iterations` are those of pbkdf2-sha512. */
export async function makePasswordHash(
  password: Uint8Array,
  format: NewFormat,
  iterations: number = NEW_PBKDF2_ITERATIONS,
): Promise<string> {
  const hash = newHash(format, iterations);
  return formatPasswordHash({ ...hash, digest: await digestOf(password, hash) });
}

/** The parameters; the digest is still empty, of the right length. */
function newHash(format: NewFormat, iterations: number): PasswordHash {
  if (format === "argon2id") {
    const salt = randomBytes(ARGON2ID_SALT_BYTES);
    return { format, ...NEW_ARGON2ID, salt, digest: new Uint8Array(ARGON2ID_DIGEST_BYTES) };
  }
  const salt = randomBytes(PBKDF2_SALT_BYTES);
  const digest = new Uint8Array(SHA512_BYTES);
  return { format, iterations, salt, digest };
}

async function digestOf(password: Uint8Array, hash: PasswordHash): Promise<Uint8Array> {
  switch (hash.format) {
    case "argon2id":
      return await argon2idOf(password, hash);
    case "pbkdf2-sha512":
      return pbkdf2Sync(password, hash.salt, hash.iterations, SHA512_BYTES, "sha512");
    case "sha512":
      return createHash("sha512").update(password).update(hash.salt).digest();
  }
}

function argon2idOf(password: Uint8Array, hash: Argon2idHash): Promise<Uint8Array> {
  return argon2id({
    password,
    salt: hash.salt,
    memorySize: hash.memoryKiB,
    iterations: hash.passes,
    parallelism: hash.lanes,
    hashLength: hash.digest.length,
    outputType: "binary",
  });
}
