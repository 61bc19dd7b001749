/**
 * `bench` on the command line: its names, its help, and what values its options take.
 *
 * The options about the connection are called as those of `broker pub`.
 */

import { InvalidArgumentError, Option } from "commander";
import { nearest } from "../config/nearest.ts";
import { MAX_PORT } from "../config/settings.ts";
import { parseDuration, parseSize } from "../config/units.ts";
import { LONGEST_PHASE_MS } from "../load/payload_mark.ts";
import { PRESETS } from "./bench_presets.ts";
import type { BenchFlags } from "./bench_request.ts";
import { addCommand, type CommandContext, once, toQoS } from "./command_context.ts";

const NAME_WIDTH = 16;
const LARGEST_COUNT = 1_000_000_000;
const MAXIMUM_CLIENTS = 1_000_000;
const MAXIMUM_THREADS = 64;
const LARGEST_PAYLOAD = 64 * 1024 * 1024;
const LARGEST_WINDOW = 65_535;

const HELP = `Loads:
${PRESETS.map(({ load, summary }) => `  ${load.name.padEnd(NAME_WIDTH)}${summary}`).join("\n")}

Without the name of a load a short series of them is run. What was lost, came twice or out of order is
counted, and it is said who was at the limit: the broker, or this generator. Ctrl-C ends it with the
figures until then.

Examples:
  broker bench                                          a series, at localhost:1883
  broker bench fan-out -h 192.168.1.5 --subs 500        one publisher to 500 subscribers
  broker bench latency --rate 5000 --qos 1 --duration 30s
  broker bench --pubs 20 --subs 5 --size 1KiB --json    any load, for a program to read
  broker bench reconnect --connections 2000             how long until all are back
  broker bench < /proc/$(pidof mosquitto)/stat          the broker's CPU time and memory with it`;

export function addBench(context: CommandContext): void {
  const command = addCommand(
    context,
    "bench [load]",
    "put a load on a broker, this one or any other, and measure it",
    HELP,
  );
  // As in the client tools.
  command.helpOption("--help", "print this help");
  for (const option of [...connectionOptions(), ...loadOptions(), ...otherOptions()]) {
    command.addOption(option);
  }
  command.action(async (load: string | undefined, flags: CollectedFlags) => {
    if (load !== undefined && !names().includes(load)) {
      const near = nearest(load, names());
      const hint = near === undefined ? "" : `\n(Did you mean ${near}?)`;
      context.program.error(
        `error: unknown load '${load}'. Allowed: ${names().join(", ")}.${hint}`,
      );
    }
    const [{ bench }, { processClientTerminal }] = await Promise.all([
      import("./bench.ts"),
      import("./client/client_terminal.ts"),
    ]);
    const { isTerminal, columns, env, onInterrupt } = processClientTerminal;
    const terminal = {
      ...context.terminal,
      isTerminal: isTerminal.err,
      hasColor: isTerminal.err && (env("NO_COLOR") ?? "") === "",
      columns,
      onInterrupt,
    };
    context.done(await bench(load, flagsOf(flags), terminal));
  });
}

/** Commander names an option's value after the option. */
interface CollectedFlags extends BenchFlags {
  readonly duration?: number;
  readonly warmup?: number;
}

function flagsOf({ duration, warmup, ...flags }: CollectedFlags): BenchFlags {
  return {
    ...flags,
    ...(duration === undefined ? {} : { durationMs: duration }),
    ...(warmup === undefined ? {} : { warmupMs: warmup }),
  };
}

function names(): string[] {
  return PRESETS.map(({ load }) => load.name);
}

function connectionOptions(): Option[] {
  return [
    text("-h, --host <host>", "connect to this host (default: localhost)"),
    number("-p, --port <port>", "connect to this port (default: 1883, with TLS 8883)", 1, MAX_PORT),
    text("--unix <socket>", "connect to this Unix socket"),
    text("-u, --username <name>", "log in with this user name"),
    text("-P, --pw <password>", "log in with this password"),
    new Option("-V, --protocol-version <version>", "MQTT version (default: 5)")
      .choices(["5", "311", "31", "mqttv5", "mqttv311", "mqttv31"]),
    text("--cafile <file>", "trust the CA certificates of this PEM file"),
    text("--cert <file>", "the clients' certificate (PEM), with --key"),
    text("--key <file>", "the clients' private key (PEM, not encrypted), with --cert"),
    new Option("--tls-use-os-certs", "use TLS, trust the system's CA certificates"),
    new Option("--insecure", "do not check that the certificate is the host's"),
    new Option("--ws", "speak MQTT in WebSocket"),
    text("--ws-path <path>", "ask for this path of the server (default: /mqtt)"),
  ];
}

function loadOptions(): Option[] {
  return [
    number("--pubs <count>", "publishers", 1, MAXIMUM_CLIENTS),
    number("--subs <count>", "subscribers; 0: nobody receives", 0, MAXIMUM_CLIENTS),
    new Option("--shape <shape>", "all: every subscriber takes every topic; pairs: its own")
      .choices(["all", "pairs"]),
    number("--topics <count>", "topics that are sent to in turn", 1, MAXIMUM_CLIENTS),
    new Option("-q, --qos <qos>", "QoS of messages and subscriptions (default: 0)").argParser(
      toQoS,
    ),
    new Option("-r, --retain", "the messages are retained; in the end they are removed"),
    new Option("--size <size>", "bytes of a payload, as in 1KiB (default: 64)").argParser(toSize),
    new Option("--rate <count>", "messages a second of all publishers (default: as many as go)")
      .argParser(toRate),
    duration("--duration <time>", "how long messages are sent, as in 30s (default: 5s)"),
    number("--count <count>", "send so many messages instead", 1, LARGEST_COUNT),
    duration("--warmup <time>", "what comes before and is not measured (default: 1s)"),
    number("--window <count>", "messages of a publisher under way", 1, LARGEST_WINDOW),
    number("--connections <count>", "send nothing: connect so many clients", 1, MAXIMUM_CLIENTS),
    number("--at-once <count>", "clients connecting at a time (default: 100)", 1, MAXIMUM_CLIENTS),
  ];
}

function otherOptions(): Option[] {
  return [
    number("--threads <count>", "threads of the generator (default: 1)", 1, MAXIMUM_THREADS),
    number("--pid <pid>", "the broker's process (default: the one that listens)", 1, 2 ** 31 - 1),
    new Option("--json", "print everything that was measured, as JSON"),
  ];
}

function text(flags: string, description: string): Option {
  return new Option(flags, description).argParser(once);
}

function number(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((value) => {
    const found = /^\d{1,10}$/.test(value) ? Number(value) : NaN;
    if (found >= least && found <= most) return found;
    throw new InvalidArgumentError(`Allowed: a whole number from ${least} to ${most}.`);
  });
}

function duration(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value) => {
    const ms = parseDuration(/^\d+(\.\d+)?$/.test(value) ? Number(value) : value);
    if (ms !== undefined && ms <= LONGEST_PHASE_MS) return ms;
    throw new InvalidArgumentError("Allowed: a time up to 1h, as in 500ms, 30s, 2m.");
  });
}

function toSize(value: string): number {
  const bytes = parseSize(value);
  if (bytes !== undefined && bytes <= LARGEST_PAYLOAD) return bytes;
  throw new InvalidArgumentError("Allowed: a size up to 64 MiB, as in 64, 1KiB, 2MB.");
}

function toRate(value: string): number {
  const rate = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (rate > 0 && rate <= LARGEST_COUNT) return rate;
  throw new InvalidArgumentError("Allowed: a number above 0.");
}
