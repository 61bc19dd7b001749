/**
 * A keyboard whose keys a test has pressed before, with a note of how the terminal was left.
 *
 * Owns nothing that outlives a test.
 */

import type { Keyboard } from "../../src/cli/password_prompt.ts";

export class FakeKeyboard implements Keyboard {
  /** What was asked of the terminal. */
  readonly calls: string[] = [];
  /** Ends the process, as a signal would. */
  stop: (() => void) | undefined;
  readonly #isTerminal: boolean;
  readonly #reads: (string | Uint8Array | "waits")[];

  /** Each text is read at once; after the last the input ends, after "waits" it never does. */
  constructor(isTerminal: boolean, reads: readonly (string | Uint8Array)[]) {
    this.#isTerminal = isTerminal;
    this.#reads = [...reads];
  }

  isTerminal(): boolean {
    return this.#isTerminal;
  }

  setRaw(isRaw: boolean): void {
    this.calls.push(isRaw ? "raw" : "restored");
  }

  read(bytes: Uint8Array): Promise<number | null> {
    const next = this.#reads.shift();
    if (next === undefined) return Promise.resolve(null);
    if (next === "waits") {
      this.stop?.();
      return new Promise(() => {});
    }
    const given = typeof next === "string" ? new TextEncoder().encode(next) : next;
    bytes.set(given);
    return Promise.resolve(given.length);
  }

  onStop(stop: () => void): () => void {
    this.stop = stop;
    return () => void this.calls.push("released");
  }
}
