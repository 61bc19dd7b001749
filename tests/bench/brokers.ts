/**
 * The brokers that are measured: ours, and Mosquitto where it is installed.
 *
 * Owns their processes; each is stopped by its own process id, and listens on loopback only.
 */

import { startBroker } from "../support/broker_process.ts";
import type { LoadTarget } from "./load.ts";

/** A broker that runs until it is disposed of. */
export type RunningBroker = LoadTarget & AsyncDisposable;

/** How to start a broker. */
export interface BrokerKind {
  name: string;
  start(): Promise<RunningBroker>;
}

export const ourBroker: BrokerKind = { name: "ours", start: () => startBroker() };

/** Nothing is dropped, nothing is logged, nothing is written to disk. */
const MOSQUITTO_CONFIG = (port: number) =>
  `listener ${port} 127.0.0.1
allow_anonymous true
max_queued_messages 0
max_inflight_messages 0
log_type none
persistence false
`;

/** Debian installs it outside the PATH of people who are not root. */
const MOSQUITTO_PROGRAMS = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

/** Milliseconds for Mosquitto to listen. */
const START_TIMEOUT_MS = 10_000;

/** Mosquitto, or undefined when it is not installed. */
export async function findMosquitto(): Promise<(BrokerKind & { version: string }) | undefined> {
  for (const program of MOSQUITTO_PROGRAMS) {
    const version = await mosquittoVersion(program);
    if (version === undefined) continue;
    return { name: "Mosquitto", version, start: () => startMosquitto(program) };
  }
  return undefined;
}

async function mosquittoVersion(program: string): Promise<string | undefined> {
  try {
    // It prints its version with its help and ends with a code other than 0.
    const { stdout } = await new Deno.Command(program, { args: ["-h"], stdin: "null" }).output();
    return /version (\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function startMosquitto(program: string): Promise<RunningBroker> {
  const folder = await Deno.makeTempDir({ prefix: "mosquitto-bench-" });
  const port = freePort();
  await Deno.writeTextFile(`${folder}/mosquitto.conf`, MOSQUITTO_CONFIG(port));
  const args = ["-c", `${folder}/mosquitto.conf`];
  const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const process = new Deno.Command(program, { args, ...stdio }).spawn();
  const broker = {
    port,
    pid: process.pid,
    [Symbol.asyncDispose]: async () => {
      process.kill("SIGTERM");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
  await untilListening(port);
  return broker;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Resident memory of a process in MB, as Linux counts it. */
export async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
