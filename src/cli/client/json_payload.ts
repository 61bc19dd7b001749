/**
 * A payload that must be JSON, read and written again in one pass (`%J`).
 *
 * What is accepted and how it is spelled is what the cJSON library does, since scripts were written
 * against it: repeated names stay, numbers are doubles, `01` and `1.` are numbers. One thing differs:
 * a string that contains U+0000 does not end there. Invariant: nothing of the payload is kept.
 */

import { ByteOutput } from "./byte_output.ts";
import type { JsonWriter } from "./json_writer.ts";

/** Deeper nesting is refused, as cJSON does. */
const MAX_DEPTH = 1000;

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

const char = (text: string): number => text.charCodeAt(0);
const QUOTE = char('"');
const BACKSLASH = char("\\");
const COMMA = char(",");
const COLON = char(":");

const ESCAPED: ReadonlyMap<number, number> = new Map([
  [char("b"), 0x08],
  [char("f"), 0x0c],
  [char("n"), 0x0a],
  [char("r"), 0x0d],
  [char("t"), 0x09],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [char("/"), char("/")],
]);

/** Writes the value; returns false, with a part of it written, when the payload is not JSON. */
export function rewriteJson(payload: Uint8Array, json: JsonWriter): boolean {
  return new JsonReader(payload, json).run();
}

class JsonReader {
  readonly #bytes: Uint8Array;
  readonly #json: JsonWriter;
  readonly #text = new ByteOutput();
  #at = 0;

  constructor(bytes: Uint8Array, json: JsonWriter) {
    this.#bytes = bytes;
    this.#json = json;
  }

  run(): boolean {
    if (BYTE_ORDER_MARK.every((byte, index) => this.#bytes[index] === byte)) this.#at = 3;
    if (!this.#value(0)) return false;
    this.#skipBlanks();
    return this.#at === this.#bytes.length;
  }

  #value(depth: number): boolean {
    this.#skipBlanks();
    const first = String.fromCharCode(this.#bytes[this.#at] ?? 0);
    switch (first) {
      case "{":
        return depth < MAX_DEPTH && this.#object(depth + 1);
      case "[":
        return depth < MAX_DEPTH && this.#array(depth + 1);
      case '"': {
        const text = this.#string();
        if (text !== undefined) this.#json.string(text);
        return text !== undefined;
      }
      case "t":
        return this.#literal("true", true);
      case "f":
        return this.#literal("false", false);
      case "n":
        return this.#literal("null", null);
      default:
        return /[-0-9]/.test(first) && this.#number();
    }
  }

  #object(depth: number): boolean {
    this.#at++;
    this.#json.openObject();
    if (!this.#take("}")) {
      do {
        this.#skipBlanks();
        const name = this.#bytes[this.#at] === QUOTE ? this.#string() : undefined;
        if (name === undefined || !this.#takeByte(COLON)) return false;
        this.#json.key(name);
        if (!this.#value(depth)) return false;
      } while (this.#takeByte(COMMA));
      if (!this.#take("}")) return false;
    }
    this.#json.closeObject();
    return true;
  }

  #array(depth: number): boolean {
    this.#at++;
    this.#json.openArray();
    if (!this.#take("]")) {
      do {
        this.#json.element();
        if (!this.#value(depth)) return false;
      } while (this.#takeByte(COMMA));
      if (!this.#take("]")) return false;
    }
    this.#json.closeArray();
    return true;
  }

  #number(): boolean {
    let end = this.#at;
    while ("0123456789+-eE.".includes(String.fromCharCode(this.#bytes[end] ?? 0))) end++;
    const written = String.fromCharCode(
      ...this.#bytes.subarray(this.#at, Math.min(end, this.#at + 400)),
    );
    const number = NUMBER.exec(written)?.[0];
    if (number === undefined) return false;
    this.#at += number.length;
    this.#json.number(Number(number));
    return true;
  }

  #literal(word: string, value: boolean | null): boolean {
    const written = String.fromCharCode(...this.#bytes.subarray(this.#at, this.#at + word.length));
    if (written !== word) return false;
    this.#at += word.length;
    this.#json.literal(value);
    return true;
  }

  /** The string's bytes without its escapes; `undefined` when it is not one. */
  #string(): Uint8Array | undefined {
    this.#text.rewind(0);
    let at = this.#at + 1;
    for (;;) {
      const byte = this.#bytes[at];
      if (byte === undefined) return undefined;
      if (byte === QUOTE) break;
      if (byte !== BACKSLASH) {
        this.#text.byte(byte);
        at++;
        continue;
      }
      const length = this.#escape(at + 1);
      if (length === 0) return undefined;
      at += 1 + length;
    }
    this.#at = at + 1;
    return this.#text.take();
  }

  /** Writes what the escape stands for; returns its length behind the backslash, 0 for none. */
  #escape(at: number): number {
    const letter = this.#bytes[at] ?? 0;
    const plain = ESCAPED.get(letter);
    if (plain !== undefined) {
      this.#text.byte(plain);
      return 1;
    }
    if (letter !== char("u")) return 0;
    const first = this.#hexadecimal(at + 1);
    if (first === undefined || (first >= 0xdc00 && first <= 0xdfff)) return 0;
    if (first < 0xd800 || first > 0xdfff) {
      this.#text.text(String.fromCharCode(first));
      return 5;
    }
    const isPair = this.#bytes[at + 5] === BACKSLASH && this.#bytes[at + 6] === char("u");
    const second = isPair ? this.#hexadecimal(at + 7) : undefined;
    if (second === undefined || second < 0xdc00 || second > 0xdfff) return 0;
    this.#text.text(String.fromCharCode(first, second));
    return 11;
  }

  #hexadecimal(at: number): number | undefined {
    const digits = String.fromCharCode(...this.#bytes.subarray(at, at + 4));
    return /^[0-9a-fA-F]{4}$/.test(digits) ? parseInt(digits, 16) : undefined;
  }

  /** Skips blanks and the byte, if it is next. */
  #takeByte(byte: number): boolean {
    this.#skipBlanks();
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #take(character: string): boolean {
    return this.#takeByte(char(character));
  }

  /** cJSON takes every control character for a blank; U+0000 ends its text. */
  #skipBlanks(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || byte === 0 || byte > 0x20) return;
      this.#at++;
    }
  }
}
