/**
 * The brokers that are measured: ours, and Mosquitto where it is installed.
 *
 * Owns their processes and the files of their setups; each is stopped by its own process id. They
 * listen on loopback only, but for Mosquitto's WebSocket listener, which takes no address.
 */

import { startBroker } from "../support/broker_process.ts";
import { testCa, testServer } from "../support/certificates.ts";
import type { LoadGenerator, LoadResult, LoadTarget } from "./load.ts";
import {
  type BrokerSetup,
  clientArgs,
  isEncrypted,
  mosquittoConfig,
  mosquittoPasswords,
  ourConfig,
  SETUP_FILES,
} from "./setup.ts";

/** A broker that runs until it is disposed of. */
export type RunningBroker = LoadTarget & AsyncDisposable;

/** How to start a broker. */
export interface BrokerKind {
  name: string;
  /** Without a setup: over TCP, for everybody. */
  start(setup?: BrokerSetup): Promise<RunningBroker>;
}

const PLAIN: BrokerSetup = { transport: "tcp" };

export const ourBroker: BrokerKind = { name: "ours", start: (setup = PLAIN) => startOurs(setup) };

/** The same broker, always started with this setup. */
export function withSetup(kind: BrokerKind, setup: BrokerSetup): BrokerKind {
  return { name: kind.name, start: () => kind.start(setup) };
}

/** Puts one load on a new broker; throws an Error when a message is missing. */
export async function loadNew(
  kind: BrokerKind,
  generator: LoadGenerator,
  args: readonly string[],
): Promise<LoadResult> {
  await using broker = await kind.start();
  const result = await generator.run(broker, args);
  if (result.missing > 0) throw new Error(`${kind.name}: ${result.missing} messages are missing`);
  return result;
}

/** Debian installs it outside the PATH of people who are not root. */
const MOSQUITTO_PROGRAMS = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

/** Milliseconds for Mosquitto to listen. */
const START_TIMEOUT_MS = 10_000;

/** Mosquitto, or undefined when it is not installed. */
export async function findMosquitto(): Promise<(BrokerKind & { version: string }) | undefined> {
  for (const program of MOSQUITTO_PROGRAMS) {
    const version = await mosquittoVersion(program);
    if (version === undefined) continue;
    const start = (setup = PLAIN) => startMosquitto(program, setup);
    return { name: "Mosquitto", version, start };
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

async function startOurs(setup: BrokerSetup): Promise<RunningBroker> {
  await using stack = new AsyncDisposableStack();
  const folder = await makeFolder(stack, setup);
  const { port, pid } = stack.use(await startBroker({ config: await ourConfig(setup), folder }));
  return running(stack, { port, pid, clientArgs: clientArgs(setup, folder) });
}

async function startMosquitto(program: string, setup: BrokerSetup): Promise<RunningBroker> {
  await using stack = new AsyncDisposableStack();
  const folder = await makeFolder(stack, setup);
  const port = freePort();
  const path = `${folder}/mosquitto.conf`;
  await Deno.writeTextFile(path, mosquittoConfig(setup, { port, spare: freePort() }, folder));
  const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const process = new Deno.Command(program, { args: ["-c", path], ...stdio }).spawn();
  let hasEnded = false;
  const ended = process.status.then(() => hasEnded = true);
  stack.defer(async () => {
    if (!hasEnded) process.kill("SIGTERM");
    await ended;
  });
  await untilListening(port);
  return running(stack, { port, pid: process.pid, clientArgs: clientArgs(setup, folder) });
}

/** What `stack` has got so far belongs to the broker from now on. */
function running(stack: AsyncDisposableStack, target: LoadTarget): RunningBroker {
  const owned = stack.move();
  return { ...target, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A folder with the files that the setup refers to; `stack` removes it. */
async function makeFolder(stack: AsyncDisposableStack, setup: BrokerSetup): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "broker-bench-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o600 });
  if (isEncrypted(setup.transport)) {
    const { certificate, key } = await testServer();
    await write(SETUP_FILES.ca, (await testCa()).certificate);
    await write(SETUP_FILES.certificate, certificate);
    await write(SETUP_FILES.key, key);
  }
  if (setup.login) await write(SETUP_FILES.passwords, mosquittoPasswords(setup.login));
  return folder;
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
