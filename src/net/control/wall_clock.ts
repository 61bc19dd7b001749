/**
 * From the broker's clock to the wall's, as both were when it was made.
 */

export class WallClock {
  readonly #offsetMs: number;

  /** Both are the time of now. */
  constructor(brokerMs: number, wallMs: number) {
    this.#offsetMs = wallMs - brokerMs;
  }

  /** ISO 8601 in UTC; null for what is never. */
  iso(brokerMs: number): string | null {
    return Number.isFinite(brokerMs) ? new Date(brokerMs + this.#offsetMs).toISOString() : null;
  }
}
