/**
 * `deno task bench`: how fast and how small the broker is, beside Mosquitto where it is installed.
 *
 * Owns the command line and the order of the parts: CPU time for each message (cpu.ts), what of it is
 * the runtime's (floor.ts), memory (memory.ts), what durability costs (storage.ts), what transports
 * cost (transports.ts), what attacks do (attacks.ts), and the micro-benchmarks of codec and matcher
 * (`*_bench.ts`, run by `deno bench`).
 */

import { parseArgs } from "node:util";
import { bundleAll } from "../../build/build.ts";
import { repositoryPath } from "../../build/paths.ts";
import { Attacker } from "./attacker.ts";
import { ATTACK_HEAD, measureAttacks } from "./attacks.ts";
import { type BrokerKind, findMosquitto, ourBroker } from "./brokers.ts";
import {
  CPU_HEAD,
  cpuRow,
  LATENCY_HEAD,
  latencyRow,
  measureShape,
  type ShapeResult,
} from "./cpu.ts";
import { FLOOR_HEAD, measureFloor, relay } from "./floor.ts";
import { LoadGenerator } from "./load.ts";
import { measureMemory, MEMORY_HEAD, memoryRows } from "./memory.ts";
import { type Shape, SHAPES } from "./shapes.ts";
import {
  DISK_HEAD,
  measureDisk,
  measureStart,
  measureStored,
  START_HEAD,
  STORED_HEAD,
} from "./storage.ts";
import { formatTable } from "./table.ts";
import { measureTransports, TRANSPORT_HEAD } from "./transports.ts";

const PARTS = ["cpu", "floor", "memory", "storage", "transports", "attacks", "micro"];

/** Parts whose load generator speaks TLS. */
const TLS_PARTS = ["transports", "attacks"];

const USAGE = `Usage: deno task bench [options]

  --parts NAME,..    what to measure: ${PARTS.join(", ")} (default: all)
  --shapes NAME,..   the loads: ${SHAPES.map(({ name }) => name).join(", ")} (default: all)
  --secs N           seconds that each load lasts (default 3)
  --runs N           runs of each load and attack; the median counts (default 3)
  --broker-bin FILE  measures this executable (default: deno run of the bundle that it would hold)
  --no-mosquitto     measures ours alone
  --markdown         prints Markdown tables
`;

interface Options {
  parts: string[];
  shapes: Shape[];
  secs: number;
  runs: number;
  mosquitto: boolean;
  markdown: boolean;
}

