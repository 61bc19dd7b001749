/**
 * What a load has shown, as values: what a program reads from `--json`, and what the tables are made of.
 *
 * Owns the arithmetic from counts and times to rates, shares and quantiles. Invariant: every message
 * that was sent and not refused is expected once by each subscriber of its topic, and is either
 * received or lost.
 */

import type { Histogram } from "./histogram.ts";

/** Microseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What was counted and measured in the phase that counts. */
export interface PhaseOutcome {
  readonly fanOut: number;
  /** Until the last message was sent, and until the last one had arrived. */
  readonly sendSeconds: number;
  readonly deliverySeconds: number;
  readonly sent: number;
  readonly received: number;
  readonly completed: number;
  readonly refused: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** Due by the schedule, not sent in time. */
  readonly unsent: number;
  readonly latency: Histogram;
  readonly lateness: Histogram;
  /** Connections that ended, and why the first of them did. */
  readonly ended: number;
  readonly endings: readonly string[];
}

export interface MessageFigures {
  readonly sendSeconds: number;
  readonly deliverySeconds: number;
  readonly sent: number;
  readonly sentPerSecond: number;
  /** At QoS 1 and 2: fully acknowledged, and refused with a Reason Code. */
  readonly completed: number;
  readonly refused: number;
  readonly unsent: number;
  /** Deliveries. */
  readonly expected: number;
  readonly received: number;
  readonly receivedPerSecond: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly latencyUs: Quantiles;
  readonly latenessUs: Quantiles;
  readonly ended: number;
  readonly endings: readonly string[];
}

export function quantilesOf(histogram: Histogram): Quantiles {
  return {
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: histogram.max,
  };
}

export function messageFigures(outcome: PhaseOutcome): MessageFigures {
  const { fanOut, latency, lateness, ...counted } = outcome;
  const expected = (counted.sent - counted.refused) * fanOut;
  return {
    ...counted,
    sentPerSecond: perSecond(counted.sent, counted.sendSeconds),
    expected,
    receivedPerSecond: perSecond(counted.received, counted.deliverySeconds),
    lost: Math.max(0, expected - counted.received),
    latencyUs: quantilesOf(latency),
    latenessUs: quantilesOf(lateness),
  };
}

export function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
