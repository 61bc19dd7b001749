/**
 * Values in their fields: flags, width and maximum of `-F`, counted in bytes as C does.
 *
 * Owns the padding. Invariant: a value without a field is written as it is.
 */

import type { ByteOutput } from "./byte_output.ts";
import { fixedDecimal } from "./exact_decimal.ts";
import type { Field } from "./format_parse.ts";

const SPACE = 0x20;
const ZERO = 0x30;

/** What `printf` writes after the point when nothing is said. */
const DEFAULT_DECIMALS = 6;

const encoder = new TextEncoder();

/** Cut to the maximum, padded with blanks. A character may be cut in two. */
export function writeText(out: ByteOutput, value: string, field: Field): void {
  if (field.width === 0 && field.maximum === undefined) return out.text(value);
  const bytes = encoder.encode(value);
  writePadded(out, bytes.subarray(0, field.maximum ?? bytes.length), field, SPACE);
}

/** Padded; never cut. */
export function writeInteger(out: ByteOutput, value: number, field: Field): void {
  if (field.width === 0) return out.text(String(value));
  writePadded(out, encoder.encode(String(value)), field, field.zeros ? ZERO : SPACE);
}

/** The place of a number that is not there. */
export function writeMissingNumber(out: ByteOutput, field: Field): void {
  out.fill(field.zeros ? ZERO : SPACE, field.width);
}

/** The place of a text that is not there. */
export function writeMissingText(out: ByteOutput, field: Field): void {
  out.fill(SPACE, field.width);
}

/** The payload, cut to the width if there is one. */
export function writePayload(out: ByteOutput, payload: Uint8Array, field: Field): void {
  if (field.width === 0) return out.bytes(payload);
  writePadded(out, payload.subarray(0, field.width), field, field.zeros ? ZERO : SPACE);
}

/** Two digits a byte; at most as many bytes as the width, as Mosquitto 2.1 has it. */
export function writeHexadecimal(
  out: ByteOutput,
  payload: Uint8Array,
  field: Field,
  digits: string,
): void {
  const bytes = field.width > 0 ? payload.subarray(0, field.width) : payload;
  const group = field.maximum ?? 0;
  const padding = Math.max(0, field.width - bytes.length * 2);
  const before = field.left ? 0 : padding;
  const nibbles = before + bytes.length * 2;
  const pad = field.zeros ? ZERO : SPACE;
  const separator = field.separator.charCodeAt(0);
  for (let at = 0; at < nibbles; at++) {
    const nibble = at - before;
    if (nibble < 0) out.byte(pad);
    else {
      const byte = bytes[nibble >> 1] as number;
      out.byte(digits.charCodeAt(nibble % 2 === 0 ? byte >> 4 : byte & 15));
    }
    const isLast = nibble >= 0 && at === nibbles - 1;
    if (group > 0 && at % group === group - 1 && !isLast) out.byte(separator);
  }
  if (field.left) out.fill(SPACE, padding);
}

/** A floating-point number; what follows the point is how many decimals. */
export function writeFloat(out: ByteOutput, value: number, field: Field): void {
  const text = fixedDecimal(value, field.maximum ?? DEFAULT_DECIMALS);
  if (field.left || !field.zeros || !Number.isFinite(value)) {
    return writePadded(out, encoder.encode(text), field, SPACE);
  }
  const sign = text.startsWith("-") ? "-" : "";
  out.text(sign + text.slice(sign.length).padStart(field.width - sign.length, "0"));
}

function writePadded(out: ByteOutput, bytes: Uint8Array, field: Field, pad: number): void {
  if (!field.left) out.fill(pad, field.width - bytes.length);
  out.bytes(bytes);
  if (field.left) out.fill(SPACE, field.width - bytes.length);
}
