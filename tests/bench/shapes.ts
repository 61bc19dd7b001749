/**
 * The loads that the broker is measured under, and what it may cost at most.
 *
 * Owns the rows of the benchmark's tables. A limit of a load is the broker's CPU time for each
 * message divided by Mosquitto's under the same load; limits of memory are in MB or KB as named.
 */

/** One load of tests/bench/mqttload.c. */
export interface Shape {
  /** What `--shapes` calls it. */
  name: string;
  /** Arguments of the load generator that make the shape. */
  args: string[];
  /** Ratio to Mosquitto: at most, and what to aim for. */
  limit: number;
  aim: number;
  /** Whether a message that does not arrive breaks the limit. */
  mustBeComplete: boolean;
  /** Seconds that the load has to last for its figures to be steady. */
  atLeastSecs?: number;
  /** Whether p50 and p99 of the latency may be no worse than Mosquitto's. */
  comparesLatency?: boolean;
}

function shape(
  name: string,
  args: string,
  limit: number,
  aim: number,
  more: Partial<Shape> = {},
): Shape {
  return { name, args: args.split(" "), limit, aim, mustBeComplete: true, ...more };
}

export const SHAPES: readonly Shape[] = [
  shape("one", "--pubs 1 --subs 1", 0.06, 0.03),
  shape("ten", "--pubs 10 --subs 10", 0.03, 0.015),
  shape("hundred", "--pubs 1 --subs 100", 0.02, 0.01),
  shape("pairs", "--shape pair --pubs 50 --subs 50", 0.06, 0.03),
  shape("topics", "--shape pair --pubs 10 --subs 10 --topics 100000", 0.25, 0.1),
  shape("wild", "--pubs 10 --subs 10 --wild 100", 0.03, 0.015, { mustBeComplete: false }),
  shape("qos1", "--pubs 10 --subs 10 --qos 1", 0.1, 0.06),
  shape("qos2", "--pubs 1 --subs 1 --qos 2", 0.25, 0.12),
  // 10 ms is the grain of the CPU time that the system reports; a slow load needs more of it.
  shape("rate", "--pubs 1 --subs 1 --rate 2000", 1.1, 0.9, {
    mustBeComplete: false,
    atLeastSecs: 8,
    comparesLatency: true,
  }),
];

/** Limits of memory, in units of 1,024 bytes (KB) and 1,048,576 bytes (MB), as the system counts. */
export const MEMORY_LIMITS = {
  startMb: 60,
  idleConnections: 10_000,
  idleKbPerConnection: 10,
  idleKbPerConnectionAim: 8,
  afterLoadMb: 20,
  retainedMessages: 100_000,
  retainedBytes: 100,
  retainedMb: 120,
} as const;
