import assert from "node:assert/strict";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { subscribePacket } from "../support/packets.ts";
import { SessionFixture } from "./session_fixture.ts";

const { subscriptions } = subscribePacket(["a/#", "b"]);

function suback(packetIdentifier: number, ...reasonCodes: (0 | 1 | 2 | 0x87)[]): Packet {
  return { type: PacketType.Suback, packetIdentifier, reasonCodes, properties: {} };
}

function unsuback(packetIdentifier: number, ...reasonCodes: (0 | 0x11)[]): Packet {
  return { type: PacketType.Unsuback, packetIdentifier, reasonCodes, properties: {} };
}

Deno.test("subscribe() and unsubscribe() resolve with the answer that has their identifier", async () => {
  const fixture = new SessionFixture().begin();
  const subscribing = fixture.session.subscribe(subscriptions, {});
  const unsubscribing = fixture.session.unsubscribe(["b"], {});
  assert.deepEqual(fixture.takeSent(), ["SUBSCRIBE #1", "UNSUBSCRIBE #2"]);
  fixture.receive(unsuback(2, 0x11), suback(1, 2, 0x87));
  assert.deepEqual((await subscribing).reasonCodes, [2, 0x87]);
  assert.deepEqual((await unsubscribing).reasonCodes, [0x11]);
});

Deno.test("UNSUBACK has no Reason Codes before MQTT 5", async () => {
  const fixture = new SessionFixture().begin({ protocolVersion: 4 });
  const unsubscribing = fixture.session.unsubscribe(["b"], {});
  fixture.receive(unsuback(1));
  assert.deepEqual((await unsubscribing).reasonCodes, []);
});

Deno.test("requests are rejected when the connection ends, and not sent again", async () => {
  const fixture = new SessionFixture().begin();
  const subscribing = fixture.session.subscribe(subscriptions, {});
  const unsubscribing = fixture.session.unsubscribe(["b"], {});
  fixture.takeSent();
  fixture.session.end();
  const reason = "The connection ended before the server answered";
  await assert.rejects(subscribing, { name: "SendError", message: reason });
  await assert.rejects(unsubscribing, { message: reason });
  fixture.begin({ sessionPresent: true });
  assert.deepEqual(fixture.takeSent(), []);
  void fixture.session.subscribe(subscriptions, {});
  assert.deepEqual(fixture.takeSent(), ["SUBSCRIBE #3"]);
});

Deno.test("requests throw without a connection, and for a Topic Filter that is not valid", () => {
  const fixture = new SessionFixture();
  const without = { message: "Cannot subscribe or unsubscribe: there is no connection" };
  assert.throws(() => fixture.session.subscribe(subscriptions, {}), without);
  assert.throws(() => fixture.session.unsubscribe(["a"], {}), without);
  fixture.begin();
  const bad = subscribePacket(["a", "b/#/c"]).subscriptions;
  assert.throws(() => fixture.session.subscribe(bad, {}), {
    name: "SendError",
    reasonCode: 0x8f,
    message: `Cannot subscribe to 'b/#/c': "#" is not the last level`,
  });
  assert.throws(() => fixture.session.unsubscribe([""], {}), {
    message: "Cannot unsubscribe from '': it is empty",
  });
  assert.deepEqual(fixture.takeSent(), []);
});

Deno.test("answers that fit no request are errors of the server [MQTT-3.9.3-1]", () => {
  const fixture = new SessionFixture().begin();
  assert.throws(() => fixture.receive(suback(1, 0)), {
    reasonCode: 0x82,
    message: "Cannot accept SUBACK: nothing with Packet Identifier 1 waits for it",
  });
  void fixture.session.subscribe(subscriptions, {});
  assert.throws(() => fixture.receive(unsuback(1, 0)), { name: "ProtocolError" });
  assert.throws(() => fixture.receive(suback(1, 0)), {
    message: "Cannot accept SUBACK: 1 Reason Codes for 2 Topic Filters",
  });
});
