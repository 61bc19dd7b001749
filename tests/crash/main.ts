/**
 * Counts what brokers lose when they are killed:
 *
 *     deno run -A tests/crash/main.ts [--rounds 50] [--broker ours|mosquitto] [--seed N]
 *         [--durability full|relaxed|off] [--markdown] [--verbose]
 *
 * Without --broker both are killed: ours, and Mosquitto as it is packaged and with the most that
 * its configuration offers. --verbose prints each round and each finding. Owns the command line and
 * the table; the exit code is 1 when our broker has lost anything with its default durability.
 */

import {
  type CrashBroker,
  type Durability,
  MOSQUITTO_ON_CHANGES,
  MOSQUITTO_PACKAGED,
  mosquittoBroker,
  mosquittoVersion,
  ourBroker,
} from "./brokers.ts";
import type { Findings } from "./findings.ts";
import { resultTable } from "./report.ts";
import { Rounds } from "./rounds.ts";

const DEFAULT_ROUNDS = 50;
/** Of the broker's output, when something unforeseen happens. */
const SHOWN_LINES = 30;
const USAGE = "deno run -A tests/crash/main.ts [--rounds N] [--broker ours|mosquitto] [--seed N] " +
  "[--durability full|relaxed|off] [--markdown] [--verbose]";

interface Options {
  rounds: number;
  seed: number;
  broker: string | undefined;
  durability: Durability;
  isMarkdown: boolean;
  isVerbose: boolean;
}

interface Candidate {
  readonly name: string;
  start(): Promise<CrashBroker>;
}

/** Throws an Error for what is not in `USAGE`. */
function parseOptions(args: readonly string[]): Options {
  const options: Options = {
    rounds: DEFAULT_ROUNDS,
    seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    broker: undefined,
    durability: "full",
    isMarkdown: false,
    isVerbose: false,
  };
  const rest = [...args];
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    if (option === "--markdown") options.isMarkdown = true;
    else if (option === "--verbose") options.isVerbose = true;
    else setOption(options, option, rest.shift() ?? "");
  }
  return options;
}

function setOption(options: Options, option: string, value: string): void {
  const isNumber = /^\d+$/.test(value);
  if (option === "--rounds" && isNumber) options.rounds = Number(value);
  else if (option === "--seed" && isNumber) options.seed = Number(value);
  else if (option === "--broker" && /^(ours|mosquitto)$/.test(value)) options.broker = value;
  else if (option === "--durability" && /^(full|relaxed|off)$/.test(value)) {
    options.durability = value as Durability;
  } else throw new Error(`Cannot use ${option} ${value}. Usage: ${USAGE}`);
}

async function candidatesOf({ broker, durability }: Options): Promise<Candidate[]> {
  const ours = { name: `ours, durability: ${durability}`, start: () => ourBroker(durability) };
  if (broker === "ours") return [ours];
  const name = `Mosquitto ${await mosquittoVersion()}`;
  const mosquitto = [
    { name: `${name}, as packaged`, start: () => mosquittoBroker(MOSQUITTO_PACKAGED) },
    {
      name: `${name}, saving on every change`,
      start: () => mosquittoBroker(MOSQUITTO_ON_CHANGES),
    },
  ];
  return broker === "mosquitto" ? mosquitto : [ours, ...mosquitto];
}

async function count(candidate: Candidate, options: Options): Promise<Findings> {
  await using broker = await candidate.start();
  await using rounds = new Rounds(broker, options.seed);
  try {
    return await countRounds(candidate, rounds, options);
  } catch (error) {
    for (const line of broker.lines.slice(-SHOWN_LINES)) console.error(line);
    throw error;
  }
}

async function countRounds(
  candidate: Candidate,
  rounds: Rounds,
  options: Options,
): Promise<Findings> {
  const { findings } = rounds;
  await rounds.begin();
  for (let round = 1, known = 0; round <= options.rounds; round++) {
    await rounds.next();
    if (!options.isVerbose) continue;
    const fresh = findings.sentences.slice(known);
    known = findings.sentences.length;
    const { messages, kills } = findings.checked;
    console.log(`${candidate.name}, round ${round}: ${kills} kills, ${messages} acknowledged`);
    for (const sentence of fresh) console.log(`  ${sentence}`);
  }
  return findings;
}

async function main(): Promise<number> {
  const options = parseOptions(Deno.args);
  console.log(`${options.rounds} rounds, --seed ${options.seed}`);
  let exitCode = 0;
  const results: [string, Findings][] = [];
  for (const candidate of await candidatesOf(options)) {
    const findings = await count(candidate, options);
    results.push([candidate.name, findings]);
    const isOurs = candidate.name.startsWith("ours");
    if (isOurs && options.durability === "full" && findings.sentences.length > 0) exitCode = 1;
  }
  for (const line of resultTable(results, options.isMarkdown)) console.log(line);
  return exitCode;
}

Deno.exit(await main());
