/**
 * The frames that a WebSocket client sends: as those of a server, but masked (RFC 6455 section 5.3).
 *
 * Owns the keys: random ones, a new one for each frame.
 */

import {
  type FrameMaker,
  Opcode,
  serverHeaderLength,
  type StatusCode,
  writeBinaryHeader,
} from "../transport/websocket_frame.ts";

const MASKED = 0x80;
const KEY_BYTES = 4;

/** Keys are fetched this many bytes at a time. */
const KEY_STORE_BYTES = 1024;

export class ClientFrames implements FrameMaker {
  readonly isMasked = true;
  readonly #fill: (keys: Uint8Array<ArrayBuffer>) => void;
  readonly #keys = new Uint8Array(KEY_STORE_BYTES);
  #nextKey = KEY_STORE_BYTES;

  /** `fill`: makes all bytes random. */
  constructor(
    fill: (keys: Uint8Array<ArrayBuffer>) => void = (keys) => crypto.getRandomValues(keys),
  ) {
    this.#fill = fill;
  }

  headerLength(length: number): number {
    return serverHeaderLength(length) + KEY_BYTES;
  }

  writeHeader(target: Uint8Array, length: number): void {
    writeBinaryHeader(target, length);
    target[1] = (target[1] as number) | MASKED;
    if (this.#nextKey === KEY_STORE_BYTES) {
      this.#fill(this.#keys);
      this.#nextKey = 0;
    }
    const at = serverHeaderLength(length);
    for (let index = 0; index < KEY_BYTES; index++) {
      target[at + index] = this.#keys[this.#nextKey++] as number;
    }
  }

  mask(target: Uint8Array, length: number): void {
    const start = this.headerLength(length);
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    const key = view.getInt32(start - KEY_BYTES, true);
    const words = start + (length & ~3);
    let at = start;
    for (; at < words; at += 4) view.setInt32(at, view.getInt32(at, true) ^ key, true);
    for (; at < start + length; at++) {
      target[at] = (target[at] as number) ^ key >>> ((at - start & 3) * 8) & 0xff;
    }
  }

  pong(payload: Uint8Array): Uint8Array {
    return this.#control(Opcode.Pong, payload);
  }

  close(status: StatusCode): Uint8Array {
    return this.#control(Opcode.Close, Uint8Array.of(status >> 8, status & 0xff));
  }

  #control(opcode: number, payload: Uint8Array): Uint8Array {
    const { length } = payload;
    const frame = new Uint8Array(this.headerLength(length) + length);
    this.writeHeader(frame, length);
    frame[0] = 0x80 | opcode;
    frame.set(payload, this.headerLength(length));
    this.mask(frame, length);
    return frame;
  }
}
