/**
 * How much may be under way at QoS 0 when a load is as fast as it can be.
 *
 * Owns the window. MQTT has no back-pressure from subscriber to publisher at QoS 0: without a window
 * the publishers would fill the broker's queues until it drops, and that would be measured. Invariant:
 * what is lost does not keep the window closed; after a while in which nothing comes it is forgiven.
 */

import { Counter, type Counters } from "./counters.ts";

/** Without a receipt for so long, what is under way counts as lost, for the window only. */
const FORGIVEN_AFTER_US = 250_000;

export interface WindowOptions {
  readonly counters: Counters;
  /** Deliveries for each message; 0: nothing comes back, so the window is always open. */
  readonly fanOut: number;
  /** Messages under way, of all threads together. */
  readonly messages: number;
}

export class FlowWindow {
  readonly #counters: Counters;
  readonly #fanOut: number;
  readonly #limit: number;
  #forgiven = 0;
  #received = 0;
  #changedUs = 0;
  #waiting: (() => void)[] = [];

  constructor({ counters, fanOut, messages }: WindowOptions) {
    this.#counters = counters;
    this.#fanOut = fanOut;
    this.#limit = messages * fanOut;
  }

  /** Forgets the phase before. */
  begin(): void {
    this.#forgiven = 0;
    this.#received = 0;
    this.#changedUs = Infinity;
  }

  get isOpen(): boolean {
    return this.#fanOut === 0 || this.#underWay() < this.#limit;
  }

  /** Resolves when there may be room again. */
  whenOpen(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** To be called when something has come, and from time to time. */
  check(now: number): void {
    if (this.#waiting.length === 0) return;
    const received = this.#counters.total(Counter.Received);
    if (received !== this.#received || this.#changedUs === Infinity) {
      this.#received = received;
      this.#changedUs = now;
    } else if (now - this.#changedUs > FORGIVEN_AFTER_US) {
      this.#forgiven += this.#underWay();
    }
    if (this.isOpen) this.openAll();
  }

  /** Lets all go on that wait, as when the phase is over. */
  openAll(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #underWay(): number {
    const sent = this.#counters.total(Counter.Sent);
    return sent * this.#fanOut - this.#counters.total(Counter.Received) - this.#forgiven;
  }
}
