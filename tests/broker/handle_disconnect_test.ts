import assert from "node:assert/strict";
import { Core } from "../support/core.ts";
import { will } from "../support/packets.ts";

Deno.test("DISCONNECT closes the connection without another word [MQTT-3.14.4-2]", () => {
  for (const version of [3, 4, 5] as const) {
    const core = new Core();
    const client = core.connect("a", version);
    core.events.take();
    client.disconnect();
    assert.deepEqual(client.link.closed, { reasonCode: 0, reasonString: "" });
    assert.deepEqual(client.received(), []);
    assert.deepEqual(core.events.take(), [
      "a disconnected: DISCONNECT from the client",
      "a ended: the client left",
    ]);
  }
});

Deno.test("DISCONNECT 0x00 discards the Will, any other reason keeps it [MQTT-3.14.4-3]", () => {
  for (const [reasonCode, expected] of [[0x00, []], [0x04, ["w gone"]], [0x83, ["w gone"]]]) {
    const core = new Core();
    const watcher = core.connect("watcher").subscribed("w");
    const client = core.connect("a", 5, { will: will("w", "gone") });
    client.disconnect(reasonCode as 0x00 | 0x04 | 0x83);
    core.broker.settle();
    assert.deepEqual(watcher.messages(), expected);
  }
});

Deno.test("DISCONNECT may change the Session Expiry Interval, to 0 as well", () => {
  const core = new Core();
  const shortened = core.connectKept("shortened");
  shortened.disconnect(0, { sessionExpiryInterval: 5 });
  const ended = core.connectKept("ended");
  ended.disconnect(0, { sessionExpiryInterval: 0 });
  assert.deepEqual([...core.broker.sessions.keys()], ["shortened"]);
  core.advance(4999);
  assert.equal(shortened.session.ended, false);
  core.advance(1);
  assert.equal(shortened.session.ended, true);
});

Deno.test("DISCONNECT may not give an expiry to a session that had none", () => {
  const core = new Core();
  const watcher = core.connect("watcher").subscribed("w");
  const client = core.connect("a", 5, { will: will("w", "gone") });
  client.disconnect(0, { sessionExpiryInterval: 5 });
  assert.equal(client.failure?.reasonCode, 0x82);
  assert.equal(core.broker.sessions.has("a"), false);
  core.broker.settle();
  assert.deepEqual(watcher.messages(), ["w gone"], "it was no normal disconnection");
});
