/**
 * The keys that JSON Web Tokens are verified with: a secret text, a public key or certificate in PEM,
 * or a JSON Web Key Set (RFC 7517) in a file.
 *
 * Owns the reading of a key, and which algorithms it is for. Invariant: a secret is never used as a
 * public key nor a public key as a secret, for then anybody could sign (RFC 8725 section 2.1): the
 * kind of the key decides on the algorithms, not the token. What is wrong with a key is said without
 * repeating anything of it.
 */

import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject } from "node:crypto";
import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { fromBase64 } from "./base64.ts";

/** What jose offers, loaded only when tokens are. */
export type Jose = typeof import("jose");

/** Keys, and what may be verified with them. */
export interface KeySet {
  readonly keyOf: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

/** How the text of a key is to be read. */
export type KeyForm = "key" | "jwks";

/** A key that cannot be used. */
export class JwtKeyError extends Error {
  override readonly name = "JwtKeyError";
}

/** RFC 7518 section 3.2 has as many for HS256: a shorter secret can be guessed from one token. */
export const LEAST_SECRET_BYTES = 32;

const SECRET_ALGORITHMS = ["HS256", "HS384", "HS512"];

/** By key type and curve (RFC 7518, RFC 8037, RFC 9864). Others cannot be used. */
const PUBLIC_ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  "RSA": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "EC P-256": ["ES256"],
  "EC P-384": ["ES384"],
  "EC P-521": ["ES512"],
  "OKP Ed25519": ["EdDSA", "Ed25519"],
};

/** RFC 7518 section 3.3. */
const LEAST_RSA_BITS = 2048;

const USABLE_TYPES = `RSA (from ${LEAST_RSA_BITS} bits), EC (P-256, P-384, P-521) or Ed25519`;

/** The part of a JSON Web Key that tells its type and size. */
interface PublicJwk {
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly n?: unknown;
}

/** Reads a key; throws `JwtKeyError`. `allowed`: the algorithms that may be used; empty: any. */
export function readKeySet(
  jose: Jose,
  form: KeyForm,
  bytes: Uint8Array,
  allowed: readonly string[],
): KeySet {
  const { keyOf, algorithms } = form === "jwks" ? readJwks(jose, bytes) : readKey(bytes);
  const both = algorithms.filter((name) => allowed.length === 0 || allowed.includes(name));
  if (both.length > 0) return { keyOf, algorithms: both };
  throw new JwtKeyError(
    `it is for ${algorithms.join(", ")}, and none of them is among the allowed algorithms`,
  );
}

function readKey(bytes: Uint8Array): KeySet {
  const text = textOf(bytes)?.trim() ?? "";
  if (text.includes("-----BEGIN ")) return readPem(text);
  if (text.startsWith("{")) throw new JwtKeyError("it is JSON: a key set belongs into 'jwks_file'");
  // Public keys are public: a secret that is one would let everybody sign.
  if (isBarePublicKey(text)) {
    throw new JwtKeyError("it is a public key without its lines '-----BEGIN PUBLIC KEY-----'");
  }
  if (bytes.length < LEAST_SECRET_BYTES) {
    throw new JwtKeyError(
      `a secret of ${bytes.length} bytes can be guessed, at least ${LEAST_SECRET_BYTES} are needed`,
    );
  }
  return { keyOf: () => bytes, algorithms: SECRET_ALGORITHMS };
}

function readPem(text: string): KeySet {
  if (text.includes("PRIVATE KEY-----")) {
    throw new JwtKeyError("it is a private key: verifying needs only the public one");
  }
  let key: KeyObject;
  let algorithms: readonly string[];
  try {
    key = createPublicKey(text);
    algorithms = algorithmsOf(key.export({ format: "jwk" }));
  } catch {
    throw new JwtKeyError("it is not a public key or certificate in PEM that can be read");
  }
  if (algorithms.length === 0) throw new JwtKeyError(`it is not a key of type ${USABLE_TYPES}`);
  return { keyOf: () => key, algorithms };
}

function readJwks(jose: Jose, bytes: Uint8Array): KeySet {
  let keyOf: JWTVerifyGetKey;
  let algorithms: Set<string>;
  try {
    const jwks: JSONWebKeySet = JSON.parse(textOf(bytes) ?? "");
    keyOf = jose.createLocalJWKSet(jwks);
    algorithms = new Set(jwks.keys.flatMap(algorithmsOf));
  } catch {
    throw new JwtKeyError('it is not a JSON Web Key Set: {"keys": [...]}');
  }
  if (algorithms.size > 0) return { keyOf, algorithms: [...algorithms] };
  throw new JwtKeyError(`it has no key of type ${USABLE_TYPES}`);
}

/** None for a key that cannot be used. Base64 has 6 bits a letter. */
function algorithmsOf({ kty, crv, n }: PublicJwk): readonly string[] {
  if (kty === "RSA" && !(typeof n === "string" && n.length * 6 >= LEAST_RSA_BITS)) return [];
  return PUBLIC_ALGORITHMS[crv === undefined ? `${kty}` : `${kty} ${crv}`] ?? [];
}

function isBarePublicKey(text: string): boolean {
  const bytes = fromBase64(text.replace(/\s/g, ""));
  if (bytes === undefined || bytes.length === 0) return false;
  const key = Buffer.from(bytes);
  return (["spki", "pkcs1"] as const).some((type) => {
    try {
      createPublicKey({ key, format: "der", type });
      return true;
    } catch {
      return false;
    }
  });
}

/** Undefined when the bytes are no text. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
