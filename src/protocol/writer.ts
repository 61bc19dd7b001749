/**
 * Growing buffer that packets are encoded into (MQTT 5 section 1.5).
 *
 * Owns its bytes until `bytes` is taken by whoever sends them. Invariant: what is below `length`
 * is complete; room for a value is made before its first byte is written.
 */

const utf8Encoder = new TextEncoder();

/** Below this many bytes a plain loop beats `subarray` and `set` (measured, tests/bench). */
const COPY_LOOP_LIMIT = 96;

/** Copies `source[start..end)` to `target` at `at`. The caller has checked both bounds. */
export function copyBytes(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  if (end - start > COPY_LOOP_LIMIT) {
    target.set(source.subarray(start, end), at);
    return;
  }
  for (let from = start, to = at; from < end; from++, to++) {
    target[to] = source[from] as number;
  }
}

/** Bytes that `value` takes as a Variable Byte Integer: 1 to 4. */
export function variableByteIntegerLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
}

/** Where a writer gets larger buffers, and what it outgrew goes back to. */
export interface WriterBuffers {
  take(bytes: number): Uint8Array<ArrayBuffer>;
  giveBack(buffer: Uint8Array<ArrayBuffer>): void;
}

const FRESH_BUFFERS: WriterBuffers = {
  take: (bytes) => new Uint8Array(bytes),
  giveBack: () => {},
};

export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  readonly #buffers: WriterBuffers;
  /** Bytes written so far. */
  length = 0;

  /** `capacity` in bytes; it grows as needed. */
  constructor(capacity = 256, buffers: WriterBuffers = FRESH_BUFFERS) {
    this.bytes = buffers.take(capacity);
    this.#buffers = buffers;
  }

  /** The bytes written so far, without a copy. */
  written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for `count` more bytes, so that they can be stored directly. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const outgrown = this.bytes;
    this.bytes = this.#buffers.take(Math.max(outgrown.length * 2, this.length + count));
    this.bytes.set(outgrown.subarray(0, this.length));
    this.#buffers.giveBack(outgrown);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  twoByteInteger(value: number): void {
    this.reserve(2);
    this.bytes[this.length++] = value >>> 8;
    this.bytes[this.length++] = value;
  }

  fourByteInteger(value: number): void {
    this.reserve(4);
    this.bytes[this.length++] = value >>> 24;
    this.bytes[this.length++] = value >>> 16;
    this.bytes[this.length++] = value >>> 8;
    this.bytes[this.length++] = value;
  }

  /** Variable Byte Integer in its shortest form [MQTT-1.5.5-1]; `value` up to 268,435,455. */
  variableByteInteger(value: number): void {
    this.reserve(4);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = rest & 0x7f | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  utf8String(text: string): void {
    // One UTF-16 code unit becomes three bytes at most.
    this.reserve(2 + text.length * 3);
    const at = this.length;
    const { written } = utf8Encoder.encodeInto(text, this.bytes.subarray(at + 2));
    if (written > 0xffff) {
      throw new RangeError(`Cannot encode string of ${written} bytes: at most 65,535 are allowed`);
    }
    this.bytes[at] = written >>> 8;
    this.bytes[at + 1] = written;
    this.length = at + 2 + written;
  }

  binaryData(data: Uint8Array): void {
    if (data.length > 0xffff) {
      throw new RangeError(`Cannot encode ${data.length} bytes: at most 65,535 are allowed`);
    }
    this.twoByteInteger(data.length);
    this.rawBytes(data, 0, data.length);
  }

  rawBytes(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    copyBytes(this.bytes, this.length, source, start, end);
    this.length += end - start;
  }

  /**
   * Starts a part whose length comes before it (Remaining Length, Property Length) but is known
   * only when it is written. Returns what `endLength` needs.
   */
  beginLength(): number {
    this.byte(0);
    return this.length;
  }

  /**
   * Stores the bytes written since `beginLength` returned `start` as a Variable Byte Integer before
   * them. One byte was kept free for it; only a part of 128 bytes and more has to be moved.
   */
  endLength(start: number): void {
    const count = this.length - start;
    if (count > 268_435_455) {
      throw new RangeError(`Cannot encode ${count} bytes: at most 268,435,455 are allowed`);
    }
    const extra = variableByteIntegerLength(count) - 1;
    if (extra > 0) {
      this.reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.length);
      this.length += extra;
    }
    let at = start - 1;
    let rest = count;
    for (; rest >= 0x80; rest >>>= 7) this.bytes[at++] = rest & 0x7f | 0x80;
    this.bytes[at] = rest;
  }
}
