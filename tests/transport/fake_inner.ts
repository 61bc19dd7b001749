/**
 * A transport that a test feeds, for what wraps it; and the frames of a WebSocket client.
 *
 * Owns nothing but bytes in memory. Invariant: nothing is read that was not fed.
 */

import type { Peer, Transport } from "../../src/transport/transport.ts";
import { FakeSink } from "../net/fake_sink.ts";

/** Whom `FakeInner` comes from. */
export const PEER: Peer = {
  remoteAddress: "192.0.2.1:5000",
  address: "192.0.2.1",
  certificate: undefined,
  isEncrypted: false,
};

export class FakeInner implements Transport {
  readonly remoteAddress: string = PEER.remoteAddress;
  readonly sink = new FakeSink();
  isWriteClosed = false;
  closeCount = 0;
  #fed: Uint8Array[] = [];
  #hasEnded = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /** Each call is what one read gives, if it has room for it. */
  feed(...chunks: (Uint8Array | string)[]): this {
    this.#fed.push(...chunks.map((chunk) => typeof chunk === "string" ? latin1(chunk) : chunk));
    this.#wake();
    return this;
  }

  end(): this {
    this.#hasEnded = true;
    this.#wake();
    return this;
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#fed.length === 0 && !this.#hasEnded && this.#failure === undefined) {
      await new Promise<void>((wake) => this.#wake = wake);
    }
    const [first] = this.#fed;
    if (first === undefined) {
      if (this.#failure !== undefined) throw this.#failure;
      return null;
    }
    const count = Math.min(first.length, buffer.length);
    buffer.set(first.subarray(0, count));
    if (count === first.length) this.#fed.shift();
    else this.#fed[0] = first.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.sink.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.isWriteClosed = true;
    return Promise.resolve();
  }

  close(): void {
    this.closeCount++;
    this.fail(new Error("closed"));
  }
}

/** Two transports that are the two ends of one connection. */
export function transportPair(): [FakeInner, FakeInner] {
  const [left, right] = [new FakeInner(), new FakeInner()];
  const join = (from: FakeInner, to: FakeInner) => {
    from.write = (bytes) => {
      to.feed(bytes.slice());
      return Promise.resolve(bytes.length);
    };
    from.closeWrite = () => {
      to.end();
      return Promise.resolve();
    };
  };
  join(left, right);
  join(right, left);
  return [left, right];
}

export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export interface FrameOptions {
  readonly opcode?: number;
  readonly isLast?: boolean;
  readonly mask?: readonly [number, number, number, number];
}

/** A frame as a client sends it, masked. */
export function clientFrame(
  payload: Uint8Array | string,
  { opcode = 2, isLast = true, mask = [0x37, 0xfa, 0x21, 0x3d] }: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const body = typeof payload === "string" ? latin1(payload) : payload;
  const { length } = body;
  const size = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => length >>> bits & 255)];
  size[0] = (size[0] as number) | 0x80;
  const masked = body.map((byte, index) => byte ^ (mask[index % 4] as number));
  return concat(Uint8Array.of((isLast ? 0x80 : 0) | opcode, ...size, ...mask), masked);
}

/** Reads until the end; with the message of the error that ended it, if one did. */
export async function readAll(
  transport: Pick<Transport, "read">,
  bufferBytes = 65_536,
): Promise<{ bytes: Uint8Array; error: string | undefined }> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(bufferBytes);
  try {
    for (;;) {
      const count = await transport.read(buffer);
      if (count === null) return { bytes: concat(...parts), error: undefined };
      parts.push(buffer.slice(0, count));
    }
  } catch (error) {
    return { bytes: concat(...parts), error: (error as Error).message };
  }
}
