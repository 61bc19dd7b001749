/**
 * The moment in which a reload changes the listeners: nobody comes in by listeners of now and rules of
 * before.
 */

import assert from "node:assert/strict";
import type { Listener, ListenerHost, ListenerOptions } from "../../src/net/listener.ts";
import { ListenerSet } from "../../src/net/listener_set.ts";
import { NewListener } from "../../src/net/new_listener.ts";
import type { Issued } from "../../src/certificates/issue.ts";
import { newTestServer, testServer } from "../support/certificates.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";
import { settled } from "./fake_sink.ts";
import { listenerOptions, portOf, RecordingHost, visit } from "./listener_host_fixture.ts";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A set of listeners, open; when it is disposed of, they are closed. */
class ChangingSet implements AsyncDisposable {
  readonly host = new RecordingHost();
  readonly set: ListenerSet;

  private constructor(options: readonly ListenerOptions[]) {
    this.set = new ListenerSet(options, this.host);
  }

  static async open(...options: ListenerOptions[]): Promise<ChangingSet> {
    const changing = new ChangingSet(options);
    assert.deepEqual(await changing.set.open(), []);
    changing.host.take();
    return changing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.set.all.map((listener) => listener.close()));
  }
}

/** From now on its closing waits until what is returned is disposed of. */
function holdClosing(listener: Listener | undefined): Disposable {
  assert(listener !== undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  const close = listener.close.bind(listener);
  listener.close = () => promise.then(close);
  return { [Symbol.dispose]: resolve };
}

/** Resolves when it has been closed. */
function closingOf(listener: Listener | undefined): Promise<void> {
  assert(listener !== undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  const close = listener.close.bind(listener);
  listener.close = () => close().then(resolve);
  return promise;
}

Deno.test("a listener that stays is as before until all others are ready, then with the rest", async () => {
  const [stays, changes] = ["stays", "changes"].map((name) =>
    listenerOptions(name, { port: freePort() })
  ) as [ListenerOptions, ListenerOptions];
  await using changing = await ChangingSet.open(stays, changes);
  const { set, host } = changing;
  using held = holdClosing(set.all[1]);
  const change = await set.prepare([
    { ...stays, name: "now" },
    { ...changes, protocol: "websocket" },
  ]);
  const done = change.apply(() => {
    assert.deepEqual(set.all.map(({ options }) => options.name), ["now", "changes"]);
    host.lines.push("took effect");
  });
  await visit(portOf(set.all[0]));
  assert.equal(await host.next(), "accepted on stays");
  held[Symbol.dispose]();
  await done;
  assert.deepEqual(host.take(), ["listening (ws)", "took effect"]);
  await visit(portOf(set.all[0]));
  assert.equal(await host.next(), "accepted on now");
});

Deno.test("a listener that was opened again turns everybody away until the others are ready", async () => {
  const [quick, slow] = ["quick", "slow"].map((name) =>
    listenerOptions(name, { port: freePort() })
  ) as [ListenerOptions, ListenerOptions];
  await using changing = await ChangingSet.open(quick, slow);
  const { set, host } = changing;
  const [old] = set.all;
  assert(old !== undefined);
  using held = holdClosing(set.all[1]);
  const closed = closingOf(old);
  const change = await set.prepare([
    { ...quick, websocket: { paths: ["/"], origins: [], trustedProxies: [] } },
    { ...slow, protocol: "websocket" },
  ]);
  const done = change.apply();
  await closed;
  await settled(); // The socket is opened without waiting for anything.
  await visit(quick.port);
  assert.deepEqual(host.take(), []);
  held[Symbol.dispose]();
  await done;
  assert.deepEqual(host.take(), ["listening (mqtt)", "listening (ws)"]);
  assert.equal(set.currentOf(old), set.all[0]);
  await visit(quick.port);
  assert.equal(await host.next(), "accepted on quick");
});

Deno.test("a listener of a reload learns whom its host has turned away", async () => {
  const host: ListenerHost = { ...quietHost(), accepted: () => false };
  const opened = await NewListener.open(listenerOptions("new"), host);
  const [transport, origin] = [{} as never, {} as never];
  const listener = opened.putToUse();
  assert.equal(opened.accepted(transport, origin, listener), false);
  await listener.close();
});

function quietHost(): ListenerHost {
  return { accepted() {}, listening() {}, listenFailed() {}, acceptFailed() {} };
}

Deno.test("a reload reads the TLS files again, though nothing has told of new ones", async () => {
  await using folder = await TlsFolder.create(await testServer());
  // What is watched are the folders at both ends of a chain of links, and not those between.
  for (const name of ["top", "between", "first", "second"]) {
    await Deno.mkdir(`${folder.path}/${name}`);
  }
  for (const [name, made] of [["first", await testServer()], ["second", await newTestServer()]]) {
    const { certificate, key } = made as Issued;
    folder.write(`${name}/server.pem`, certificate + key);
  }
  const [top, between] = ["top", "between"].map((name) => `${folder.path}/${name}/server.pem`);
  assert(top !== undefined && between !== undefined);
  await Deno.symlink(between, top);
  await Deno.symlink(`${folder.path}/first/server.pem`, between);
  const options = listenerOptions("tls", {
    tls: folder.options({ certificate: top, key: top }),
  });
  await using changing = await ChangingSet.open(options);
  await Deno.remove(between);
  await Deno.symlink(`${folder.path}/second/server.pem`, between);
  await (await changing.set.prepare([{ ...options }])).apply();
  assert.equal(await changing.host.next(), "tls info");
});
