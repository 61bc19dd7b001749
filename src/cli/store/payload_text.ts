/**
 * Payloads as text.
 *
 * Owns when a payload is text: when all of it is valid UTF-8. How the text is made safe to show is up
 * to who writes it.
 */

/** Bytes and characters of which a preview is made at most. */
const PREVIEW_BYTES = 240;
const PREVIEW_CHARACTERS = 60;
const PREVIEW_BINARY_BYTES = 24;

/** The whole payload as text; undefined when it is none. */
export function payloadText(payload: Uint8Array): string | undefined {
  return decode(payload, false);
}

/** The beginning of a payload, for people: "'21.5'", "0x00ff...", "empty". */
export function previewPayload(payload: Uint8Array): string {
  if (payload.length === 0) return "empty";
  const isCut = payload.length > PREVIEW_BYTES;
  const text = decode(payload.subarray(0, PREVIEW_BYTES), isCut);
  if (text === undefined) return previewBytes(payload);
  const characters = [...text];
  const shown = characters.slice(0, PREVIEW_CHARACTERS).join("");
  return isCut || characters.length > PREVIEW_CHARACTERS ? `'${shown}'...` : `'${shown}'`;
}

function previewBytes(payload: Uint8Array): string {
  const shown = [...payload.subarray(0, PREVIEW_BINARY_BYTES)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `0x${shown}${payload.length > PREVIEW_BINARY_BYTES ? "..." : ""}`;
}

/** `isCut`: a character that the end cuts in two is left out, and no error. */
function decode(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}
