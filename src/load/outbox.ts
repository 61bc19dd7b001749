/**
 * What a connection has to write: small packets that are collected, and batches.
 *
 * Owns the order: one write at a time. Invariant: packets are never torn apart, and a batch is written
 * when `write` resolves. What fails is remembered and told to whoever writes next.
 */

import { Writer } from "../protocol/writer.ts";
import { type Transport, writeAll } from "../transport/transport.ts";

export class Outbox {
  readonly #transport: Pick<Transport, "write">;
  /** Packets for which the next write is not waited for. */
  #small = new Writer(64);
  #spare = new Writer(64);
  #turn: Promise<void> | undefined;

  constructor(transport: Pick<Transport, "write">) {
    this.#transport = transport;
  }

  /** Where small packets are appended to; `flush` sends them, or the next `write` does. */
  get small(): Writer {
    return this.#small;
  }

  /** Writes the small packets and then `batch`. Rejects when the connection is gone. */
  async write(batch?: Uint8Array): Promise<void> {
    while (this.#turn !== undefined) await this.#turn;
    const turn = this.#writeNow(batch);
    // Whoever waits for its turn finds out by writing.
    this.#turn = turn.catch(() => {});
    try {
      await turn;
    } finally {
      this.#turn = undefined;
    }
  }

  /** Sends the small packets soon. That it fails is seen by whoever reads from the connection. */
  flush(): void {
    if (this.#turn === undefined && this.#small.length > 0) this.write().catch(() => {});
  }

  async #writeNow(batch: Uint8Array | undefined): Promise<void> {
    while (this.#small.length > 0) {
      const taken = this.#small;
      this.#small = this.#spare;
      this.#spare = taken;
      await writeAll(this.#transport, taken.written());
      taken.length = 0;
    }
    if (batch !== undefined) await writeAll(this.#transport, batch);
    if (this.#small.length > 0) await this.#writeNow(undefined);
  }
}
