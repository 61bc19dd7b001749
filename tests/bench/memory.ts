/**
 * Resident memory: at start, for idle connections, after a load, for retained messages.
 *
 * Owns the order of measurements. Each is taken on a broker of its own, so that none sees the
 * garbage of another.
 */

import { type BrokerKind, residentMb } from "./brokers.ts";
import type { LoadGenerator } from "./load.ts";
import { MEMORY_LIMITS } from "./shapes.ts";
import { figure } from "./table.ts";

/** Memory of one broker, in MB, or KB where the name says so. */
export interface MemoryFigures {
  startMb: number;
  idleKbPerConnection: number;
  /** Above the start; read every second until it is within the limit, `SETTLE_SECS` at most. */
  afterLoadMb: number;
  afterLoadSecs: number;
  retainedMb: number;
}

/** How long a broker may take to give memory back after a load. */
const SETTLE_SECS = 60;

/** Milliseconds between start and the first reading. */
const START_MS = 1500;

export async function measureMemory(
  generator: LoadGenerator,
  kind: BrokerKind,
): Promise<MemoryFigures> {
  const { startMb, afterLoadMb, afterLoadSecs } = await measureAfterLoad(generator, kind);
  const { idleConnections, retainedMessages, retainedBytes } = MEMORY_LIMITS;
  const idleKb = await growthKb(generator, kind, ["--idle", String(idleConnections)]);
  const retained = ["--retained", String(retainedMessages), "--size", String(retainedBytes)];
  return {
    startMb,
    idleKbPerConnection: idleKb / idleConnections,
    afterLoadMb,
    afterLoadSecs,
    retainedMb: await growthKb(generator, kind, retained) / 1024,
  };
}

async function growthKb(
  generator: LoadGenerator,
  kind: BrokerKind,
  args: string[],
): Promise<number> {
  await using broker = await kind.start();
  await delay(START_MS);
  const result = await generator.measureMemory(broker, args);
  if (result.disconnects > 0) {
    throw new Error(`Cannot measure ${kind.name}: it closed ${result.disconnects} connections`);
  }
  return result.rss_after_kb - result.rss_before_kb;
}

async function measureAfterLoad(
  generator: LoadGenerator,
  kind: BrokerKind,
): Promise<Pick<MemoryFigures, "startMb" | "afterLoadMb" | "afterLoadSecs">> {
  await using broker = await kind.start();
  await delay(START_MS);
  const startMb = await residentMb(broker.pid);
  await generator.run(broker, ["--pubs", "10", "--subs", "10", "--secs", "2", "--drain", "1"]);
  await generator.run(broker, ["--pubs", "10", "--subs", "10", "--secs", "2", "--qos", "1"]);
  for (let secs = 0;; secs++) {
    const afterLoadMb = await residentMb(broker.pid) - startMb;
    const isBack = afterLoadMb <= MEMORY_LIMITS.afterLoadMb;
    if (isBack || secs === SETTLE_SECS) return { startMb, afterLoadMb, afterLoadSecs: secs };
    await delay(1000);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const MEMORY_HEAD = ["memory", "ours", "Mosquitto", "at most", "aim for", "result"];

export function memoryRows(ours: MemoryFigures, theirs: MemoryFigures | undefined): string[][] {
  const { idleConnections, retainedMessages, retainedBytes } = MEMORY_LIMITS;
  const row = (
    name: string,
    read: (figures: MemoryFigures) => number,
    limit: number,
    aim?: number,
  ) => [
    name,
    figure(read(ours)),
    figure(theirs && read(theirs)),
    String(limit),
    aim === undefined ? "" : String(aim),
    read(ours) > limit ? "TOO MUCH" : aim !== undefined && read(ours) <= aim ? "aim" : "ok",
  ];
  return [
    row("resident at start, MB", (f) => f.startMb, MEMORY_LIMITS.startMb),
    row(
      `each of ${idleConnections} idle connections, KB`,
      (f) => f.idleKbPerConnection,
      MEMORY_LIMITS.idleKbPerConnection,
      MEMORY_LIMITS.idleKbPerConnectionAim,
    ),
    row(
      `above the start ${ours.afterLoadSecs} s after a load, MB`,
      (f) => f.afterLoadMb,
      MEMORY_LIMITS.afterLoadMb,
    ),
    row(
      `${retainedMessages} retained messages of ${retainedBytes} bytes, MB`,
      (f) => f.retainedMb,
      MEMORY_LIMITS.retainedMb,
    ),
  ];
}
