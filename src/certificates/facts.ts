/**
 * What can be read from a certificate or a key without the ASN.1 library: the end, the fingerprints
 * that people compare and that devices are given in place of a CA.
 *
 * Owns the spelling of fingerprints. Decides nothing.
 */

import { Buffer } from "node:buffer";
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { keyFingerprint } from "./keys.ts";

/** The hashes of a certificate, as "AA:BB:...". */
export interface Fingerprints {
  readonly sha256: string;
  readonly sha1: string;
}

/** When a certificate ends, in milliseconds since 1970. Throws when it cannot be read. */
export function endOf(certificate: string): number {
  const text = new X509Certificate(certificate).validTo;
  const endMs = Date.parse(text);
  if (Number.isNaN(endMs)) throw new Error(`Cannot read the end of a certificate: "${text}"`);
  return endMs;
}

/** Whether the key is that of the certificate. */
export function belongsTogether(certificate: string, key: string): boolean {
  return keyFingerprint(new X509Certificate(certificate).publicKey) === keyFingerprint(key);
}

export function fingerprintsOf(certificate: string): Fingerprints {
  const { fingerprint256, fingerprint } = new X509Certificate(certificate);
  return { sha256: fingerprint256, sha1: fingerprint };
}

/**
 * What Tasmota calls the fingerprint: SHA-1 of the RSA public key in the form that SSH has for it, but
 * without signs. It stays when the certificate is renewed with the same key. Undefined for other keys.
 */
export function tasmotaFingerprint(key: string): string | undefined {
  const { n, e } = createPublicKey(key).export({ format: "jwk" });
  if (n === undefined || e === undefined) return undefined;
  const hash = createHash("sha1");
  const fields = [Buffer.from("ssh-rsa"), Buffer.from(e, "base64url"), Buffer.from(n, "base64url")];
  for (const field of fields) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    hash.update(length).update(field);
  }
  return hash.digest("hex").toUpperCase().replace(/(..)(?=.)/g, "$1 ");
}
