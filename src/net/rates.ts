/**
 * How many messages and bytes came and went in the last minute.
 *
 * Owns a sample of four counters for each of the last 60 seconds: exact, unlike an average that fades,
 * and of a fixed size. The clock is passed in.
 */

/** The counters that samples are taken of; they never go back. */
export interface Counters {
  readonly messagesReceived: number;
  readonly messagesSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** A second, over the last `seconds`. */
export interface Rates extends Counters {
  readonly seconds: number;
}

/** One more than the seconds, since what lies between two samples is looked at. */
const SAMPLES = 61;
/** Time and four counters. */
const FIELDS = 5;

export class RateWindow {
  readonly #samples = new Float64Array(SAMPLES * FIELDS);
  #count = 0;
  #next = 0;

  /** Called about once a second. */
  note(nowMs: number, counters: Counters): void {
    const { messagesReceived, messagesSent, bytesReceived, bytesSent } = counters;
    this.#samples.set(
      [nowMs, messagesReceived, messagesSent, bytesReceived, bytesSent],
      this.#next * FIELDS,
    );
    this.#next = (this.#next + 1) % SAMPLES;
    this.#count = Math.min(this.#count + 1, SAMPLES);
  }

  /** From the oldest sample to now; all 0 before the first one. */
  rates(nowMs: number, counters: Counters): Rates {
    const oldest = (this.#next + SAMPLES - this.#count) % SAMPLES * FIELDS;
    const at = (field: number) => this.#samples[oldest + field] as number;
    const seconds = this.#count === 0 ? 0 : (nowMs - at(0)) / 1000;
    const perSecond = (now: number, field: number) =>
      seconds <= 0 ? 0 : (now - at(field)) / Math.max(seconds, 1);
    return {
      seconds: Math.max(0, Math.round(seconds)),
      messagesReceived: perSecond(counters.messagesReceived, 1),
      messagesSent: perSecond(counters.messagesSent, 2),
      bytesReceived: perSecond(counters.bytesReceived, 3),
      bytesSent: perSecond(counters.bytesSent, 4),
    };
  }
}
