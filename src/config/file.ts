/**
 * The bytes of a configuration file, as text.
 *
 * Owns reading: what is not a file, not readable, too large or not UTF-8 is said so that the
 * reader knows what to do. Does not parse. Invariant: never holds more than it may of a file, also of
 * one that has no end.
 */

import { messageOf } from "../error_text.ts";
import type { Problem } from "./problem.ts";
import { formatSize } from "./units.ts";

/** The largest configuration file in bytes; the commented example has a hundredth of it. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** The text of a file, or why there is none. */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly source: string; readonly problem: Problem };

/** Reads a file whole, of `mostBytes` at most. Never throws. */
export async function readFileText(path: string, mostBytes = MAX_FILE_BYTES): Promise<FileText> {
  try {
    const bytes = await readBytes(path, mostBytes);
    if (bytes === undefined) {
      return failed(`Cannot read the file: it is larger than ${formatSize(mostBytes)}`);
    }
    return decodeText(bytes);
  } catch (error) {
    return failed(await reasonText(path, error));
  }
}

/** Decodes UTF-8, with or without a byte order mark. */
export function decodeText(bytes: Uint8Array): FileText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return failed("Cannot read the file: it is UTF-16; save it as UTF-8");
  }
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return invalidUtf8(bytes);
  }
}

async function readBytes(path: string, mostBytes: number): Promise<Uint8Array | undefined> {
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(mostBytes + 1);
  let length = 0;
  while (length < buffer.length) {
    const read = await file.read(buffer.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length > mostBytes ? undefined : buffer.slice(0, length);
}

/** Decoding with replacement shows where the first byte that is not UTF-8 stands. */
function invalidUtf8(bytes: Uint8Array): FileText {
  const offset = validLength(bytes);
  const source = new TextDecoder().decode(bytes);
  const start = new TextDecoder().decode(bytes.subarray(0, offset)).length;
  const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, "0");
  return {
    ok: false,
    source,
    problem: {
      message: `Cannot read the file: byte 0x${byte} is not UTF-8`,
      range: { start, end: start + 1 },
      hint: "save the file as UTF-8",
    },
  };
}

/** How many bytes from the start are UTF-8: the longest prefix that decodes, found by halving. */
function validLength(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length + 1;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    const decoder = new TextDecoder("utf-8", { fatal: true });
    try {
      // A character that the prefix cuts in two is not an error yet.
      decoder.decode(bytes.subarray(0, middle), { stream: true });
      valid = middle;
    } catch {
      invalid = middle;
    }
  }
  return valid === bytes.length ? bytes.length - 1 : valid;
}

async function reasonText(path: string, error: unknown): Promise<string> {
  if (error instanceof Deno.errors.NotFound) return "Cannot open the file: it does not exist";
  if (await isDirectory(path)) return "Cannot read the file: it is a directory";
  if (error instanceof Deno.errors.PermissionDenied) return await deniedText(path);
  const reason = messageOf(error);
  return `Cannot read the file: ${reason}`;
}

async function deniedText(path: string): Promise<string> {
  try {
    const { uid, gid, mode } = await Deno.stat(path);
    const rights = mode === null ? "" : `, mode ${(mode & 0o777).toString(8)}`;
    return `Cannot open the file: permission denied; it belongs to user ${uid}, group ${gid}` +
      `${rights}, and this is user ${Deno.uid()}`;
  } catch {
    return "Cannot open the file: permission denied, for it or for a folder above it";
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

function failed(message: string): FileText {
  return { ok: false, source: "", problem: { message, range: undefined } };
}
