/**
 * What a slow load costs beside the least that a Deno program can do (relay.ts): how much of it is the
 * runtime's, whatever the broker does with the message.
 *
 * Owns the loads and the process of the relay. One publisher, one subscriber, a message every half
 * a millisecond: nothing is done in batches, so the event loop, the collector and the compiler of the
 * runtime, and the scheduler of the system, make up most of each figure.
 */

import { repositoryPath } from "../../build/paths.ts";
import { readDenoConfig, runtimeFlags } from "../../build/runtime_flags.ts";
import { RunningProgram } from "../support/programs.ts";
import { type BrokerKind, loadNew, type RunningBroker } from "./brokers.ts";
import type { LoadGenerator, LoadResult } from "./load.ts";
import { figure, median } from "./table.ts";

const LOADS = [
  "--pubs 1 --subs 1 --rate 2000",
  "--pubs 1 --subs 1 --rate 2000 --qos 1 --persistent",
];

/** The CPU time that the system reports comes in units of 10 ms. */
const AT_LEAST_SECS = 8;

export const FLOOR_HEAD = ["a slow load", "", "CPU us", "p50 us", "p99 us", "p99.9 us"];

/** The least that a Deno program does, with the flags of the broker. */
export const relay: BrokerKind = { name: "Deno that only copies", start: startRelay };

async function startRelay(): Promise<RunningBroker> {
  const flags = runtimeFlags(readDenoConfig());
  const path = repositoryPath("tests/bench/relay.ts");
  const program = new RunningProgram(Deno.execPath(), ["run", "--quiet", ...flags, path]);
  try {
    const port = Number(await program.waitForLine(/^\d+$/));
    const { pid } = program;
    return { port, pid, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

/** A row for each load and program; figures are medians. */
export async function measureFloor(
  generator: LoadGenerator,
  kinds: readonly BrokerKind[],
  { secs, runs }: { secs: number; runs: number },
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const load of LOADS) {
    const results = new Map<BrokerKind, LoadResult[]>();
    for (let run = 0; run < runs; run++) {
      for (const kind of kinds) {
        const args = [...load.split(" "), "--secs", String(Math.max(secs, AT_LEAST_SECS))];
        const result = await loadNew(kind, generator, args);
        results.set(kind, [...results.get(kind) ?? [], result]);
      }
    }
    for (const [{ name }, measured] of results) rows.push(floorRow(load, name, measured));
  }
  return rows;
}

function floorRow(load: string, name: string, results: readonly LoadResult[]): string[] {
  const middle = (read: (result: LoadResult) => number) => figure(median(results.map(read)));
  return [
    load,
    name,
    middle(({ cpu_us_per_message }) => cpu_us_per_message),
    middle(({ lat_us }) => lat_us.p50),
    middle(({ lat_us }) => lat_us.p99),
    middle(({ lat_us }) => lat_us.p999),
  ];
}
