/**
 * Gives memory back to the system after a burst.
 *
 * V8 collects when it needs room, not when there is time, and a broker that had a thousand clients
 * in the morning would keep their memory all day. So when little comes in and the process has
 * grown, a full collection is made: twice, because the buffers that the first one frees go back to
 * the system with the second. Needs the V8 flag `--expose-gc`; does nothing without it.
 */

import type { Collect } from "../collection.ts";

const MEBIBYTE = 1024 * 1024;
/** Growth since the last collection that makes one worth its pause (some 15 ms for a small heap). */
const GROWTH_BYTES = 8 * MEBIBYTE;
/** Bytes received in a second below which the broker counts as quiet. */
const QUIET_BYTES = 64 * 1024;
/** More than that above the second before: a load has begun, which the pause would hit. */
const RISING_BYTES = 4 * 1024;
/** Quiet seconds in a row before the first collection, and between the two. */
const QUIET_TICKS = 2;
/** Milliseconds between collections at the least, and as a multiple of the last one's pause. */
const INTERVAL_MS = 15_000;
const INTERVAL_PER_PAUSE = 1000;
/** Collections in a row. */
const PASSES = 2;

/** The process and the broker in it, as they are when asked. */
export interface MemoryUse {
  nowMs(): number;
  residentBytes(): number;
  /** Counted since the start. */
  bytesReceived(): number;
  connections(): number;
  /** Lets go of what is only kept for the next burst. */
  release(): void;
}

export class MemoryKeeper {
  readonly #collect: Collect | undefined;
  readonly #use: MemoryUse;
  readonly #startBytes: number;
  #lastReceived = 0;
  /** Bytes that came in the second before. */
  #lastCame = 0;
  #quietTicks = 0;
  #passesLeft = 0;
  /** Resident bytes and connections after the last collection, at first those of the start. */
  #floorBytes: number;
  #connections = 0;
  #nextAtMs = -Infinity;

  constructor(collect: Collect | undefined, use: MemoryUse) {
    this.#collect = collect;
    this.#use = use;
    this.#startBytes = this.#floorBytes = collect === undefined ? 0 : use.residentBytes();
  }

  /** Called about once a second. */
  tick(): void {
    if (this.#collect === undefined) return;
    const received = this.#use.bytesReceived();
    const came = received - this.#lastReceived;
    const isQuiet = came < Math.min(QUIET_BYTES, this.#lastCame + RISING_BYTES);
    this.#lastReceived = received;
    this.#lastCame = came;
    this.#quietTicks = isQuiet ? this.#quietTicks + 1 : 0;
    this.#connections = Math.max(this.#connections, this.#use.connections());
    if (this.#quietTicks < QUIET_TICKS) return;
    if (this.#passesLeft === 0) {
      if (!this.#isDue()) return;
      this.#passesLeft = PASSES;
    }
    this.#passesLeft--;
    this.#quietTicks = 0;
    this.#makePass(this.#collect);
  }

  /** There is something to gain: the process has grown, or half of its clients are gone. */
  #isDue(): boolean {
    const { nowMs, residentBytes, connections } = this.#use;
    if (nowMs() < this.#nextAtMs) return false;
    const bytes = residentBytes();
    return bytes >= this.#floorBytes + GROWTH_BYTES ||
      (bytes >= this.#startBytes + GROWTH_BYTES && connections() < this.#connections / 2);
  }

  #makePass(collect: Collect): void {
    const startMs = this.#use.nowMs();
    this.#use.release();
    collect();
    const endMs = this.#use.nowMs();
    this.#nextAtMs = endMs + Math.max(INTERVAL_MS, (endMs - startMs) * INTERVAL_PER_PAUSE);
    this.#floorBytes = this.#use.residentBytes();
    this.#connections = this.#use.connections();
  }
}
