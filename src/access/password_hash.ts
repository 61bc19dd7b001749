/**
 * The three ways in which password files write a hash: `$7$` (PBKDF2-SHA512), `$6$` (SHA-512 of the
 * password and a salt) and `$argon2id$`, as Mosquitto does.
 *
 * Owns the text forms and the limits of their parameters. Does not own the computing:
 * `password_digest.ts`. Invariant: what `parsePasswordHash()` has let through costs a bounded time
 * and a bounded memory to verify, whoever wrote it.
 */

import { fromBase64, toBase64 } from "./base64.ts";

/** `$argon2id$v=19$m=M,t=T,p=P$SALT$DIGEST` (RFC 9106), base64 without padding. */
export interface Argon2idHash {
  readonly format: "argon2id";
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/** `$7$ITERATIONS$SALT$DIGEST` (RFC 8018), base64. */
export interface Pbkdf2Hash {
  readonly format: "pbkdf2-sha512";
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/** `$6$SALT$DIGEST`, base64; not the `$6$` of crypt(3). Cheap to guess, so it is only read. */
export interface Sha512Hash {
  readonly format: "sha512";
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

export type PasswordHash = Argon2idHash | Pbkdf2Hash | Sha512Hash;

/** The formats that new hashes are made in; the first is the default. */
export const NEW_FORMATS = ["argon2id", "pbkdf2-sha512"] as const;

export type NewFormat = typeof NEW_FORMATS[number];

/** Bytes of SHA-512. */
export const SHA512_BYTES = 64;

/**
 * Nothing that costs more is computed. Memory times passes is what argon2id's time is proportional
 * to: 1 GiB takes about 1.5 s on a server of 2020, as do the iterations.
 */
export const HASH_LIMITS = {
  argon2idMemoryKiB: 262_144,
  argon2idPasses: 64,
  argon2idLanes: 16,
  argon2idMemoryTimesPassesKiB: 1_048_576,
  pbkdf2Iterations: 2_000_000,
  saltBytes: 64,
} as const;

/** A hash that cannot be verified. The text names what is wrong with it, and nothing of it. */
export class PasswordHashError extends Error {
  override readonly name = "PasswordHashError";
}

/** Reads a hash; throws `PasswordHashError`. */
export function parsePasswordHash(text: string): PasswordHash {
  const [before, kind, ...fields] = text.split("$");
  if (before === "" && kind === "7") return parsePbkdf2(fields);
  if (before === "" && kind === "6") return parseSha512(fields);
  if (before === "" && kind === "argon2id") return parseArgon2id(fields);
  // The text itself is not repeated: it may well be a password.
  throw new PasswordHashError(
    "it is no hash that is known: allowed are $argon2id$, $7$ (PBKDF2-SHA512) and $6$ (SHA-512)",
  );
}

/** Writes a hash as `parsePasswordHash()` and Mosquitto read it. */
export function formatPasswordHash(hash: PasswordHash): string {
  const [salt, digest] = [toBase64(hash.salt), toBase64(hash.digest)];
  switch (hash.format) {
    case "argon2id": {
      const costs = `m=${hash.memoryKiB},t=${hash.passes},p=${hash.lanes}`;
      return `$argon2id$v=19$${costs}$${withoutPadding(salt)}$${withoutPadding(digest)}`;
    }
    case "pbkdf2-sha512":
      return `$7$${hash.iterations}$${salt}$${digest}`;
    case "sha512":
      return `$6$${salt}$${digest}`;
  }
}

function parsePbkdf2(fields: readonly string[]): Pbkdf2Hash {
  const [iterations = "", salt = "", digest = ""] = needFields(fields, 3);
  return {
    format: "pbkdf2-sha512",
    iterations: parseCost("iterations", iterations, 1, HASH_LIMITS.pbkdf2Iterations),
    salt: parseSalt(salt, 1, true),
    digest: parseDigest(digest, SHA512_BYTES, SHA512_BYTES, true),
  };
}

function parseSha512(fields: readonly string[]): Sha512Hash {
  const [salt = "", digest = ""] = needFields(fields, 2);
  return {
    format: "sha512",
    salt: parseSalt(salt, 1, true),
    digest: parseDigest(digest, SHA512_BYTES, SHA512_BYTES, true),
  };
}

function parseArgon2id(fields: readonly string[]): Argon2idHash {
  const [version, costs = "", salt = "", digest = ""] = needFields(fields, 4);
  if (version !== "v=19") throw new PasswordHashError("its argon2id version is not 19");
  const found = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(costs);
  if (found === null) throw new PasswordHashError("its argon2id costs are not 'm=..,t=..,p=..'");
  const lanes = parseCost("p", found[3], 1, HASH_LIMITS.argon2idLanes);
  const memoryKiB = parseCost("m", found[1], 8 * lanes, HASH_LIMITS.argon2idMemoryKiB);
  const passes = parseCost("t", found[2], 1, HASH_LIMITS.argon2idPasses);
  const limit = HASH_LIMITS.argon2idMemoryTimesPassesKiB;
  if (memoryKiB * passes > limit) {
    throw new PasswordHashError(
      `its m times t is ${memoryKiB * passes}, at most ${limit} is allowed`,
    );
  }
  return {
    format: "argon2id",
    memoryKiB,
    passes,
    lanes,
    salt: parseSalt(salt, 8, false),
    digest: parseDigest(digest, 16, SHA512_BYTES, false),
  };
}

function needFields(fields: readonly string[], count: number): readonly string[] {
  if (fields.length === count) return fields;
  throw new PasswordHashError(`it has ${fields.length} fields in place of ${count}`);
}

function parseCost(name: string, text: string | undefined, least: number, most: number): number {
  const cost = /^[1-9]\d{0,9}$/.test(text ?? "") ? Number(text) : NaN;
  if (cost >= least && cost <= most) return cost;
  throw new PasswordHashError(`its ${name} is not a whole number from ${least} to ${most}`);
}

function parseSalt(text: string, least: number, isPadded: boolean): Uint8Array {
  return parseBytes("salt", text, { least, most: HASH_LIMITS.saltBytes, isPadded });
}

function parseDigest(text: string, least: number, most: number, isPadded: boolean): Uint8Array {
  return parseBytes("digest", text, { least, most, isPadded });
}

/** `isPadded`: whether the base64 ends with `=`, as its length demands. */
function parseBytes(
  name: string,
  text: string,
  { least, most, isPadded }: { least: number; most: number; isPadded: boolean },
): Uint8Array {
  const bytes = fromBase64(isPadded ? text : withPadding(text));
  if (bytes === undefined) throw new PasswordHashError(`its ${name} is not base64`);
  if (bytes.length >= least && bytes.length <= most) return bytes;
  const allowed = least === most ? `${least}` : `${least} to ${most}`;
  throw new PasswordHashError(`its ${name} has ${bytes.length} bytes in place of ${allowed}`);
}

/** Text with padding of its own gets too much of it. */
function withPadding(text: string): string {
  return text.endsWith("=") ? `${text}=` : text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, "");
}
