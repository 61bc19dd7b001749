/**
 * CPU time for each message: ours and Mosquitto's under the same load, one after the other.
 *
 * Owns the order of measurements: both brokers run side by side for one shape, take turns, and are
 * new for the next shape. The figure of a shape is the median of its runs.
 */

import type { BrokerKind } from "./brokers.ts";
import type { LoadGenerator, LoadResult } from "./load.ts";
import type { Shape } from "./shapes.ts";
import { figure, median } from "./table.ts";

/** The medians of one broker under one shape; `missing` is the worst run's. */
export interface Medians {
  cpuUs: number;
  p50Us: number;
  p99Us: number;
  outPerS: number;
  missing: number;
}

/** One shape's figures; `theirs` is undefined without Mosquitto. */
export interface ShapeResult {
  shape: Shape;
  ours: Medians;
  theirs: Medians | undefined;
}

/** How long and how often. */
export interface RunOptions {
  secs: number;
  runs: number;
}

export async function measureShape(
  generator: LoadGenerator,
  shape: Shape,
  ours: BrokerKind,
  theirs: BrokerKind | undefined,
  options: RunOptions,
): Promise<ShapeResult> {
  const secs = Math.max(options.secs, shape.atLeastSecs ?? 0);
  const args = [...shape.args, "--secs", String(secs), "--drain", "1"];
  await using stack = new AsyncDisposableStack();
  const ourBroker = stack.use(await ours.start());
  const theirBroker = theirs && stack.use(await theirs.start());
  const ourRuns: LoadResult[] = [];
  const theirRuns: LoadResult[] = [];
  for (let run = 0; run < options.runs; run++) {
    ourRuns.push(await generator.run(ourBroker, args));
    if (theirBroker) theirRuns.push(await generator.run(theirBroker, args));
  }
  return { shape, ours: medians(ourRuns), theirs: theirBroker && medians(theirRuns) };
}

function medians(runs: LoadResult[]): Medians {
  return {
    cpuUs: median(runs.map((run) => run.cpu_us_per_message)),
    p50Us: median(runs.map((run) => run.lat_us.p50)),
    p99Us: median(runs.map((run) => run.lat_us.p99)),
    outPerS: median(runs.map((run) => run.out_per_s)),
    missing: Math.max(...runs.map((run) => run.missing)),
  };
}

/** Ours divided by Mosquitto's; NaN without Mosquitto. */
export function ratio({ ours, theirs }: ShapeResult): number {
  return theirs === undefined ? NaN : ours.cpuUs / theirs.cpuUs;
}

/** "aim", "ok", or what is wrong. */
export function verdict(result: ShapeResult): string {
  const { shape, ours, theirs } = result;
  if (shape.mustBeComplete && ours.missing > 0) return "MISSING";
  if (theirs === undefined) return "-";
  const isSlower = ours.p50Us > theirs.p50Us || ours.p99Us > theirs.p99Us;
  if (shape.comparesLatency && isSlower) return "LATENCY";
  if (ratio(result) > shape.limit) return "CPU";
  return ratio(result) <= shape.aim ? "aim" : "ok";
}

export const CPU_HEAD = [
  "shape",
  "ours us",
  "Mosquitto us",
  "ratio",
  "at most",
  "aim for",
  "result",
  "missing",
  "ours out/s",
];

export function cpuRow(result: ShapeResult): string[] {
  const { shape, ours, theirs } = result;
  return [
    shape.args.join(" "),
    figure(ours.cpuUs),
    figure(theirs?.cpuUs),
    figure(ratio(result)),
    String(shape.limit),
    String(shape.aim),
    verdict(result),
    String(ours.missing),
    Math.round(ours.outPerS).toLocaleString("en"),
  ];
}

export const LATENCY_HEAD = ["latency", "ours p50 us", "Mosquitto p50 us", "ours p99", "p99"];

export function latencyRow({ shape, ours, theirs }: ShapeResult): string[] {
  return [
    shape.args.join(" "),
    figure(ours.p50Us),
    figure(theirs?.p50Us),
    figure(ours.p99Us),
    figure(theirs?.p99Us),
  ];
}
