/**
 * Gives memory back to the system after a burst.
 *
 * V8 collects when it needs room, not when there is time, and a broker that had a thousand clients
 * in the morning would keep their memory all day. So when little comes in and the process has
 * grown, a full collection is made: twice, because the buffers that the first one frees go back to
 * the system with the second. Needs the V8 flag `--expose-gc`; does nothing without it.
 */

const MEBIBYTE = 1024 * 1024;
/** Growth since the last collection that makes one worth its pause (some 15 ms for a small heap). */
const GROWTH_BYTES = 8 * MEBIBYTE;
/** Bytes received in a second below which the broker counts as quiet. */
const QUIET_BYTES = 64 * 1024;
/** Quiet seconds in a row before the first collection, and between the two. */
const QUIET_TICKS = 2;
/** A broker that is never empty pays the pause at most this often. */
const INTERVAL_MS = 60_000;
/** Collections in a row. */
const PASSES = 2;

export type Collect = () => void;

/** What V8 offers under `--expose-gc`; undefined without that flag. */
export function exposedCollect(): Collect | undefined {
  const { gc } = globalThis as { gc?: (options: Record<string, string>) => void };
  if (gc === undefined) return undefined;
  return () => gc({ type: "major", execution: "sync", flavor: "last-resort" });
}

export class MemoryKeeper {
  readonly #collect: Collect | undefined;
  readonly #residentBytes: () => number;
  readonly #release: () => void;
  #lastReceived = 0;
  #quietTicks = 0;
  #passesLeft = 0;
  /** Resident bytes after the last collection; what the process may grow to unnoticed. */
  #floorBytes = Infinity;
  #collectedAtMs = -Infinity;

  /** `release` lets go of what is only kept for the next burst. */
  constructor(collect: Collect | undefined, residentBytes: () => number, release: () => void) {
    this.#collect = collect;
    this.#residentBytes = residentBytes;
    this.#release = release;
  }

  /** Called about once a second with the count of bytes received so far. */
  tick(nowMs: number, bytesReceived: number): void {
    if (this.#collect === undefined) return;
    const isQuiet = bytesReceived - this.#lastReceived < QUIET_BYTES;
    this.#lastReceived = bytesReceived;
    this.#quietTicks = isQuiet ? this.#quietTicks + 1 : 0;
    if (this.#quietTicks < QUIET_TICKS) return;
    if (this.#floorBytes === Infinity) this.#floorBytes = this.#residentBytes();
    if (this.#passesLeft === 0) {
      const isDue = nowMs - this.#collectedAtMs >= INTERVAL_MS &&
        this.#residentBytes() >= this.#floorBytes + GROWTH_BYTES;
      if (!isDue) return;
      this.#passesLeft = PASSES;
    }
    this.#passesLeft--;
    this.#quietTicks = 0;
    this.#release();
    this.#collect();
    this.#collectedAtMs = nowMs;
    this.#floorBytes = this.#residentBytes();
  }
}
