/**
 * Base64 (RFC 4648, section 4) as strictly as it is written: one text for each sequence of bytes.
 *
 * Owns nothing.
 */

import { Buffer } from "node:buffer";

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Undefined when the text is not exactly what `toBase64()` makes of some bytes, padding included. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = decode(text);
  // The decoder skips what it does not know; what it made of the text has to be all of the text.
  return bytes !== undefined && toBase64(bytes) === text ? bytes : undefined;
}

/** Some versions of Deno skip what is no base64, some throw. */
function decode(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(Buffer.from(text, "base64"));
  } catch {
    return undefined;
  }
}
