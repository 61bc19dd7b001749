/**
 * Both IP versions on one port, on systems that treat them differently: with a `listen` of the
 * test's own, and once with the real one.
 */

import assert from "node:assert/strict";
import { listenOnAllAddresses } from "../../src/net/all_addresses.ts";

const PORT = 1883;

/** A machine on which nothing is real: what is listened on, and what was reported. */
class FakeMachine {
  readonly open = new Set<string>();
  readonly reports: string[] = [];
  /** Errors by address. */
  readonly failures: Record<string, Error> = {};
  /** Whether a socket for IPv6 takes IPv4 as well. */
  readonly isDualStack: boolean;

  constructor(isDualStack: boolean) {
    this.isDualStack = isDualStack;
  }

  listen = (hostname: string, port: number): Deno.TcpListener => {
    const failure = this.failures[hostname];
    if (failure !== undefined) throw failure;
    const isTaken = this.isDualStack ? this.open.size > 0 : this.open.has(hostname);
    if (isTaken) throw new Deno.errors.AddrInUse("Address already in use");
    this.open.add(hostname);
    return {
      addr: { transport: "tcp", hostname, port },
      close: () => void this.open.delete(hostname),
    } as unknown as Deno.TcpListener;
  };

  listenOnAll(): string[] {
    return listenOnAllAddresses(
      PORT,
      this.listen,
      (endpoint, error) => this.reports.push(`${endpoint} ${error.message}`),
    ).map(({ addr }) => addr.hostname);
  }
}

Deno.test("listenOnAllAddresses() takes one socket where IPv6 takes IPv4 as well", () => {
  const machine = new FakeMachine(true);
  assert.deepEqual(machine.listenOnAll(), ["::"]);
  assert.deepEqual([[...machine.open], machine.reports], [["::"], []]);
});

Deno.test("listenOnAllAddresses() takes two sockets where IPv6 does not take IPv4", () => {
  const machine = new FakeMachine(false);
  assert.deepEqual(machine.listenOnAll(), ["::", "0.0.0.0"]);
  assert.deepEqual(machine.reports, []);
});

Deno.test("listenOnAllAddresses() throws AddrInUse when another program has either, and keeps nothing", () => {
  for (const isDualStack of [true, false]) {
    for (const hostname of ["::", "0.0.0.0"]) {
      const machine = new FakeMachine(isDualStack);
      machine.open.add(hostname);
      assert.throws(() => machine.listenOnAll(), Deno.errors.AddrInUse);
      assert.deepEqual([...machine.open], [hostname]);
    }
  }
});

Deno.test("listenOnAllAddresses() reports whatever else leaves out IPv4 or IPv6", () => {
  const withoutIPv6 = new FakeMachine(false);
  withoutIPv6.failures["::"] = new Error("Too many open files (os error 24)");
  assert.deepEqual(withoutIPv6.listenOnAll(), ["0.0.0.0"]);
  assert.deepEqual(withoutIPv6.reports, ["[::]:1883 Too many open files (os error 24)"]);
  const withoutIPv4 = new FakeMachine(false);
  withoutIPv4.failures["0.0.0.0"] = new Error("Too many open files (os error 24)");
  assert.deepEqual(withoutIPv4.listenOnAll(), ["::"]);
  assert.deepEqual(withoutIPv4.reports, ["0.0.0.0:1883 Too many open files (os error 24)"]);
});

Deno.test("listenOnAllAddresses() is content with what the machine has", () => {
  const absent = [
    new Deno.errors.AddrNotAvailable("Cannot assign requested address (os error 99)"),
    new Error("Address family not supported by protocol (os error 97)"),
  ];
  for (const error of absent) {
    const [withoutIPv6, withoutIPv4] = [new FakeMachine(true), new FakeMachine(true)];
    withoutIPv6.failures["::"] = error;
    withoutIPv4.failures["0.0.0.0"] = error;
    assert.deepEqual(withoutIPv6.listenOnAll(), ["0.0.0.0"]);
    assert.deepEqual(withoutIPv4.listenOnAll(), ["::"]);
    assert.deepEqual([...withoutIPv6.reports, ...withoutIPv4.reports], []);
  }
});

Deno.test("listenOnAllAddresses() throws when neither can be listened on", () => {
  const machine = new FakeMachine(true);
  machine.failures["0.0.0.0"] = machine.failures["::"] = new Deno.errors.PermissionDenied("no");
  assert.throws(() => machine.listenOnAll(), Deno.errors.PermissionDenied);
  assert.deepEqual([[...machine.open], machine.reports], [[], []]);
});

Deno.test("listenOnAllAddresses() serves IPv4 on this machine, and nobody else can take the port", () => {
  const reports: Error[] = [];
  const sockets = listenOnAllAddresses(
    0,
    (hostname, port) => Deno.listen({ hostname, port }),
    (_endpoint, error) => reports.push(error),
  );
  const port = sockets[0]?.addr.port ?? 0;
  assert.throws(() => Deno.listen({ hostname: "127.0.0.1", port }), Deno.errors.AddrInUse);
  for (const socket of sockets) socket.close();
  assert.deepEqual(reports, []);
});
