/**
 * What the broker keeps of a password for SCRAM-SHA-256 (RFC 5802, RFC 7677), as text:
 * `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`, base64, the form that PostgreSQL has.
 *
 * Owns the text and its limits, and the making from a password. Invariant: nobody can log in with a
 * verifier; but who has one can try out passwords, so it is kept as secret as a hash.
 */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { fromBase64, toBase64 } from "./base64.ts";
import { saslprep } from "./saslprep.ts";

/** Bytes of SHA-256. */
export const SHA256_BYTES = 32;

/** RFC 7677 section 4 has 4,096 as the least; the client computes them, at each login. */
export const SCRAM_LIMITS = {
  leastIterations: 4096,
  mostIterations: 2_000_000,
  saltBytes: 64,
} as const;

/**
 * What RFC 7677 section 4 names for a client that is no small device: an ESP32 needs about half a
 * second for them.
 */
export const NEW_ITERATIONS = 15_000;
export const NEW_SALT_BYTES = 16;

export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** A verifier that cannot be used, or a password none can be made of. Repeats nothing of it. */
export class ScramVerifierError extends Error {
  override readonly name = "ScramVerifierError";
}

/** What may be chosen for a new verifier. */
export interface NewVerifier {
  readonly salt?: Uint8Array;
  readonly iterations?: number;
}

/** Reads a verifier; throws `ScramVerifierError`. */
export function parseScramVerifier(text: string): ScramVerifier {
  const fields = /^SCRAM-SHA-256\$([^:$]*):([^:$]*)\$([^:$]*):([^:$]*)$/.exec(text);
  if (fields === null) {
    throw new ScramVerifierError(
      "it is not of the form SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY",
    );
  }
  const [, iterations = "", salt = "", storedKey = "", serverKey = ""] = fields;
  return {
    iterations: parseIterations(iterations),
    salt: parseBytes("salt", salt, 1, SCRAM_LIMITS.saltBytes),
    storedKey: parseBytes("stored key", storedKey, SHA256_BYTES, SHA256_BYTES),
    serverKey: parseBytes("server key", serverKey, SHA256_BYTES, SHA256_BYTES),
  };
}

/** Writes a verifier as `parseScramVerifier()` reads it. */
export function formatScramVerifier(verifier: ScramVerifier): string {
  const { iterations, salt, storedKey, serverKey } = verifier;
  const keys = `${toBase64(storedKey)}:${toBase64(serverKey)}`;
  return `SCRAM-SHA-256$${iterations}:${toBase64(salt)}$${keys}`;
}

/**
 * Makes a verifier (RFC 5802 section 3), by default with a salt of its own. Takes milliseconds of a
 * processor. Throws `ScramVerifierError` for a password that no client could prepare.
 */
export function makeScramVerifier(password: string, options: NewVerifier = {}): ScramVerifier {
  const prepared = saslprep(password);
  if (prepared === undefined) {
    throw new ScramVerifierError("it is empty, or contains a character that SASLprep prohibits");
  }
  const { salt = randomBytes(NEW_SALT_BYTES), iterations = NEW_ITERATIONS } = options;
  const salted = pbkdf2Sync(prepared, salt, iterations, SHA256_BYTES, "sha256");
  return {
    iterations,
    salt,
    storedKey: sha256(hmac(salted, "Client Key")),
    serverKey: hmac(salted, "Server Key"),
  };
}

export function hmac(key: Uint8Array, text: string): Uint8Array {
  return Uint8Array.from(createHmac("sha256", key).update(text).digest());
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(bytes).digest());
}

function parseIterations(text: string): number {
  const { leastIterations, mostIterations } = SCRAM_LIMITS;
  const iterations = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : NaN;
  if (iterations >= leastIterations && iterations <= mostIterations) return iterations;
  throw new ScramVerifierError(
    `its iterations are not a whole number from ${leastIterations} to ${mostIterations}`,
  );
}

function parseBytes(name: string, text: string, least: number, most: number): Uint8Array {
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new ScramVerifierError(`its ${name} is not base64`);
  if (bytes.length >= least && bytes.length <= most) return bytes;
  const allowed = least === most ? `${least}` : `${least} to ${most}`;
  throw new ScramVerifierError(`its ${name} has ${bytes.length} bytes in place of ${allowed}`);
}
