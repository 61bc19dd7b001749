/**
 * A listener that is open and not put to use yet.
 */

import assert from "node:assert/strict";
import type { Listener } from "../../src/net/listener.ts";
import { NewListener } from "../../src/net/new_listener.ts";
import { listenerOptions, portOf, RecordingHost, visit } from "./listener_host_fixture.ts";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a new listener turns everybody away and reports nothing until it is put to use", async () => {
  const host = new RecordingHost();
  const port = freePort();
  const opened = await NewListener.open(listenerOptions("new", { port }), host);
  await visit(port);
  assert.deepEqual(host.take(), []);
  const listener: Listener = opened.putToUse();
  assert.deepEqual(host.take(), ["listening (mqtt)"]);
  assert.equal(portOf(listener), port);
  await visit(port);
  assert.equal(await host.next(), "accepted on new");
  await listener.close();
});

Deno.test("a new listener that nobody wants leaves its port free and no line", async () => {
  const host = new RecordingHost();
  const port = freePort();
  await (await NewListener.open(listenerOptions("new", { port }), host)).close();
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  assert.deepEqual(host.lines, []);
});

Deno.test("a new listener that cannot be opened is named, and not tried again", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = new RecordingHost();
  const options = listenerOptions("garden", { port: taken.addr.port });
  await assert.rejects(
    NewListener.open(options, host),
    /^Error: Cannot open the listener 'garden': .*in use/,
  );
  assert.deepEqual(host.lines, []);
});
