/**
 * Private keys: making them, and what can be said of one.
 *
 * Owns the kinds of keys there are. A key is its PEM text (PKCS #8, RFC 5958), which holds the public
 * key as well; it is never logged.
 */

import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/**
 * "ec" is ECDSA on the curve P-256, small and fast; "rsa" has 2048 bits, for devices that know nothing
 * else.
 */
export type KeyType = "ec" | "rsa";

export const KEY_TYPES: readonly KeyType[] = ["ec", "rsa"];

const RSA_BITS = 2048;
const PEM_LINE_LENGTH = 64;

/** Makes a private key and returns its PEM text. */
export async function generateKey(type: KeyType): Promise<string> {
  const algorithm = type === "ec" ? { name: "ECDSA", namedCurve: "P-256" } : {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: RSA_BITS,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: "SHA-256",
  };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("Cannot make a key: it has no private half");
  const bytes = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  return toPem("PRIVATE KEY", new Uint8Array(bytes));
}

/** Throws an Error when the text is no private key, or one of another kind than these. */
export function keyTypeOf(key: string): KeyType {
  const type = createPrivateKey(key).asymmetricKeyType;
  if (type === "ec" || type === "rsa") return type;
  throw new Error(`Cannot use a private key of type ${type}: it is one of ${KEY_TYPES.join(", ")}`);
}

/** The public key as a SubjectPublicKeyInfo in DER, of a private key or a public one. */
export function publicKeyBytes(key: string | KeyObject): Uint8Array<ArrayBuffer> {
  const publicKey = typeof key === "string" ? createPublicKey(key) : key;
  return new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
}

/** What is the same for two keys, or for a certificate and a key, when they belong together. */
export function keyFingerprint(key: string | KeyObject): string {
  return createHash("sha256").update(publicKeyBytes(key)).digest("hex");
}

/** The textual form of RFC 7468. */
export function toPem(label: string, bytes: Uint8Array<ArrayBuffer>): string {
  const lines =
    Buffer.from(bytes).toString("base64").match(new RegExp(`.{1,${PEM_LINE_LENGTH}}`, "g")) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
