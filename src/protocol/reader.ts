/**
 * Bounds-checked cursor over the body of one packet (MQTT 5 section 1.5).
 *
 * Owns the position; the bytes belong to the caller and are never changed. Every read names the
 * field it reads, so that a malformed packet is reported in words: "Cannot decode Topic Name: 12
 * bytes announced, 3 remain". Every packet body is read through it,
 * but for the start of a PUBLISH on the hot path (`publish_frame.ts`) and plain acknowledgements.
 */

import { malformed } from "./reason_code.ts";

// ignoreBOM keeps U+FEFF as a character [MQTT-1.5.4-3]; fatal rejects ill-formed UTF-8
// and encoded surrogates [MQTT-1.5.4-1].
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes one UTF-8 Encoded String; throws `ProtocolError` 0x81 naming `field`. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number, field: string): string {
  let text: string;
  try {
    text = utf8Decoder.decode(bytes.subarray(start, end));
  } catch {
    throw malformed(`Cannot decode ${field}: not well-formed UTF-8`); // [MQTT-1.5.4-1]
  }
  if (text.includes("\0")) {
    throw malformed(`Cannot decode ${field}: contains U+0000`); // [MQTT-1.5.4-2]
  }
  return text;
}

export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Returns where the next `length` bytes start and moves past them. */
  take(length: number, field: string): number {
    const start = this.position;
    if (length > this.end - start) {
      throw malformed(
        `Cannot decode ${field}: ${length} byte${length === 1 ? "" : "s"} announced, ` +
          `${this.end - start} remain`,
      );
    }
    this.position = start + length;
    return start;
  }

  byte(field: string): number {
    return this.bytes[this.take(1, field)] as number;
  }

  twoByteInteger(field: string): number {
    const at = this.take(2, field);
    return (this.bytes[at] as number) << 8 | (this.bytes[at + 1] as number);
  }

  fourByteInteger(field: string): number {
    const high = this.twoByteInteger(field);
    return high * 0x10000 + this.twoByteInteger(field);
  }

  /** Variable Byte Integer, 0 to 268,435,455, in its shortest form only [MQTT-1.5.5-1]. */
  variableByteInteger(field: string): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte(field);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) {
          throw malformed(`Cannot decode ${field}: Variable Byte Integer not in shortest form`);
        }
        return value;
      }
    }
    throw malformed(`Cannot decode ${field}: Variable Byte Integer longer than 4 bytes`);
  }

  /** UTF-8 Encoded String with its two-byte length. */
  utf8String(field: string): string {
    const length = this.twoByteInteger(field);
    const start = this.take(length, field);
    return decodeUtf8(this.bytes, start, this.position, field);
  }

  /** Binary Data with its two-byte length, copied: it may outlive the read buffer. */
  binaryData(field: string): Uint8Array {
    return this.rawBytes(this.twoByteInteger(field), field);
  }

  /** The next `length` bytes, copied. */
  rawBytes(length: number, field: string): Uint8Array {
    const start = this.take(length, field);
    return this.bytes.slice(start, this.position);
  }

  expectEnd(packet: string): void {
    if (this.position !== this.end) {
      const count = this.remaining;
      throw malformed(`Cannot decode ${packet}: ${count} byte${count === 1 ? "" : "s"} too many`);
    }
  }
}
