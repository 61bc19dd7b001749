/**
 * What transports cost: messages for each second of CPU time over TCP, TLS, WebSocket and both.
 *
 * Owns the rows of the table. Every broker has one listener; the load is the same over all of them:
 * ten publishers, ten subscribers, every message to each, 64 bytes, QoS 0.
 */

import { type BrokerKind, withSetup } from "./brokers.ts";
import { measureShape, type RunOptions, type ShapeResult } from "./cpu.ts";
import type { LoadGenerator } from "./load.ts";
import { type TransportName, TRANSPORTS } from "./setup.ts";
import type { Shape } from "./shapes.ts";
import { figure } from "./table.ts";

/** How many times Mosquitto's messages a CPU second ours have to be, encrypted or framed or both. */
export const LEAST_RATIO = 3;

const LOAD: Shape = {
  name: "transport",
  args: ["--pubs", "10", "--subs", "10"],
  limit: 1 / LEAST_RATIO,
  aim: 1 / LEAST_RATIO,
  mustBeComplete: true,
};

const NAMES: Readonly<Record<TransportName, string>> = {
  tcp: "TCP",
  tls: "TLS",
  ws: "WebSocket",
  wss: "secure WebSocket",
};

export const TRANSPORT_HEAD = [
  "messages each CPU second",
  "ours",
  "Mosquitto",
  "ratio",
  "at least",
  "result",
  "missing",
];

/** A row for each transport. */
export async function measureTransports(
  generator: LoadGenerator,
  ours: BrokerKind,
  theirs: BrokerKind | undefined,
  options: RunOptions,
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const transport of TRANSPORTS) {
    const setup = { transport };
    const result = await measureShape(
      generator,
      LOAD,
      withSetup(ours, setup),
      theirs && withSetup(theirs, setup),
      options,
    );
    rows.push(transportRow(transport, result));
  }
  return rows;
}

export function transportRow(transport: TransportName, { ours, theirs }: ShapeResult): string[] {
  const ratio = theirs === undefined ? NaN : theirs.cpuUs / ours.cpuUs;
  return [
    NAMES[transport],
    perCpuSecond(ours.cpuUs),
    perCpuSecond(theirs?.cpuUs),
    figure(ratio),
    String(LEAST_RATIO),
    ours.missing > 0 ? "MISSING" : Number.isNaN(ratio) ? "-" : ratio >= LEAST_RATIO ? "ok" : "CPU",
    String(ours.missing),
  ];
}

/** Messages that a second of the processor carries, sent and received ones, to three digits. */
function perCpuSecond(cpuUs: number | undefined): string {
  if (cpuUs === undefined) return "-";
  return Number((1e6 / cpuUs).toPrecision(3)).toLocaleString("en");
}
