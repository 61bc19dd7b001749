/**
 * The brokers that are killed and started again on the same data: ours, and Mosquitto for comparison.
 *
 * Owns a folder with the data of one broker and at most one process at a time; each process is
 * ended by its own process id. Invariant: between `kill` and `start` nobody touches the data.
 */

import { type BrokerProcess, startBroker } from "../support/broker_process.ts";
import { OutputLines } from "../support/output_lines.ts";
import type { Address } from "../support/packet_channel.ts";

/** Milliseconds for Mosquitto to listen. */
const START_TIMEOUT_MS = 30_000;

export interface CrashBroker extends AsyncDisposable {
  /** Starts it on the data there is; resolves when it listens. */
  start(): Promise<Address>;
  /** SIGKILL; resolves when the process has ended. */
  kill(): Promise<void>;
  /** What it has printed since its last start. */
  readonly lines: readonly string[];
}

/** How safe our broker's data is to be; `full` is its default. */
export type Durability = "full" | "relaxed" | "off";

/** `commitInterval`: the least time from one commit to the next, as broker.yaml has it. */
export async function ourBroker(
  durability: Durability,
  commitInterval = "0s",
): Promise<CrashBroker> {
  const folder = await Deno.makeTempDir({ prefix: "broker-crash-" });
  // Queues without a limit that a round could reach: what is dropped by rule is not lost by a crash.
  const config = `listeners:
  - address: 127.0.0.1
    port: 0
persistence:
  durability: ${durability}
  path: ${folder}/broker.db
  commit_interval: ${commitInterval}
sessions:
  max_queued_messages: 1000000
  max_queued_bytes: 256 MiB
`;
  let process: BrokerProcess | undefined;
  return {
    start: async () => process = await startBroker({ config, folder }),
    kill: async () => await process?.kill(),
    get lines() {
      return process?.lines ?? [];
    },
    [Symbol.asyncDispose]: async () => {
      await process?.kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Lines of mosquitto.conf that say when its data is written. */
export type MosquittoSaving = readonly string[];

/** As Debian packages it: on SIGTERM, and every 1,800 seconds. */
export const MOSQUITTO_PACKAGED: MosquittoSaving = ["persistence true"];
/** The most that its documentation offers. */
export const MOSQUITTO_ON_CHANGES: MosquittoSaving = [
  "persistence true",
  "autosave_on_changes true",
  "autosave_interval 1",
];

/** Debian installs it outside the PATH of people who are not root. */
const MOSQUITTO_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];

/** Throws an Error when it is not installed. */
export async function mosquittoBroker(saving: MosquittoSaving): Promise<CrashBroker> {
  const program = await findMosquitto();
  const folder = await Deno.makeTempDir({ prefix: "mosquitto-crash-" });
  let process: Deno.ChildProcess | undefined;
  let output: OutputLines | undefined;
  const kill = async () => {
    if (process === undefined) return;
    process.kill("SIGKILL");
    await process.status;
    await output?.ended;
    process = undefined;
  };
  return {
    start: async () => {
      const address = { hostname: "127.0.0.1", port: freePort() };
      const args = ["-c", await writeMosquittoConfig(folder, address.port, saving)];
      const stdio = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
      process = new Deno.Command(program, { args, ...stdio }).spawn();
      output = new OutputLines([process.stdout, process.stderr]);
      await output.waitFor(/mosquitto version \S+ running/, START_TIMEOUT_MS);
      return address;
    },
    kill,
    get lines() {
      return output?.lines ?? [];
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** "2.0.11" */
export async function mosquittoVersion(): Promise<string> {
  // It prints its version with its help and ends with a code other than 0.
  const command = new Deno.Command(await findMosquitto(), { args: ["-h"], stdin: "null" });
  const { stdout } = await command.output();
  return /version (\S+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "of unknown version";
}

async function findMosquitto(): Promise<string> {
  for (const folder of MOSQUITTO_FOLDERS) {
    try {
      if ((await Deno.stat(`${folder}/mosquitto`)).isFile) return `${folder}/mosquitto`;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`Cannot find mosquitto in ${MOSQUITTO_FOLDERS.join(", ")}`);
}

/**
 * Its queues have no limit either. Nor has what is in flight: after a crash it counts messages that
 * are done, and would close the connections of publishers for being over the limit. As root it would
 * give its rights away, and could not write.
 */
async function writeMosquittoConfig(
  folder: string,
  port: number,
  saving: MosquittoSaving,
): Promise<string> {
  const path = `${folder}/mosquitto.conf`;
  const lines = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "max_queued_messages 0",
    "max_inflight_messages 0",
    `persistence_location ${folder}/`,
    ...saving,
    ...(Deno.uid() === 0 ? ["user root"] : []),
  ];
  await Deno.writeTextFile(path, lines.join("\n") + "\n");
  return path;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
