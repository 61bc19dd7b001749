/**
 * The text of `-F`, taken apart into pieces.
 *
 * Owns the grammar of a format: `%` codes with flags, width, maximum and separator, `@` conversions
 * of strftime, `\` escapes. What a piece prints is for `output_format.ts`. Invariant: a format that is
 * accepted here prints something definite for every message.
 */

/** How a value fills its place: `%-010.4:x`. */
export interface Field {
  /** `-`: blanks stand after the value. */
  readonly left: boolean;
  /** `0`: zeros stand before the value, where it is a number or the payload. */
  readonly zeros: boolean;
  /** In bytes, 0 for none. */
  readonly width: number;
  /** What follows the point: bytes of a text, decimals of a number, nibbles between separators. */
  readonly maximum: number | undefined;
  /** Stands between groups of nibbles of `%x` and `%X`. */
  readonly separator: string;
}

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly code: FormatCode; readonly field: Field }
  | { readonly kind: "time"; readonly conversion: string };

/** Every code with what it prints, in the order of the help text. */
export const FORMAT_CODES = {
  "%": "a percent sign",
  A: "Topic Alias",
  C: "Content Type",
  D: "Correlation Data",
  E: "Message Expiry Interval, seconds",
  F: "Payload Format Indicator",
  I: "time of receipt, ISO 8601",
  J: "JSON with the payload as JSON",
  P: "User Properties",
  R: "Response Topic",
  S: "Subscription Identifier",
  U: "time of receipt, seconds since 1970 with nanoseconds",
  X: "payload in hexadecimal, upper case",
  d: "payload as an 8-byte floating-point number",
  f: "payload as a 4-byte floating-point number",
  j: "JSON with the payload as a string",
  l: "length of the payload in bytes",
  m: "Packet Identifier",
  p: "payload",
  q: "QoS",
  r: "retain flag",
  t: "Topic Name",
  x: "payload in hexadecimal, lower case",
} as const;
export type FormatCode = keyof typeof FORMAT_CODES;

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "0": "\0",
  a: "\x07",
  e: "\x1b",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const SEPARATORS = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~ ";

/** Wider fields are mistakes, and a message each would not fit in memory. */
const MAX_WIDTH = 65_535;

const FIELD = /^(-?)(0?)(\d*)(?:\.(\d*))?/;

/** Throws an Error that names what is wrong, at which character, and what is allowed. */
export function parseFormat(format: string): Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  let at = 0;
  while (at < format.length) {
    const character = format[at] as string;
    if (!"%@\\".includes(character)) {
      text += character;
      at++;
      continue;
    }
    const parsed = parseSequence(format, at);
    at += parsed.length;
    if (parsed.piece.kind === "text") {
      text += parsed.piece.text;
      continue;
    }
    if (text !== "") pieces.push({ kind: "text", text });
    text = "";
    pieces.push(parsed.piece);
  }
  if (text !== "") pieces.push({ kind: "text", text });
  return pieces;
}

/** A piece, and how many UTF-16 code units of the format it takes. */
interface Parsed {
  readonly piece: Piece;
  readonly length: number;
}

function parseSequence(format: string, at: number): Parsed {
  const start = format[at] as string;
  // A character outside the Basic Multilingual Plane is two code units and one character.
  const next = String.fromCodePoint(format.codePointAt(at + 1) ?? 0);
  if (at + 1 === format.length) {
    throw formatError(format, at, start, `ends there; "${start}${start}" prints "${start}"`);
  }
  if (start === "%") return parseCode(format, at);
  const length = 1 + next.length;
  if (start === "\\") {
    const text = ESCAPES[next];
    if (text !== undefined) return { piece: { kind: "text", text }, length };
    const allowed = Object.keys(ESCAPES).map((escape) => `\\${escape}`).join(" ");
    throw formatError(format, at, `\\${next}`, `is no escape; allowed are ${allowed}`);
  }
  if (next === "@") return { piece: { kind: "text", text: "@" }, length };
  return { piece: { kind: "time", conversion: next }, length };
}

function parseCode(format: string, at: number): Parsed {
  const [flags, left, zeros, width, maximum] = FIELD.exec(format.slice(at + 1)) as RegExpExecArray;
  let end = at + 1 + (flags as string).length;
  const mark = format[end];
  const separator = mark !== undefined && SEPARATORS.includes(mark) ? mark : undefined;
  if (separator !== undefined) end++;
  const code = format.slice(end, end + 2).match(/^./su)?.[0];
  const written = format.slice(at, end) + (code ?? "");
  if (code === undefined) throw formatError(format, at, written, "ends there; a code must follow");
  if (!isFormatCode(code)) {
    const allowed = Object.keys(FORMAT_CODES).map((name) => `%${name}`).join(" ");
    throw formatError(format, at, written, `is no code; allowed are ${allowed}`);
  }
  const length = end + 1 - at;
  if (code === "%") return { piece: { kind: "text", text: "%" }, length };
  const field = {
    left: left !== "",
    zeros: zeros !== "",
    width: Number(width),
    maximum: maximum === undefined ? undefined : Number(maximum),
    separator: separator ?? " ",
  };
  if (field.width > MAX_WIDTH || (field.maximum ?? 0) > MAX_WIDTH) {
    throw formatError(format, at, written, `is too wide; at most ${MAX_WIDTH} is allowed`);
  }
  return { piece: { kind: "value", code, field }, length };
}

function isFormatCode(code: string): code is FormatCode {
  return Object.hasOwn(FORMAT_CODES, code);
}

function formatError(format: string, at: number, written: string, fault: string): Error {
  const character = [...format.slice(0, at)].length + 1;
  return new Error(
    `Cannot use format "${format}": "${written}" at character ${character} ${fault}`,
  );
}
