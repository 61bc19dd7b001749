import assert from "node:assert/strict";
import { unexpected } from "../../src/client/session_state.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { connectPacket, subscribePacket } from "../support/packets.ts";
import { message, SessionFixture } from "./session_fixture.ts";

Deno.test("publishAtMostOnce() sends at once, without an identifier", () => {
  const fixture = new SessionFixture().begin({ maximumInflight: 1 });
  fixture.publish("a", "1");
  fixture.session.publishAtMostOnce(message("a/b", "2", { retain: true }));
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 1 qos1 #1", "PUBLISH a/b 2 retain"]);
});

Deno.test("publishAtMostOnce() throws without a connection, where QoS 1 waits for one", () => {
  const fixture = new SessionFixture();
  assert.throws(() => fixture.session.publishAtMostOnce(message("a", "1")), {
    name: "SendError",
    message: "Cannot publish to 'a': there is no connection, and QoS 0 does not wait",
  });
  fixture.publish("a", "2");
  assert.deepEqual([fixture.session.isReady, fixture.session.unacknowledged], [false, 1]);
  fixture.begin();
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 2 qos1 #1"]);
});

Deno.test("publish() refuses a Topic Name that is not valid [MQTT-3.3.2-2]", () => {
  const fixture = new SessionFixture().begin();
  const fault = {
    name: "SendError",
    reasonCode: 0x90,
    message: "Cannot publish to 'a/+': contains a wildcard",
  };
  assert.throws(() => fixture.session.publishAtMostOnce(message("a/+", "")), fault);
  assert.throws(() => fixture.publish("a/+", ""), fault);
  assert.throws(() => fixture.publish("", ""), {
    message: "Cannot publish to '': it is empty",
  });
  assert.deepEqual(fixture.takeSent(), []);
});

Deno.test("receive() refuses packets that only clients send, and a second CONNACK", () => {
  const fixture = new SessionFixture().begin();
  const connack = {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: 0,
    properties: {},
  } as const;
  for (
    const packet of [
      connectPacket("x"),
      connack,
      subscribePacket(["a"]),
      { type: PacketType.Pingreq } as const,
    ]
  ) {
    assert.throws(() => fixture.receive(packet), { name: "ProtocolError", reasonCode: 0x82 });
  }
  assert.deepEqual(fixture.takeSent(), []);
});

Deno.test("unexpected() names the packet", () => {
  assert.equal(
    unexpected(PacketType.Subscribe).message,
    "Cannot accept SUBSCRIBE: it must not come here from a server",
  );
});
