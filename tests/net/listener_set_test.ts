/**
 * Listeners that a reload keeps, changes, adds and removes.
 */

import assert from "node:assert/strict";
import type { Listener, ListenerOptions } from "../../src/net/listener.ts";
import { ListenerSet } from "../../src/net/listener_set.ts";
import { listenerOptions, portOf, RecordingHost, visit } from "./listener_host_fixture.ts";

/** A set that is open. Disposing closes it. */
class SetFixture implements AsyncDisposable {
  readonly host = new RecordingHost();
  readonly set: ListenerSet;

  private constructor(options: readonly ListenerOptions[]) {
    this.set = new ListenerSet(options, this.host);
  }

  static async open(...options: ListenerOptions[]): Promise<SetFixture> {
    const fixture = new SetFixture(options);
    assert.deepEqual(await fixture.set.open(), []);
    fixture.host.take();
    return fixture;
  }

  async change(...wanted: ListenerOptions[]): Promise<ReadonlyMap<string, string>> {
    const change = await this.set.prepare(wanted);
    let seen: readonly Listener[] = [];
    await change.apply(() => seen = this.set.all);
    // What takes effect does so with the new listeners.
    assert.deepEqual(seen.map(({ options }) => options), wanted);
    return change.renamed;
  }

  get names(): string[] {
    return this.set.all.map(({ options }) => options.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.set.all.map((listener) => listener.close()));
  }
}

const [A, B, C] = ["a", "b", "c"].map((name) => listenerOptions(name)) as [
  ListenerOptions,
  ListenerOptions,
  ListenerOptions,
];

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("ListenerSet opens what is new, closes what is gone, and leaves the others open", async () => {
  await using fixture = await SetFixture.open(A, B);
  const { set, host } = fixture;
  const [a, b] = set.all;
  assert(a !== undefined && b !== undefined);
  const port = portOf(a);
  await fixture.change(C, A);
  assert.deepEqual([fixture.names, host.take()], [["c", "a"], ["listening (mqtt)"]]);
  assert.equal(set.all[1], a);
  assert.equal(portOf(a), port);
  assert.deepEqual(b.addresses, []);
  assert.deepEqual([set.currentOf(a), set.currentOf(b)], [a, undefined]);
  await visit(portOf(set.all[0]));
  assert.equal(await host.next(), "accepted on c");
});

Deno.test("ListenerSet takes over what concerns clients without touching the socket", async () => {
  const port = freePort();
  const fixed = listenerOptions("garden", { port });
  await using fixture = await SetFixture.open(fixed);
  const [listener] = fixture.set.all;
  assert(listener !== undefined);
  const wanted = { ...fixed, name: "yard", allowAnonymous: "never", maxConnections: 3 } as const;
  assert.deepEqual([...await fixture.change(wanted)], [["garden", "yard"]]);
  assert.equal(fixture.set.all[0], listener);
  assert.equal(listener.options, wanted);
  assert.deepEqual(fixture.host.take(), []);
});

Deno.test("ListenerSet opens a listener anew whose handshakes change, and knows its place", async () => {
  const port = freePort();
  const plain = listenerOptions("garden", { port });
  const web: ListenerOptions = { ...plain, protocol: "websocket" };
  await using fixture = await SetFixture.open(plain);
  const { set, host } = fixture;
  const [first] = set.all;
  await fixture.change(web);
  const [second] = set.all;
  await fixture.change(plain);
  const [third] = set.all;
  assert(first !== undefined && second !== undefined && third !== undefined);
  assert.deepEqual(host.take(), ["listening (ws)", "listening (mqtt)"]);
  assert.equal(new Set([first, second, third]).size, 3);
  for (const each of [first, second, third]) assert.equal(set.currentOf(each), third);
  assert.equal(portOf(third), port);
  await fixture.change(A);
  for (const each of [first, second, third]) assert.equal(set.currentOf(each), undefined);
});

Deno.test("ListenerSet changes the address of a port, though both cannot listen at once", async () => {
  const port = freePort();
  await using fixture = await SetFixture.open(listenerOptions("l", { port, address: "0.0.0.0" }));
  const [old] = fixture.set.all;
  assert(old !== undefined);
  await fixture.change(listenerOptions("l", { port }));
  assert.deepEqual(fixture.host.take(), ["listening (mqtt)"]);
  assert.equal(fixture.set.currentOf(old), undefined);
  await visit(port);
  assert.equal(await fixture.host.next(), "accepted on l");
});

Deno.test("ListenerSet.prepare() changes nothing when it throws, and leaves its ports free", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using fixture = await SetFixture.open(A);
  const [port, otherPort] = [freePort(), portOf(fixture.set.all[0])];
  const added = listenerOptions("added", { port });
  const impossible = [
    listenerOptions("taken", { port: taken.addr.port }),
    listenerOptions("tls", { tls: missingFiles() }),
    { ...A, tls: missingFiles() },
  ];
  for (const options of impossible) {
    await assert.rejects(fixture.set.prepare([added, options]));
  }
  assert.deepEqual([fixture.names, fixture.host.take()], [["a"], []]);
  assert.equal(portOf(fixture.set.all[0]), otherPort);
  await using again = await SetFixture.open(added);
  assert.equal(portOf(again.set.all[0]), port);
});

function missingFiles(): NonNullable<ListenerOptions["tls"]> {
  return {
    certificate: "/nonexistent/server.pem",
    key: "/nonexistent/key.pem",
    minVersion: "1.2",
    clientCa: undefined,
    clientCertificate: "none",
    identity: "none",
    crl: undefined,
  };
}
