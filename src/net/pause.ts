/**
 * A stretch of time in which a connection handles no input.
 *
 * Owns the timer, if it ends by itself. Invariant: whoever waits for its end goes on, however it
 * ends.
 */

export class Pause {
  #promise: Promise<void> | undefined;
  #resolve: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  get isOn(): boolean {
    return this.#promise !== undefined;
  }

  /** Begins; ends by itself after so many milliseconds, if they are given. */
  begin(milliseconds?: number): void {
    this.end();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#promise = promise;
    this.#resolve = resolve;
    if (milliseconds !== undefined) this.#timer = setTimeout(() => this.end(), milliseconds);
  }

  /** Resolves at the end, at once when it is not on. */
  over(): Promise<void> {
    return this.#promise ?? Promise.resolve();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#promise = undefined;
    this.#resolve();
  }
}
