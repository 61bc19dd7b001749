import assert from "node:assert/strict";
import { BlockOutput } from "../../../src/cli/client/block_output.ts";
import { asBytes, asText } from "../../support/packet_text.ts";
import { settled } from "../../net/fake_sink.ts";

/** Takes what is written when the test says so. */
class Reader {
  readonly blocks: string[] = [];
  readonly events: string[] = [];
  #taken: PromiseWithResolvers<void> | undefined;
  readonly output = new BlockOutput((bytes) => {
    this.blocks.push(asText(bytes));
    this.#taken = Promise.withResolvers();
    return this.#taken.promise;
  }, {
    full: () => void this.events.push("full"),
    drained: () => void this.events.push("drained"),
    failed: (error) => void this.events.push(`failed: ${(error as Error).message}`),
  });

  async take(): Promise<void> {
    this.#taken?.resolve();
    await settled();
  }

  async fail(): Promise<void> {
    this.#taken?.reject(new Error("gone"));
    await settled();
  }
}

Deno.test("what is pushed in one turn is written at once, and what follows in the next block", async () => {
  const reader = new Reader();
  reader.output.push(asBytes("a"));
  reader.output.push(asBytes("b"));
  assert.deepEqual(reader.blocks, []);
  await settled();
  reader.output.push(asBytes("c"));
  reader.output.push(asBytes("d"));
  assert.deepEqual(reader.blocks, ["ab"]);
  await reader.take();
  assert.deepEqual(reader.blocks, ["ab", "cd"]);
  await reader.take();
  reader.output.push(asBytes("e"));
  await settled();
  assert.deepEqual(reader.blocks, ["ab", "cd", "e"]);
});

Deno.test("bytes are copied: whoever pushed them may change them", async () => {
  const reader = new Reader();
  const bytes = asBytes("one");
  reader.output.push(bytes);
  bytes.fill(0x78);
  await settled();
  assert.deepEqual(reader.blocks, ["one"]);
});

Deno.test("flush() waits for everything that was pushed", async () => {
  const reader = new Reader();
  reader.output.push(asBytes("a"));
  let isFlushed = false;
  const flushed = reader.output.flush().then(() => isFlushed = true);
  await settled();
  reader.output.push(asBytes("b"));
  await reader.take();
  assert.equal(isFlushed, false);
  await reader.take();
  await flushed;
  assert.deepEqual(reader.blocks, ["a", "b"]);
  await reader.output.flush();
});

Deno.test("a reader that is slow makes the writer pause, once, until half of it is gone", async () => {
  const reader = new Reader();
  const block = "x".repeat(700_000);
  reader.output.push(asBytes(block));
  await settled();
  reader.output.push(asBytes(block));
  assert.deepEqual([reader.events, reader.output.isFull], [[], false]);
  reader.output.push(asBytes(block));
  reader.output.push(asBytes(block));
  assert.deepEqual([reader.events, reader.output.isFull], [["full"], true]);
  await reader.take();
  assert.deepEqual(reader.events, ["full"]);
  await reader.take();
  assert.deepEqual([reader.events, reader.output.isFull], [["full", "drained"], false]);
  assert.deepEqual(reader.blocks.map(({ length }) => length), [700_000, 2_100_000]);
});

Deno.test("when writing fails that is told once, and nothing more is written", async () => {
  const reader = new Reader();
  reader.output.push(asBytes("a"));
  await settled();
  reader.output.push(asBytes("b"));
  await reader.fail();
  reader.output.push(asBytes("c"));
  await reader.output.flush();
  assert.deepEqual([reader.blocks, reader.events], [["a"], ["failed: gone"]]);
});
