/**
 * JSON text, spelled as the cJSON library spells it, which Mosquitto's tools print with.
 *
 * Owns commas, indentation and escapes; the caller owns the order. Strings are bytes and pass through
 * as they are, so that what was not UTF-8 is not changed. Invariant: a call writes a whole token.
 */

import type { ByteOutput } from "./byte_output.ts";
import { generalDecimal } from "./exact_decimal.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TAB = 0x09;
const NEWLINE = 0x0a;

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [QUOTE, '\\"'],
  [BACKSLASH, "\\\\"],
  [0x08, "\\b"],
  [0x0c, "\\f"],
  [NEWLINE, "\\n"],
  [0x0d, "\\r"],
  [TAB, "\\t"],
]);

/** What cannot stand in a string as it is. */
const ESCAPED = /["\\\p{Cc}]/u;

const encoder = new TextEncoder();

export class JsonWriter {
  readonly #out: ByteOutput;
  readonly #pretty: boolean;
  /** For each open object or array, how many members it has so far. */
  readonly #members: number[] = [];

  constructor(out: ByteOutput, pretty: boolean) {
    this.#out = out;
    this.#pretty = pretty;
  }

  openObject(): void {
    this.#out.text(this.#pretty ? "{\n" : "{");
    this.#members.push(0);
  }

  /** The name of the next member; its value must follow. */
  key(name: string | Uint8Array): void {
    if (this.#countMember() > 0) this.#out.text(this.#pretty ? ",\n" : ",");
    if (this.#pretty) this.#out.fill(TAB, this.#members.length);
    this.string(name);
    this.#out.text(this.#pretty ? ":\t" : ":");
  }

  closeObject(): void {
    const members = this.#members.pop() as number;
    if (this.#pretty) {
      if (members > 0) this.#out.byte(NEWLINE);
      this.#out.fill(TAB, this.#members.length);
    }
    this.#out.text("}");
  }

  openArray(): void {
    this.#out.text("[");
    this.#members.push(0);
  }

  /** Before each element of an array. */
  element(): void {
    if (this.#countMember() > 0) this.#out.text(this.#pretty ? ", " : ",");
  }

  closeArray(): void {
    this.#members.pop();
    this.#out.text("]");
  }

  /** `true`, `false` or `null`. */
  literal(value: boolean | null): void {
    this.#out.text(String(value));
  }

  number(value: number): void {
    this.#out.text(jsonNumber(value));
  }

  string(value: string | Uint8Array): void {
    if (typeof value === "string" && !ESCAPED.test(value)) return this.#out.text(`"${value}"`);
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    this.#out.byte(QUOTE);
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) continue;
      this.#out.bytes(bytes.subarray(start, at));
      this.#out.text(
        SHORT_ESCAPES.get(byte) ?? `\\u${byte.toString(16).padStart(4, "0")}`,
      );
      start = at + 1;
    }
    this.#out.bytes(bytes.subarray(start));
    this.#out.byte(QUOTE);
  }

  /** Counts one more member of what is open; returns how many were before it. */
  #countMember(): number {
    const innermost = this.#members.length - 1;
    const before = this.#members[innermost] as number;
    this.#members[innermost] = before + 1;
    return before;
  }
}

/** With 15 digits, or 17 where 15 are not enough; what is no number in JSON is `null`. */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (Number.isInteger(value) && Math.abs(value) < 1e15 && !Object.is(value, -0)) {
    return String(value);
  }
  const short = generalDecimal(value, 15);
  const difference = Math.abs(Number(short) - value);
  return difference <= Math.abs(value) * Number.EPSILON ? short : generalDecimal(value, 17);
}
