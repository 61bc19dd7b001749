import assert from "node:assert/strict";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { connectPacket } from "../support/packets.ts";

/** A durable subscriber and a clean one at QoS 2; then the disk takes nothing any more. */
function setUp() {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const kept = core.connectKept("kept").subscribed({ topicFilter: "kept/#", qos: 2 });
  const clean = core.connect("clean").subscribed({ topicFilter: "clean/#", qos: 2 });
  const shared = core.connectKept("member").subscribed("$share/g/shared");
  journal.isWritable = false;
  return { core, journal, kept, clean, shared };
}

/** Type and Reason Code of what a client was sent. */
function answers(client: FakeClient): unknown[] {
  return client.received().map((packet: Packet) =>
    "reasonCode" in packet ? [packet.type, packet.reasonCode] : [packet.type]
  );
}

Deno.test("a message that would have to be stored is refused with Quota exceeded, and goes nowhere", () => {
  const { core, journal, kept, shared } = setUp();
  const publisher = core.connect("p");
  const { recordings } = journal;
  publisher.publish("kept/a", "1", { qos: 1, packetIdentifier: 1 });
  publisher.publish("kept/a", "2", { qos: 2, packetIdentifier: 2 });
  publisher.publish("shared", "3", { qos: 1, packetIdentifier: 3 });
  publisher.publish("nobody", "4", { qos: 1, packetIdentifier: 4, retain: true });
  assert.deepEqual(answers(publisher), [
    [PacketType.Puback, ReasonCode.QuotaExceeded],
    [PacketType.Pubrec, ReasonCode.QuotaExceeded],
    [PacketType.Puback, ReasonCode.QuotaExceeded],
    [PacketType.Puback, ReasonCode.QuotaExceeded],
  ]);
  assert.deepEqual([kept.received(), shared.received()], [[], []]);
  assert.equal(core.broker.retained.get("nobody"), undefined);
  assert.equal(journal.recordings, recordings);
  assert.equal(publisher.session.inbound.count, 0, "the identifier is free again");
});

Deno.test("what only clean sessions get goes on while the disk takes nothing", () => {
  const { core, clean } = setUp();
  const publisher = core.connect("p");
  publisher.publish("clean/a", "1", { qos: 1, packetIdentifier: 1 });
  publisher.publish("clean/a", "2", { qos: 2, packetIdentifier: 2 });
  publisher.publish("kept/a", "3");
  assert.deepEqual(answers(publisher), [
    [PacketType.Puback, ReasonCode.Success],
    [PacketType.Pubrec, ReasonCode.Success],
  ]);
  assert.equal(clean.received().length, 2);
});

Deno.test("a durable session that publishes at QoS 2 is refused: its identifier cannot be stored", () => {
  const { kept } = setUp();
  kept.publish("clean/a", "1", { qos: 2, packetIdentifier: 1 });
  assert.deepEqual(answers(kept), [[PacketType.Pubrec, ReasonCode.QuotaExceeded]]);
});

Deno.test("a QoS 2 message that was received before is acknowledged again, not refused", () => {
  const { core, journal } = setUp();
  journal.isWritable = true;
  const publisher = core.connectKept("p");
  publisher.publish("kept/a", "1", { qos: 2, packetIdentifier: 1 });
  publisher.received();
  journal.isWritable = false;
  publisher.publish("kept/a", "1", { qos: 2, packetIdentifier: 1, duplicate: true });
  assert.deepEqual(answers(publisher), [[PacketType.Pubrec, ReasonCode.Success]]);
});

Deno.test("MQTT 3.1.1 has no way to refuse: the message is not acknowledged, the connection ends", () => {
  const { core, kept } = setUp();
  const publisher = core.connect("p", 4);
  publisher.publish("kept/a", "1", { qos: 1, packetIdentifier: 1 });
  assert.equal(publisher.failure?.reasonCode, ReasonCode.QuotaExceeded);
  assert.deepEqual([publisher.link.take(), kept.received()], [[], []]);
});

Deno.test("a session that is to outlive its connection is refused, a clean one is not", () => {
  const { core } = setUp();
  for (const version of [4, 5] as const) {
    const client = core.open(version);
    const properties = version === 5 ? { sessionExpiryInterval: 60 } : {};
    client.connect(connectPacket("new", version, { cleanStart: false, properties }));
    assert.equal(client.refusal?.reasonCode, ReasonCode.QuotaExceeded);
    assert.ok(core.connect(`clean ${version}`, version).isOpen);
  }
});

Deno.test("a clean CONNECT is refused that would end a stored session, which cannot be deleted", () => {
  const { core, journal, kept } = setUp();
  const clean = core.open();
  clean.connect(connectPacket("kept"));
  assert.equal(clean.refusal?.reasonCode, ReasonCode.QuotaExceeded);
  journal.pendingCommit = 1;
  kept.disconnect(0, { sessionExpiryInterval: 0 });
  const again = core.open();
  again.connect(connectPacket("kept"));
  assert.equal(again.refusal?.reasonCode, ReasonCode.QuotaExceeded);
  journal.pendingCommit = 0;
  journal.isWritable = true;
  assert.ok(core.connect("kept").isOpen);
});

Deno.test("a refused CONNECT leaves the connection of its Client Identifier alone", () => {
  const { core, kept } = setUp();
  const other = core.open();
  other.connect(connectPacket("kept", 5, { properties: { sessionExpiryInterval: 60 } }));
  assert.equal(other.refusal?.reasonCode, ReasonCode.QuotaExceeded);
  assert.ok(kept.isOpen);
});

Deno.test("a durable session gets no new subscription, a clean one does", () => {
  const { core, kept, clean } = setUp();
  for (const client of [kept, clean]) client.subscribe({ topicFilter: "new", qos: 1 });
  const granted = (client: FakeClient) =>
    client.received().map((packet) => packet.type === PacketType.Suback && packet.reasonCodes);
  assert.deepEqual(granted(kept), [[ReasonCode.QuotaExceeded]]);
  assert.deepEqual(granted(clean), [[ReasonCode.GrantedQoS1]]);
  assert.equal(core.broker.sessions.get("kept")?.subscriptions.has("new"), false);
});

Deno.test("a subscription that is refused is refused at once, not when the disk works again", () => {
  const { journal, kept } = setUp();
  journal.pendingCommit = 7;
  kept.subscribe({ topicFilter: "new", qos: 1 });
  assert.deepEqual(kept.link.gates, []);
});

Deno.test("when the disk takes something again, so does the broker", () => {
  const { core, journal, kept } = setUp();
  const publisher = core.connect("p");
  publisher.publish("kept/a", "1", { qos: 1, packetIdentifier: 1 });
  journal.isWritable = true;
  publisher.publish("kept/a", "1", { qos: 1, packetIdentifier: 1 });
  assert.deepEqual(answers(publisher), [
    [PacketType.Puback, ReasonCode.QuotaExceeded],
    [PacketType.Puback, ReasonCode.Success],
  ]);
  assert.equal(kept.received().length, 1);
});

Deno.test("UNSUBSCRIBE of a durable session is refused, and changes nothing", () => {
  const { core, kept, clean } = setUp();
  assert.deepEqual(kept.unsubscribe("kept/#").reasonCodes, [
    ReasonCode.ImplementationSpecificError,
  ]);
  assert.deepEqual(clean.unsubscribe("clean/#").reasonCodes, [ReasonCode.Success]);
  assert.equal(core.broker.sessions.get("kept")?.subscriptions.has("kept/#"), true);
});
