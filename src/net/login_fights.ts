/**
 * Clients that take one Client Identifier from each other again and again.
 *
 * Owns the memory of take-overs, bounded, and how long the next one has to wait. One take-over is
 * ordinary (a client whose network was away comes back); a series is two clients with one Client
 * Identifier, which would go on for ever. The clock is passed in.
 */

/** A series that goes on, to be told once. */
export interface Fight {
  readonly clientIdentifier: string;
  readonly addresses: readonly [string, string];
}

interface Series {
  takeOvers: number;
  /** Of these, between different hosts. */
  betweenHosts: number;
  lastMs: number;
  isTold: boolean;
}

/** Take-overs that make a fight: between hosts, and by whomever. */
const BETWEEN_HOSTS = 3;
const IN_ALL = 6;
/** A series is over when nothing was taken over for so long. */
const QUIET_MS = 30_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;
const MAXIMUM_SERIES = 1000;

export class ClientFights {
  readonly #maximumSeries: number;
  /** The one that was added to last comes last. */
  readonly #series = new Map<string, Series>();

  constructor(maximumSeries = MAXIMUM_SERIES) {
    this.#maximumSeries = maximumSeries;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  /** Milliseconds that the next to take over this Client Identifier waits for its CONNACK. */
  delayMs(clientIdentifier: string, nowMs: number): number {
    const series = this.#series.get(clientIdentifier);
    if (series === undefined || nowMs - series.lastMs >= QUIET_MS) return 0;
    const over = Math.max(series.betweenHosts - BETWEEN_HOSTS, series.takeOvers - IN_ALL);
    return over < 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(over, 10));
  }

  /**
   * Says that the client at `newAddress` took over from the one at `oldAddress` ("HOST:PORT").
   * Returns the fight when this makes it one.
   */
  tookOver(
    clientIdentifier: string,
    oldAddress: string,
    newAddress: string,
    nowMs: number,
  ): Fight | undefined {
    const series = this.#seriesOf(clientIdentifier, nowMs);
    series.takeOvers++;
    if (hostOf(oldAddress) !== hostOf(newAddress)) series.betweenHosts++;
    series.lastMs = nowMs;
    const isFight = series.betweenHosts >= BETWEEN_HOSTS || series.takeOvers >= IN_ALL;
    if (!isFight || series.isTold) return undefined;
    series.isTold = true;
    return { clientIdentifier, addresses: [oldAddress, newAddress] };
  }

  #seriesOf(clientIdentifier: string, nowMs: number): Series {
    const known = this.#series.get(clientIdentifier);
    this.#series.delete(clientIdentifier);
    const series = known !== undefined && nowMs - known.lastMs < QUIET_MS
      ? known
      : { takeOvers: 0, betweenHosts: 0, lastMs: nowMs, isTold: false };
    if (this.#series.size >= this.#maximumSeries) {
      for (const oldest of this.#series.keys()) {
        this.#series.delete(oldest);
        break;
      }
    }
    this.#series.set(clientIdentifier, series);
    return series;
  }

  /** Forgets the series that are over. Called about once a second. */
  tick(nowMs: number): void {
    for (const [clientIdentifier, { lastMs }] of this.#series) {
      if (nowMs - lastMs < QUIET_MS) break;
      this.#series.delete(clientIdentifier);
    }
  }
}

/** Without the port. */
export function hostOf(remoteAddress: string): string {
  return remoteAddress.replace(/:\d+$/, "");
}
