import assert from "node:assert/strict";
import { Outbox } from "../../src/load/outbox.ts";

/** Takes a few bytes at a time, when it is let. */
class SlowWire {
  readonly written: number[] = [];
  readonly #waiting: (() => void)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const taken = bytes.slice(0, 2);
    this.written.push(...taken);
    return taken.length;
  }

  /** Lets writes go on until nobody waits any more. */
  async flush(): Promise<void> {
    for (let idle = 0; idle < 10; idle++) {
      await Promise.resolve();
      const next = this.#waiting.shift();
      if (next === undefined) continue;
      next();
      idle = 0;
    }
  }
}

Deno.test("small packets go before the batch that is written after them, whole", async () => {
  const wire = new SlowWire();
  const outbox = new Outbox(wire);
  for (const byte of [1, 2, 3]) outbox.small.byte(byte);
  const written = outbox.write(Uint8Array.of(10, 11, 12));
  await wire.flush();
  await written;
  assert.deepEqual(wire.written, [1, 2, 3, 10, 11, 12]);
});

Deno.test("what comes during a write follows it and is torn apart by nothing", async () => {
  const wire = new SlowWire();
  const outbox = new Outbox(wire);
  const first = outbox.write(Uint8Array.of(10, 11, 12));
  for (const byte of [1, 2, 3]) outbox.small.byte(byte);
  outbox.flush();
  const second = outbox.write(Uint8Array.of(20, 21, 22));
  await wire.flush();
  await Promise.all([first, second]);
  assert.deepEqual(wire.written, [10, 11, 12, 1, 2, 3, 20, 21, 22]);
});

Deno.test("flush() sends the small packets alone", async () => {
  const wire = new SlowWire();
  const outbox = new Outbox(wire);
  outbox.flush();
  for (const byte of [1, 2, 3]) outbox.small.byte(byte);
  outbox.flush();
  await wire.flush();
  assert.deepEqual(wire.written, [1, 2, 3]);
});

Deno.test("a write to a connection that is gone rejects, and so does the next", async () => {
  const outbox = new Outbox({ write: () => Promise.reject(new Error("gone")) });
  outbox.small.byte(1);
  outbox.flush();
  await assert.rejects(outbox.write(Uint8Array.of(1)), /gone/);
  await assert.rejects(outbox.write(Uint8Array.of(1)), /gone/);
});
