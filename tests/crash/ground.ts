/**
 * What everybody who takes part in the crash test stands on: the broker's address of the moment,
 * the count of packets that came from it, and the watchdog.
 *
 * Owns no client and no broker. Invariant: nobody waits for ever; whoever waits ends with the first
 * error that anybody met.
 */

import type { Address } from "../support/packet_channel.ts";

/** Milliseconds in which anything that is waited for has to happen. */
const WATCHDOG_MS = 60_000;

/** The connection is gone, as it is for everybody when the broker is killed. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

interface Waiter {
  readonly count: number;
  readonly resolve: () => void;
}

export class Ground {
  /** Where the broker listens since its last start. */
  address: Address = { hostname: "127.0.0.1", port: 0 };
  /** From the signal on: connections may end, and nobody opens another one. */
  isKilled = false;
  /** No more work is started; what was begun may be finished. */
  isOver = false;
  #packets = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #failure = Promise.withResolvers<never>();
  #hasFailed = false;

  constructor() {
    this.#failure.promise.catch(() => {
      // Whoever waits is told; without anybody who waits, the next one is.
    });
  }

  /** Packets that came from the broker, to all clients, since the first start. */
  get packets(): number {
    return this.#packets;
  }

  countPacket(): void {
    this.#packets++;
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) {
      if (this.#packets >= waiter.count) this.#release(waiter);
    }
  }

  /** Resolves when another `count` packets have come, or when the round is over. */
  async packetsMore(count: number): Promise<void> {
    if (this.isOver || this.isKilled) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add({ count: this.#packets + count, resolve });
    await promise;
  }

  /** Nobody starts anything any more. */
  end(): void {
    this.isOver = true;
    for (const waiter of this.#waiters) this.#release(waiter);
  }

  /** The broker gets SIGKILL. */
  kill(): void {
    this.isKilled = true;
    this.end();
  }

  /** The broker is there again, at `address`. */
  begin(address: Address): void {
    this.address = address;
    this.isKilled = this.isOver = false;
  }

  /** Somebody met an error that is none of the broker's end; the first one counts. */
  fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failure.reject(error);
    this.end();
  }

  /** What `promise` gives; an Error when somebody fails meanwhile, or when it takes too long. */
  async within<Value>(promise: Promise<Value>, what: () => string): Promise<Value> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`${what()}: not within ${WATCHDOG_MS / 1000} seconds`)),
      WATCHDOG_MS,
    );
    try {
      return await Promise.race([promise, this.#failure.promise, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  #release(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    waiter.resolve();
  }
}
