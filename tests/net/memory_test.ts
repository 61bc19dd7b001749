/**
 * When memory is collected: after a burst, in a quiet moment, and not too often.
 */

import assert from "node:assert/strict";
import { MemoryKeeper } from "../../src/net/memory.ts";

const MEBIBYTE = 1024 * 1024;
const SECOND_MS = 1000;

/** A process whose memory and traffic the test decides on, looked at every second. */
class Process {
  residentBytes = 50 * MEBIBYTE;
  /** What a collection brings it down to. */
  neededBytes = 50 * MEBIBYTE;
  collections = 0;
  /** How often the free buffers were given up. */
  releases = 0;
  #nowMs = 0;
  #received = 0;
  readonly #keeper: MemoryKeeper;

  constructor() {
    const collect = () => {
      this.collections++;
      this.residentBytes = this.neededBytes;
    };
    this.#keeper = new MemoryKeeper(collect, () => this.residentBytes, () => this.releases++);
  }

  /** Time goes on with so many bytes received each second. Returns the collections in it. */
  run(seconds: number, receivedBytes: number): number {
    const before = this.collections;
    for (let second = 0; second < seconds; second++) {
      this.#nowMs += SECOND_MS;
      this.#received += receivedBytes;
      this.#keeper.tick(this.#nowMs, this.#received);
    }
    return this.collections - before;
  }
}

Deno.test("MemoryKeeper collects after a burst, once it is quiet", () => {
  const process = new Process();
  assert.equal(process.run(100, 1000), 0);
  process.residentBytes += 100 * MEBIBYTE;
  assert.equal(process.run(30, MEBIBYTE), 0, "not while much comes in");
  assert(process.run(30, 1000) > 0);
  assert.equal(process.residentBytes, 50 * MEBIBYTE);
  assert.equal(process.releases, process.collections);
  assert.equal(process.run(1000, 1000), 0, "there is nothing more to collect");
});

Deno.test("MemoryKeeper makes no pause for a little growth", () => {
  const process = new Process();
  process.run(10, 0);
  process.residentBytes += MEBIBYTE;
  assert.equal(process.run(1000, 0), 0);
});

Deno.test("MemoryKeeper takes what is needed for what it is", () => {
  const process = new Process();
  process.run(10, 0);
  process.neededBytes = process.residentBytes = 200 * MEBIBYTE;
  assert(process.run(100, 0) > 0);
  assert.equal(process.run(1000, 0), 0);
});

Deno.test("MemoryKeeper pauses seldom though memory grows again and again", () => {
  const process = new Process();
  for (let minute = 0; minute < 10; minute++) {
    process.residentBytes += 100 * MEBIBYTE;
    process.run(60, 1000);
  }
  assert(process.collections >= 8 && process.collections <= 22, `${process.collections}`);
});

Deno.test("MemoryKeeper does nothing where V8 offers no collection", () => {
  const keeper = new MemoryKeeper(undefined, () => assert.fail("Memory was measured"), () => {});
  for (let second = 0; second < 100; second++) keeper.tick(second * SECOND_MS, 0);
});
