/**
 * Gives the event loop its turn while something long is done in pieces.
 *
 * Owns the measure of "long", and the order: a broker forwards messages meanwhile, and no client is to
 * notice. Invariant: however many long things are done side by side, one of them has its turn in each
 * turn of the event loop.
 */

/** Milliseconds of work in a row. */
export const LONGEST_TURN_MS = 5;

/** Those that wait for their turn, of the whole process. */
const waiting: (() => void)[] = [];

function nextTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) scheduleTurn();
}

/** A timer, since Deno does all that `setImmediate` was asked for before it looks at its sockets. */
function scheduleTurn(): void {
  setTimeout(nextTurn, 0);
}

export class Turns {
  readonly #nowMs: () => number;
  /** Nothing was done yet: the first turn has to be waited for too. */
  #startedMs = -Infinity;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** To be asked after every piece: undefined, or what has to be awaited before the next one. */
  rest(): Promise<void> | undefined {
    return this.#nowMs() - this.#startedMs < LONGEST_TURN_MS ? undefined : this.over();
  }

  /** Resolves when all others have had their turn. */
  async over(): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) scheduleTurn();
    });
    this.#startedMs = this.#nowMs();
  }
}
