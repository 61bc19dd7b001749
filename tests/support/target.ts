/**
 * The broker that conformance tests talk to.
 *
 * One of three: in process, a new broker for each test (the default); the compiled executable named
 * by the environment variable BROKER_BIN, one process for each test file; or any broker that runs
 * already, BROKER_TARGET=host:port, one for all tests. In the last two, tests meet what others have
 * left behind, so their Client Identifiers and topics are their own, and they clean up.
 */

import { type BrokerProcess, startBroker } from "./broker_process.ts";
import type { Address } from "./packet_channel.ts";
import { type SettingsOverrides, startTestBroker } from "./test_broker.ts";

export interface Target extends Address, AsyncDisposable {
  /** Whether other tests meet what a test leaves on this broker. */
  readonly isShared: boolean;
}

export type TargetKind = "in process" | "executable" | "running broker";

/** A broker that differs from the default: said for this process, and as text for broker.yaml. */
export interface SpecialConfiguration {
  readonly settings: SettingsOverrides;
  readonly yaml: string;
}

const loopbackListener = "listeners:\n  - address: 127.0.0.1\n    port: 0\n";

const runningBroker = Deno.env.get("BROKER_TARGET");

export const targetKind: TargetKind = runningBroker
  ? "running broker"
  : Deno.env.get("BROKER_BIN")
  ? "executable"
  : "in process";

/** Shared by the tests of one file. Started before them, so that it is no leak of the first. */
const sharedProcess: BrokerProcess | undefined = targetKind === "executable"
  ? await startBroker()
  : undefined;
if (sharedProcess) Deno.test.afterAll(() => sharedProcess[Symbol.asyncDispose]());

/** Reads "host:port"; an IPv6 address stands in brackets. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new Error(`Cannot use BROKER_TARGET "${text}": expected host:port`);
  }
  return { hostname: (match[1] ?? match[2]) as string, port };
}

/** A broker that is not ended with the test. */
function shared({ hostname, port }: Address): Target {
  return { hostname, port, isShared: true, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** A broker that one test has for itself. */
function owned(broker: Address & AsyncDisposable): Target {
  const { hostname, port } = broker;
  return {
    hostname,
    port,
    isShared: false,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** A broker for one test. A running one cannot be configured: such tests are ignored there. */
export async function startTarget(special?: SpecialConfiguration): Promise<Target> {
  if (runningBroker) return shared(parseAddress(runningBroker));
  if (sharedProcess === undefined) return owned(await startTestBroker(special?.settings));
  if (special === undefined) return shared(sharedProcess);
  return owned(await startBroker({ config: loopbackListener + special.yaml }));
}