function readOptions(args: string[]): Options | "help" {
  const { values } = parseArgs({
    args,
    options: {
      parts: { type: "string", default: PARTS.join(",") },
      shapes: { type: "string", default: SHAPES.map(({ name }) => name).join(",") },
      secs: { type: "string", default: "3" },
      runs: { type: "string", default: "3" },
      "broker-bin": { type: "string" },
      "no-mosquitto": { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const executable = values["broker-bin"];
  if (executable !== undefined) Deno.env.set("BROKER_BIN", Deno.realPathSync(executable));
  return {
    parts: values.parts.split(",").map((part) => oneOf(part, PARTS, "part")),
    shapes: values.shapes.split(",").map(findShape),
    secs: positive(values.secs, "--secs"),
    runs: positive(values.runs, "--runs"),
    mosquitto: !values["no-mosquitto"],
    markdown: values.markdown,
  };
}

function oneOf(value: string, allowed: readonly string[], what: string): string {
  if (allowed.includes(value)) return value;
  throw new Error(`Cannot find ${what} "${value}": expected ${allowed.join(", ")}`);
}

function findShape(name: string): Shape {
  oneOf(name, SHAPES.map((shape) => shape.name), "shape");
  return SHAPES.find((shape) => shape.name === name) as Shape;
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`Cannot read ${option} "${text}": expected a number above 0`);
}

async function benchCpu(
  generator: LoadGenerator,
  options: Options,
  theirs: BrokerKind | undefined,
): Promise<void> {
  const results: ShapeResult[] = [];
  for (const shape of options.shapes) {
    console.error(`measuring ${shape.args.join(" ")}`);
    results.push(await measureShape(generator, shape, ourBroker, theirs, options));
  }
  console.log(formatTable(CPU_HEAD, results.map(cpuRow), options.markdown));
  const timed = results.filter(({ shape }) => shape.comparesLatency);
  if (timed.length === 0) return;
  console.log(`\n${formatTable(LATENCY_HEAD, timed.map(latencyRow), options.markdown)}`);
}

async function benchFloor(
  generator: LoadGenerator,
  options: Options,
  theirs: BrokerKind | undefined,
): Promise<void> {
  console.error("measuring what is the runtime's");
  const kinds = [ourBroker, relay, ...(theirs === undefined ? [] : [theirs])];
  const rows = await measureFloor(generator, kinds, options);
  console.log(`\n${formatTable(FLOOR_HEAD, rows, options.markdown)}`);
}

async function benchMemory(
  generator: LoadGenerator,
  options: Options,
  theirs: BrokerKind | undefined,
): Promise<void> {
  console.error("measuring memory");
  const ours = await measureMemory(generator, ourBroker);
  const rows = memoryRows(ours, theirs && await measureMemory(generator, theirs));
  console.log(`\n${formatTable(MEMORY_HEAD, rows, options.markdown)}`);
}

async function benchStorage(
  generator: LoadGenerator,
  options: Options,
  theirs: BrokerKind | undefined,
): Promise<void> {
  console.error("measuring storage");
  const print = (head: string[], rows: string[][]) =>
    console.log(`\n${formatTable(head, rows, options.markdown)}`);
  print(STORED_HEAD, await measureStored(generator, theirs, options));
  print(DISK_HEAD, await measureDisk());
  print(START_HEAD, await measureStart());
}

async function benchTransports(
  generator: LoadGenerator,
  options: Options,
  theirs: BrokerKind | undefined,
): Promise<void> {
  console.error("measuring transports");
  const rows = await measureTransports(generator, ourBroker, theirs, options);
  console.log(`\n${formatTable(TRANSPORT_HEAD, rows, options.markdown)}`);
}

async function benchAttacks(
  generator: LoadGenerator,
  options: Options,
  theirs: BrokerKind | undefined,
): Promise<void> {
  await using attacker = await Attacker.compile();
  for (const kind of [{ ...ourBroker, bans: true }, theirs && { ...theirs, bans: false }]) {
    if (kind === undefined) continue;
    console.error(`measuring attacks on ${kind.name}`);
    const rows = await measureAttacks(generator, attacker, kind, options);
    console.log(`\n${kind.name}:\n\n${formatTable(ATTACK_HEAD, rows, options.markdown)}`);
  }
}

async function benchMicro(): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["bench", "--quiet", "--allow-all", repositoryPath("tests/bench")],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  const { success } = await command.output();
  if (!success) throw new Error("Cannot run the micro-benchmarks");
}

async function bench(options: Options): Promise<void> {
  const theirs = options.mosquitto ? await findMosquitto() : undefined;
  const executable = Deno.env.get("BROKER_BIN");
  if (!executable) Deno.env.set("BROKER_BUNDLE", (await bundleAll())[0] as string);
  console.log(
    `ours: ${executable || `deno ${Deno.version.deno} run of the bundle`}; ` +
      `Mosquitto: ${theirs?.version ?? "not measured"}; medians of ${options.runs} runs\n`,
  );
  if (options.parts.some((part) => part !== "micro")) {
    const tls = options.parts.some((part) => TLS_PARTS.includes(part));
    await using generator = await LoadGenerator.compile({ tls });
    if (options.parts.includes("cpu")) await benchCpu(generator, options, theirs);
    if (options.parts.includes("floor")) await benchFloor(generator, options, theirs);
    if (options.parts.includes("memory")) await benchMemory(generator, options, theirs);
    if (options.parts.includes("storage")) await benchStorage(generator, options, theirs);
    if (options.parts.includes("transports")) await benchTransports(generator, options, theirs);
    if (options.parts.includes("attacks")) await benchAttacks(generator, options, theirs);
  }
  if (options.parts.includes("micro")) await benchMicro();
}

try {
  const options = readOptions(Deno.args);
  if (options === "help") console.log(USAGE);
  else await bench(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
