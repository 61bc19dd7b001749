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
  connections = 0;
  /** How long a collection takes. */
  pauseMs = 10;
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
      this.#nowMs += this.pauseMs;
    };
    this.#keeper = new MemoryKeeper(collect, {
      nowMs: () => this.#nowMs,
      residentBytes: () => this.residentBytes,
      bytesReceived: () => this.#received,
      connections: () => this.connections,
      release: () => this.releases++,
    });
  }

  /** Time goes on with so many bytes received each second. Returns the collections in it. */
  run(seconds: number, receivedBytes: number): number {
    const before = this.collections;
    for (let second = 0; second < seconds; second++) {
      this.#nowMs += SECOND_MS;
      this.#received += receivedBytes;
      this.#keeper.tick();
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

Deno.test("MemoryKeeper collects when clients leave whose memory it had taken for needed", () => {
  const process = new Process();
  process.connections = 1000;
  process.neededBytes = process.residentBytes = 200 * MEBIBYTE;
  assert(process.run(100, 0) > 0);
  process.neededBytes = 60 * MEBIBYTE;
  process.connections = 600;
  assert.equal(process.run(100, 0), 0, "most clients are still there");
  process.connections = 10;
  assert(process.run(100, 0) > 0);
  assert.equal(process.residentBytes, 60 * MEBIBYTE);
  assert.equal(process.run(1000, 0), 0);
});

Deno.test("MemoryKeeper pauses seldom though memory grows again and again", () => {
  const process = new Process();
  process.pauseMs = 60;
  for (let minute = 0; minute < 10; minute++) {
    process.residentBytes += 100 * MEBIBYTE;
    process.run(60, 1000);
  }
  assert(process.collections >= 8 && process.collections <= 22, `${process.collections}`);
});

Deno.test("MemoryKeeper does nothing where V8 offers no collection", () => {
  const fail = () => assert.fail("The process was looked at");
  const use = { nowMs: fail, residentBytes: fail, bytesReceived: fail, connections: fail };
  const keeper = new MemoryKeeper(undefined, { ...use, release: fail });
  for (let second = 0; second < 100; second++) keeper.tick();
});

Deno.test("MemoryKeeper does not collect while a load begins, and does when it has found its rate", () => {
  const process = new Process();
  process.run(10, 0);
  process.residentBytes += 100 * MEBIBYTE;
  assert.equal(process.run(1, 20_000), 0);
  assert.equal(process.run(1, 40_000), 0);
  assert(process.run(10, 40_000) > 0);
});
