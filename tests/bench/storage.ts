/**
 * What durability costs: messages a second through sessions that are stored, what a disk has to take,
 * time and memory of a start with a full store.
 *
 * Owns the order of measurements. Mosquitto is measured without persistence: what ours keeps on the
 * disk, it keeps in memory. Each run has a broker of its own, since a session that stays from the
 * run before would be sent the messages of the next.
 */

import { PacketType } from "../../src/protocol/packet.ts";
import { startBroker } from "../support/broker_process.ts";
import type { Address } from "../support/packet_channel.ts";
import { RawClient } from "../support/raw_client.ts";
import { type BrokerKind, loadNew, ourBroker, residentMb } from "./brokers.ts";
import { fillStore } from "./full_store.ts";
import type { LoadGenerator, LoadResult } from "./load.ts";
import { figure, median } from "./table.ts";

/** Loads on sessions that are stored, and what may not be worse than Mosquitto's. */
const LOADS = [
  {
    args: "--shape pair --pubs 10 --subs 10 --qos 1 --window 50 --persistent",
    isBounded: ({ out_per_s }: LoadResult) => out_per_s,
    unit: "messages/s",
    isBetter: (ours: number, theirs: number) => ours >= theirs,
  },
  {
    args: "--pubs 1 --subs 1 --rate 2000 --qos 1 --persistent",
    isBounded: ({ lat_us }: LoadResult) => lat_us.p99,
    unit: "us of latency, p99",
    isBetter: (ours: number, theirs: number) => ours <= theirs,
  },
] as const;

export const STORED_HEAD = ["sessions that are stored", "", "ours", "Mosquitto", "result"];

/** Loads on stored sessions: ours with durability full, Mosquitto without persistence. */
export async function measureStored(
  generator: LoadGenerator,
  theirs: BrokerKind | undefined,
  { secs, runs }: { secs: number; runs: number },
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { args, isBounded, unit, isBetter } of LOADS) {
    const measured = { ours: [] as number[], theirs: [] as number[] };
    const all = [...args.split(" "), "--secs", String(secs)];
    for (let run = 0; run < runs; run++) {
      measured.ours.push(isBounded(await loadNew(ourBroker, generator, all)));
      if (theirs) measured.theirs.push(isBounded(await loadNew(theirs, generator, all)));
    }
    const ours = median(measured.ours);
    const other = theirs && median(measured.theirs);
    const verdict = other === undefined ? "-" : isBetter(ours, other) ? "ok" : "WORSE";
    rows.push([args, unit, figure(ours), figure(other), verdict]);
  }
  return rows;
}

export const DISK_HEAD = ["messages to a client that is away", "bytes written", "commits"];

const MESSAGES = 1000;
const PAYLOAD_BYTES = 100;
const SECOND_MS = 1000;
/** Messages that are sent one a second; BENCH_PACED=1000 takes as long as it says. */
const PACED_MESSAGES = Number(Deno.env.get("BENCH_PACED") ?? 100);

/** How messages follow each other. */
interface Manner {
  readonly name: string;
  readonly messages: number;
  /** So many at once; then their PUBACKs are waited for. */
  readonly window: number;
  /** Time from one window to the next. */
  readonly intervalMs: number;
}

const MANNERS: readonly Manner[] = [
  { name: "all at once", messages: MESSAGES, window: MESSAGES, intervalMs: 0 },
  { name: "each after the PUBACK of the last", messages: MESSAGES, window: 1, intervalMs: 0 },
  { name: "one a second", messages: PACED_MESSAGES, window: 1, intervalMs: SECOND_MS },
];

/** What the disk takes for messages of QoS 1, one manner right after the other. */
export async function measureDisk(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const manner of MANNERS) {
    const { bytes, commits } = await writtenFor(manner);
    const count = manner.messages.toLocaleString("en");
    const what = `${count} of ${PAYLOAD_BYTES} bytes, QoS 1, ${manner.name}`;
    rows.push([what, bytes.toLocaleString("en"), commits.toLocaleString("en")]);
  }
  return rows;
}

const CONFIG = `listeners: [{ address: 127.0.0.1, port: 0 }]
sys_interval: 1s
`;

async function writtenFor(manner: Manner): Promise<StoreFigures> {
  await using broker = await startBroker({ config: CONFIG });
  const properties = { sessionExpiryInterval: 3600 };
  using away = await RawClient.connect(broker, 5, { clientIdentifier: "away", properties });
  await away.subscribe("t", { qos: 1 });
  await away.disconnect();
  const before = await storeFigures(broker);
  await publishAll(broker, manner);
  const after = await storeFigures(broker);
  return { bytes: after.bytes - before.bytes, commits: after.commits - before.commits };
}

async function publishAll(broker: Address, manner: Manner): Promise<void> {
  using publisher = await RawClient.connect(broker, 4);
  const payload = "x".repeat(PAYLOAD_BYTES);
  const startMs = performance.now();
  for (let sent = 0; sent < manner.messages; sent += manner.window) {
    const dueMs = startMs + sent / manner.window * manner.intervalMs;
    await delay(Math.max(0, dueMs - performance.now()));
    const packets = Array.from(
      { length: manner.window },
      () => publisher.publishPacket("t", payload, { qos: 1 }),
    );
    await publisher.send(...packets);
    for (const _packet of packets) await publisher.find(PacketType.Puback);
  }
}

interface StoreFigures {
  readonly bytes: number;
  readonly commits: number;
}

/** Milliseconds after which everything has been written, and the figures have been published. */
const SETTLED_MS = 7000;

async function storeFigures(broker: Address): Promise<StoreFigures> {
  await delay(SETTLED_MS);
  using client = await RawClient.connect(broker, 4);
  await client.subscribe("$SYS/broker/store/#");
  const values = new Map<string, number>();
  const valueOf = (name: string) => values.get(`$SYS/broker/store/${name}`);
  for (;;) {
    const bytes = valueOf("bytes/written");
    const commits = valueOf("commits");
    if (bytes !== undefined && commits !== undefined) return { bytes, commits };
    const { topicName, payload } = await client.find(PacketType.Publish);
    values.set(topicName, Number(new TextDecoder().decode(payload)));
  }
}

export const START_HEAD = ["start", "seconds", "MB resident"];

const FULL = { sessions: 100_000, messagesPerSession: 10, payloadBytes: 16 };

/** Time until the broker listens, and its memory then: without data, and with much of it. */
export async function measureStart(): Promise<string[][]> {
  const folder = await Deno.makeTempDir({ prefix: "broker-bench-" });
  try {
    const path = `${folder}/broker.db`;
    const empty = await startOn(path);
    await fillStore(path, FULL);
    const { size } = await Deno.stat(path);
    const full = await startOn(path);
    const { sessions, messagesPerSession } = FULL;
    const messages = (sessions * messagesPerSession).toLocaleString("en");
    return [
      ["nothing stored", ...empty],
      [
        `${sessions.toLocaleString("en")} sessions, ${messages} messages ` +
        `(${Math.round(size / 1e6)} MB)`,
        ...full,
      ],
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function startOn(path: string): Promise<string[]> {
  const startMs = performance.now();
  await using broker = await startBroker({ config: `${CONFIG}persistence: { path: ${path} }\n` });
  const seconds = (performance.now() - startMs) / 1000;
  await delay(SETTLED_MS);
  return [seconds.toFixed(2), figure(await residentMb(broker.pid))];
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
