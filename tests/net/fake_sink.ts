/**
 * Where output goes in tests: takes what it is allowed to take, when the test says so.
 *
 * Owns the writes that wait. Without `hold()` every write is taken at once, in whole or in parts of
 * `partBytes`.
 */

export class FakeSink {
  /** Copies of the bytes taken so far, one for each write. */
  readonly writes: Uint8Array[] = [];
  /** Bytes that one write takes at most. */
  partBytes = Infinity;
  #held = false;
  #waiting: { bytes: Uint8Array; resolve: (count: number) => void; reject: (e: Error) => void }[] =
    [];

  /** From now on writes wait for `take` or `fail`. */
  hold(): void {
    this.#held = true;
  }

  /** Writes that wait. More than one means that they would interleave. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (!this.#held) return Promise.resolve(this.#accept(bytes));
    return new Promise((resolve, reject) => this.#waiting.push({ bytes, resolve, reject }));
  }

  /** Takes the oldest write that waits, and lets its writer go on. */
  async take(): Promise<void> {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) throw new Error("Cannot take a write: none waits");
    waiting.resolve(this.#accept(waiting.bytes));
    await settled();
  }

  async fail(error: Error): Promise<void> {
    this.#waiting.shift()?.reject(error);
    await settled();
  }

  /** Takes all that waits and all that is written from now on. */
  async release(): Promise<void> {
    this.#held = false;
    while (this.#waiting.length > 0) await this.take();
  }

  #accept(bytes: Uint8Array): number {
    const taken = bytes.slice(0, Math.min(bytes.length, this.partBytes));
    this.writes.push(taken);
    return taken.length;
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.writes.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const write of this.writes) {
      all.set(write, at);
      at += write.length;
    }
    return all;
  }
}

/** Resolves when all that follows from promises that are settled has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
