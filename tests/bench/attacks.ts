/**
 * What attacks do to a client that is logged in: its latency quiet and under attack, and the memory of
 * the broker before, during and after.
 *
 * Owns the attacks and the order of a measurement: a new broker, the client without the attack, the
 * client with it, a pause. The client uses the listener that is attacked, and logs in before the attack
 * begins. The figures of an attack are the medians of its runs.
 */

import { type Attacker, type AttackResult } from "./attacker.ts";
import { type BrokerKind, residentMb, type RunningBroker } from "./brokers.ts";
import type { LoadGenerator, LoadResult } from "./load.ts";
import type { BrokerSetup, Login, TransportName } from "./setup.ts";
import { figure, median } from "./table.ts";

/** How many times its quiet value the p99 of the latency may be under attack. */
export const MOST_RATIO = 2;

/** One attack of tests/bench/mqttattack.c. */
export interface Attack {
  readonly name: string;
  readonly args: readonly string[];
  readonly transport: TransportName;
  /** Connections that never log in, and that the broker has to close when their time is over. */
  readonly holds?: number;
  /** Given: whether failed logins lead to a ban. Only our broker bans. */
  readonly bans?: boolean;
}

const LOGIN: Login = { user: "ann", password: "the right one" };

/** Enough connections for a broker that lets a failed login wait for one and a half seconds. */
const LOGINS = `--attack logins --user ${LOGIN.user} --rate 10000 --count 15000`.split(" ");

const HOLDS = 1000;
const HELD = ["--addresses", "100", "--count", String(HOLDS), "--rate", "2000"];

export const ATTACKS: readonly Attack[] = [
  { name: "10,000 failed logins a second, banned", args: LOGINS, transport: "tcp", bans: true },
  { name: "10,000 failed logins a second, no bans", args: LOGINS, transport: "tcp", bans: false },
  {
    name: "1,000 TLS handshakes that never finish",
    args: ["--attack", "handshakes", ...HELD],
    holds: HOLDS,
    transport: "tls",
  },
  {
    name: "1,000 WebSocket upgrades that never finish",
    args: ["--attack", "requests", ...HELD],
    holds: HOLDS,
    transport: "ws",
  },
  {
    name: "1,000 WebSockets without CONNECT",
    args: ["--attack", "websockets", ...HELD],
    holds: HOLDS,
    transport: "ws",
  },
];

/** One publisher and one subscriber, slow enough to leave the processors to the broker. */
const CLIENT = "--pubs 1 --subs 1 --rate 500 --drain 1".split(" ");

/** Seconds of the client before its latency counts; within them the attack is built up. */
const WARMUP_SECS = 2;

/** An attack lasts longer than a connection may stay without CONNECT: all have to be replaced once. */
const ATTACK_SECS = 12;

/** Milliseconds between the start of the client and that of the attack. */
const LOGGED_IN_MS = 1000;

/** Milliseconds after the attack until memory is read again. */
const SETTLE_MS = 10_000;

/** One run: figures of the client, the broker and the attacker. */
export interface AttackRun {
  readonly quiet: LoadResult;
  readonly attacked: LoadResult;
  readonly attack: AttackResult;
  /** Before, at the end of the attack, and after it. */
  readonly memoryMb: readonly [number, number, number];
}

export const ATTACK_HEAD = [
  "attack",
  "quiet p99 us",
  "p99 under attack",
  "ratio",
  "at most",
  "result",
  "MB before",
  "MB during",
  "MB after",
  "connections a second",
  "refused",
  "closed",
  "held",
];

/** A row for each attack that means something to this kind of broker. */
export async function measureAttacks(
  generator: LoadGenerator,
  attacker: Attacker,
  kind: BrokerKind & { bans: boolean },
  { secs, runs }: { secs: number; runs: number },
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const attack of ATTACKS.filter(({ bans }) => kind.bans || bans !== true)) {
    const measured: AttackRun[] = [];
    for (let run = 0; run < runs; run++) {
      measured.push(await runAttack(generator, attacker, kind, attack, secs));
    }
    rows.push(attackRow(attack, measured));
  }
  return rows;
}

async function runAttack(
  generator: LoadGenerator,
  attacker: Attacker,
  kind: BrokerKind,
  attack: Attack,
  secs: number,
): Promise<AttackRun> {
  const { transport, bans } = attack;
  const setup: BrokerSetup = { transport, login: LOGIN, ...(bans === undefined ? {} : { bans }) };
  await using broker = await kind.start(setup);
  const quiet = await runClient(generator, broker, secs);
  const before = await residentMb(broker.pid);
  const client = runClient(generator, broker, Math.max(secs, ATTACK_SECS));
  await delay(LOGGED_IN_MS);
  await using attacking = attacker.start(broker.port, attack.args);
  const attacked = await client;
  const during = await residentMb(broker.pid);
  const result = await attacking.stop();
  await delay(SETTLE_MS);
  const after = await residentMb(broker.pid);
  return { quiet, attacked, attack: result, memoryMb: [before, during, after] };
}

function runClient(
  generator: LoadGenerator,
  broker: RunningBroker,
  secs: number,
): Promise<LoadResult> {
  const length = ["--warmup", String(WARMUP_SECS), "--secs", String(WARMUP_SECS + secs)];
  return generator.run(broker, [...CLIENT, ...length]);
}

export function attackRow(attack: Attack, runs: readonly AttackRun[]): string[] {
  const middle = (read: (run: AttackRun) => number) => median(runs.map(read));
  const quiet = middle((run) => p99Us(run.quiet));
  const attacked = middle((run) => p99Us(run.attacked));
  const [before, during, after] = [0, 1, 2].map((at) => middle((run) => run.memoryMb[at] ?? NaN));
  return [
    attack.name,
    figure(quiet),
    Number.isFinite(attacked) ? figure(attacked) : "none came",
    Number.isFinite(attacked) ? figure(attacked / quiet) : "-",
    String(MOST_RATIO),
    attackVerdict(attack, runs, attacked / quiet),
    figure(before),
    figure(during),
    figure(after),
    whole(middle(({ attack }) => attack.connected / attack.seconds)),
    whole(middle(({ attack }) => attack.refused)),
    whole(middle(({ attack }) => attack.closed)),
    whole(middle(({ attack }) => attack.held)),
  ];
}

/** Microseconds; the program prints 0 when no message has come. */
function p99Us({ received, lat_us }: LoadResult): number {
  return received === 0 ? Infinity : lat_us.p99;
}

/** "ok", or the worst of what went wrong in any run. */
export function attackVerdict(
  { holds = 0 }: Attack,
  runs: readonly AttackRun[],
  ratio: number,
): string {
  const clients = runs.flatMap(({ quiet, attacked }) => [quiet, attacked]);
  if (runs.some(({ attack }) => attack.accepted > 0)) return "LOGGED IN";
  if (runs.some(({ attack }) => attack.connected === 0)) return "NO ATTACK";
  if (clients.some(({ disconnects }) => disconnects > 0)) return "DISCONNECTED";
  if (clients.some(({ missing }) => missing > 0)) return "MISSING";
  if (ratio > MOST_RATIO) return "LATENCY";
  return runs.some(({ attack }) => attack.closed < holds) ? "NOT CLOSED" : "ok";
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
