/**
 * What all threads of a load count, in memory that they share: for the display, and to know when
 * everything has arrived.
 *
 * Owns the places. Invariant: each thread writes to its own row only, so nothing needs a lock.
 */

/** What is counted, of the current phase unless it says otherwise. */
export const Counter = {
  /** Messages handed to the connection. */
  Sent: 0,
  /** Messages that have arrived at a subscriber; what came twice counts once. */
  Received: 1,
  /** Messages at QoS 1 and 2 whose last acknowledgement has come. */
  Completed: 2,
  /** Messages at QoS 1 and 2 that the broker has refused. */
  Refused: 3,
  /** Clients that are connected, of all the load. */
  Connected: 4,
  /** Connections that the broker or the network has ended, of all the load. */
  Ended: 5,
} as const;
export type Counter = typeof Counter[keyof typeof Counter];

/** A row fills two cache lines, so that threads do not slow each other. */
const ROW = 16;
const OF_A_PHASE: readonly Counter[] = [
  Counter.Sent,
  Counter.Received,
  Counter.Completed,
  Counter.Refused,
];

export class Counters {
  /** Goes to the other threads. */
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Float64Array;
  readonly #row: number;

  /** `thread`: whose row `add` writes to. */
  constructor(buffer: SharedArrayBuffer, thread: number) {
    this.buffer = buffer;
    this.#cells = new Float64Array(buffer);
    this.#row = thread * ROW;
  }

  static create(threads: number): Counters {
    return new Counters(new SharedArrayBuffer(threads * ROW * Float64Array.BYTES_PER_ELEMENT), 0);
  }

  /** Sets what is counted for each phase to 0, in the own row. */
  begin(): void {
    for (const counter of OF_A_PHASE) this.#cells[this.#row + counter] = 0;
  }

  add(counter: Counter, count: number): void {
    const at = this.#row + counter;
    this.#cells[at] = (this.#cells[at] as number) + count;
  }

  /** The sum of all threads. */
  total(counter: Counter): number {
    let sum = 0;
    for (let at = counter; at < this.#cells.length; at += ROW) sum += this.#cells[at] as number;
    return sum;
  }
}
