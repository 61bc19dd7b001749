/**
 * The broker that conformance tests talk to.
 *
 * One of three: in process, a new broker for each test (the default); the compiled executable named
 * by the environment variable BROKER_BIN, one process for each test file; or any broker that runs
 * already, BROKER_TARGET=host:port, one for all tests. In the last two, tests meet what others have
 * left behind, so their Client Identifiers and topics are their own, and they clean up.
 */

import type { Address } from "./raw_client.ts";

export interface Target extends Address, AsyncDisposable {}

export type TargetKind = "in process" | "executable" | "running broker";

const runningBroker = Deno.env.get("BROKER_TARGET");

export const targetKind: TargetKind = runningBroker ? "running broker" : "in process";

/** Reads "host:port"; an IPv6 address stands in brackets. */
export function parseAddress(text: string): Address {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new Error(`Cannot use BROKER_TARGET "${text}": expected host:port`);
  }
  return { hostname: (match[1] ?? match[2]) as string, port };
}

export function startTarget(): Promise<Target> {
  if (runningBroker) {
    const address = parseAddress(runningBroker);
    return Promise.resolve({ ...address, [Symbol.asyncDispose]: () => Promise.resolve() });
  }
  throw new Error("No in-process broker yet: set BROKER_TARGET=host:port");
}
