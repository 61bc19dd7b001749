/**
 * Whom CONNECT is refused: for its Will, and for a Client Identifier that is another user's. What no
 * client may ask for is in handle_connect_test.ts.
 */

import assert from "node:assert/strict";
import { mayResume } from "../../src/broker/connect_checks.ts";
import { restore } from "../../src/broker/restore.ts";
import type { ConnectPacket } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import { ANONYMOUS, type FakeClient } from "../support/fake_client.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { connectPacket, type Fields, will } from "../support/packets.ts";

/** A client of this user that tries to connect as "a", with what it finds there. */
function connectAs(core: Core, username?: string, fields: Fields<ConnectPacket> = {}): FakeClient {
  const client = core.open(5, "new:1");
  const properties = { sessionExpiryInterval: 3600 };
  const named = username === undefined ? {} : { username };
  client.connect(connectPacket("a", 5, { cleanStart: false, properties, ...named, ...fields }));
  return client;
}

Deno.test("a Will to a topic that the client may not publish to is refused with 0x87", () => {
  for (const topic of ["secret", "$SYS/broker/uptime"]) {
    const core = new Core();
    core.access.topics.add("secret");
    const client = connectAs(core, "ann", { will: will(topic, "x") });
    assert.equal(client.refusal?.reasonCode, 0x87);
    assert.equal(core.broker.sessions.size, 0);
    assert.equal(core.broker.statistics.publishRefused, 1);
    const rule = topic === "secret" ? "rule 1" : "only the broker publishes to $SYS topics";
    assert.deepEqual(core.events.take(), [`a of ann may not have a Will '${topic}': ${rule}`]);
  }
});

Deno.test("a client that is refused for its Will takes nothing over", () => {
  const core = new Core();
  core.access.topics.add("secret");
  const first = connectAs(core, "ann");
  assert.equal(connectAs(core, "ann", { will: will("secret", "x") }).refusal?.reasonCode, 0x87);
  assert.ok(first.isOpen);
});

Deno.test("mayResume() is true for the same user, and for anybody where nobody had a name", () => {
  const table: [string | undefined, string | undefined, boolean][] = [
    [undefined, undefined, true],
    [undefined, "ann", true],
    ["ann", "ann", true],
    ["ann", "bob", false],
    ["ann", undefined, false],
    ["", undefined, false],
  ];
  const core = new Core();
  for (const [owner, username, expected] of table) {
    const session = core.broker.createSession("s", { ...ANONYMOUS, username: owner });
    assert.equal(mayResume(session, { ...ANONYMOUS, username }), expected, `${owner} ${username}`);
  }
});

Deno.test("the Client Identifier of a client that is connected is not given to another user", () => {
  for (const username of ["bob", undefined]) {
    for (const cleanStart of [false, true]) {
      const core = new Core();
      const ann = connectAs(core, "ann");
      core.events.take();
      const other = connectAs(core, username, { cleanStart });
      const { reasonCode, message } = other.refusal ?? {};
      assert.deepEqual([reasonCode, message], [0x87, "Not authorized"]);
      assert.ok(ann.isOpen);
      assert.deepEqual(core.events.take(), [
        `a not given to ${username} at new:1: the Client Identifier is in use by user 'ann'`,
      ]);
    }
  }
});

Deno.test("the same user takes its connection over, and a name that of a nameless client", () => {
  for (const owner of ["ann", undefined]) {
    const core = new Core();
    const first = connectAs(core, owner).subscribed("t");
    const second = connectAs(core, "ann");
    assert.equal(second.connack?.sessionPresent, true);
    assert.equal(first.isOpen, false);
    assert.equal(second.session.username, "ann");
    assert.equal(connectAs(core, undefined).refusal?.reasonCode, 0x87);
  }
});

Deno.test("a session that another user has left ends, and nothing of it reaches the newcomer", () => {
  const core = new Core();
  connectAs(core, "ann").subscribed("t").lose();
  const publisher = core.connect("p");
  publisher.publish("t", "for ann", { qos: 1 });
  core.events.take();
  const other = connectAs(core, "bob");
  publisher.publish("t", "later", { qos: 1 });
  assert.equal(other.connack?.sessionPresent, false);
  assert.deepEqual(other.messages(), []);
  assert.deepEqual(core.events.take(), [
    "a ended: another user has its Client Identifier now",
    "a connected",
  ]);
  assert.equal(core.broker.statistics.queuedMessages, 0);
});

Deno.test("an anonymous client does not end what a user has left", () => {
  const core = new Core();
  connectAs(core, "ann").subscribed("t").lose();
  core.connect("p").publish("t", "for ann", { qos: 1 });
  assert.equal(connectAs(core, undefined).refusal?.reasonCode, 0x87);
  assert.equal(core.broker.statistics.queuedMessages, 1);
  assert.equal(connectAs(core, "ann").connack?.sessionPresent, true);
});

Deno.test("whose a session is holds after a restart", () => {
  for (
    const [username, isPresent] of [["ann", true], ["bob", false], [undefined, undefined]] as const
  ) {
    const journal = new MemoryJournal();
    const core = new Core({}, journal);
    const ann = core.open(5, "ann:1");
    ann.identity = { ...ANONYMOUS, listener: "garden", address: "192.0.2.9", groups: ["family"] };
    const properties = { sessionExpiryInterval: 3600 };
    ann.connect(connectPacket("a", 5, { username: "ann", properties }));
    ann.subscribed("t");
    const next = new MemoryJournal();
    const following = new Core({}, next);
    following.nowMs = core.nowMs;
    restore(following.broker, journal.state(core.nowMs), next);
    assert.deepEqual(following.broker.sessions.get("a")?.identity, ann.session.identity);
    assert.equal(connectAs(following, username).connack?.sessionPresent, isPresent);
  }
});
