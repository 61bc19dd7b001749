/**
 * Bytes that are put together piece by piece, on their way to standard output.
 *
 * Owns one buffer that serves message after message. Invariant: what `take` has handed out is never
 * written to again.
 */

const encoder = new TextEncoder();

/** Up to this many bytes are copied out; a larger buffer is handed over and replaced. */
const KEPT_BYTES = 64 * 1024;

/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

export class ByteOutput {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#makeRoom(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** The text in UTF-8. */
  text(value: string): void {
    this.#makeRoom(value.length * MAX_BYTES_PER_UNIT);
    this.#length += encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written;
  }

  /** Nothing when `count` is not positive. */
  fill(value: number, count: number): void {
    if (count <= 0) return;
    this.#makeRoom(count);
    this.#bytes.fill(value, this.#length, this.#length + count);
    this.#length += count;
  }

  /** Forgets what was written after `length` was read. */
  rewind(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** What was written, for the caller to keep; starts anew. */
  take(): Uint8Array {
    const length = this.#length;
    this.#length = 0;
    if (this.#bytes.length <= KEPT_BYTES) return this.#bytes.slice(0, length);
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = new Uint8Array(1024);
    return taken;
  }

  #makeRoom(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
