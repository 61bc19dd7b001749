import assert from "node:assert/strict";
import type { PublishResult } from "../../src/client/client_types.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { settled } from "../net/fake_sink.ts";
import { acknowledgement, publishPacket, subscribePacket } from "../support/packets.ts";
import { ClientFixture, connack, FakeServer } from "./client_fixture.ts";
import { message } from "./session_fixture.ts";

const { Puback, Pubrec, Pubcomp } = PacketType;

/** What a promise has come to so far. */
function outcome(promise: Promise<PublishResult | void>): { text: string } {
  const seen = { text: "pending" };
  promise.then(
    (result) => seen.text = result === undefined ? "done" : `0x${result.reasonCode.toString(16)}`,
    (error: Error) => seen.text = error.message,
  );
  return seen;
}

Deno.test("connect() sends CONNECT and resolves with CONNACK", async () => {
  const fixture = new ClientFixture();
  const server = new FakeServer(fixture.options);
  const connecting = fixture.client.connect(server.transport);
  await settled();
  assert.deepEqual(server.taken(), ["CONNECT"]);
  await server.send(connack({ properties: { receiveMaximum: 5 } }));
  assert.equal((await connecting).reasonCode, 0);
  assert.deepEqual(fixture.client.serverProperties, { receiveMaximum: 5 });
});

Deno.test("connect() resolves with a refusal, and the next one may follow at once", async () => {
  const fixture = new ClientFixture();
  const server = new FakeServer(fixture.options);
  const connecting = fixture.client.connect(server.transport);
  await server.send(connack({ reasonCode: 0x87 }));
  assert.equal((await connecting).reasonCode, 0x87);
  assert.equal(server.transport.closeCount, 1);
  const reason = "the server refused the connection";
  assert.deepEqual(await fixture.client.ended, { kind: "lost", reason });
  assert.deepEqual((await fixture.connect()).taken(), ["CONNECT"]);
});

Deno.test("connect() rejects when there is a connection, and when none comes about", async () => {
  const fixture = new ClientFixture();
  const server = new FakeServer(fixture.options);
  const connecting = fixture.client.connect(server.transport);
  await assert.rejects(fixture.client.connect(new FakeServer(fixture.options).transport), {
    message: "Cannot connect: there is a connection already",
  });
  const refusal = assert.rejects(connecting, {
    name: "ConnectError",
    message: "Cannot connect to 192.0.2.1:5000: the server closed the connection before it " +
      "answered; is it an MQTT broker?",
  });
  await server.end();
  await refusal;
});

Deno.test("messages that are published in one turn are one write", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  const before = server.writeCount;
  const publishing = [0, 1, 2].map((qos) =>
    outcome(fixture.client.publish(message("a", `${qos}`, { qos: qos as 0 | 1 | 2 })))
  );
  for (let count = 0; count < 50; count++) {
    await fixture.client.ready();
    void fixture.client.publish(message("a", "x"));
  }
  await settled();
  assert.equal(server.writeCount, before + 1);
  assert.equal(server.taken().length, 53);
  assert.deepEqual(publishing.map(({ text }) => text), ["0x0", "pending", "pending"]);
  await server.send(acknowledgement(Puback, 1, 0x10), acknowledgement(Pubrec, 2));
  assert.deepEqual(server.taken(), ["PUBREL #2"]);
  await server.send(acknowledgement(Pubcomp, 2));
  assert.deepEqual(publishing.map(({ text }) => text), ["0x0", "0x10", "0x0"]);
});

Deno.test("messages that come in one read are answered by one write", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  const before = server.writeCount;
  await server.send(
    publishPacket("a", "0"),
    publishPacket("a", "1", { qos: 1, packetIdentifier: 1 }),
    publishPacket("a", "2", { qos: 2, packetIdentifier: 2 }),
  );
  assert.deepEqual(fixture.delivered, ["a 0", "a 1 qos1 #1", "a 2 qos2 #2"]);
  assert.deepEqual(server.taken(), ["PUBACK #1", "PUBREC #2"]);
  assert.equal(server.writeCount, before + 1);
});

Deno.test("QoS 1 and 2 survive the connection; QoS 0 does not wait for one", async () => {
  const fixture = new ClientFixture({ cleanStart: false });
  const server = await fixture.connected();
  const first = outcome(fixture.client.publish(message("a", "1", { qos: 1 })));
  await settled();
  await server.end();
  const reason = "the server closed the connection";
  assert.deepEqual(await fixture.client.ended, { kind: "lost", reason });
  const second = outcome(fixture.client.publish(message("a", "2", { qos: 2 })));
  await assert.rejects(fixture.client.publish(message("a", "0")), { name: "SendError" });
  const next = await fixture.connect({}, true);
  await settled();
  assert.deepEqual(next.taken(), [
    ...["CONNECT", "PUBLISH a 1 qos1 #1 dup", "PUBLISH a 2 qos2 #2"],
  ]);
  await next.send(acknowledgement(Puback, 1), acknowledgement(Pubrec, 2, 0x97));
  assert.deepEqual([first.text, second.text, fixture.client.unacknowledged], ["0x0", "0x97", 0]);
});

Deno.test("the identifier that the server assigned is that of the next connections", async () => {
  const fixture = new ClientFixture({ clientIdentifier: "" });
  const server = await fixture.connected({ assignedClientIdentifier: "given" });
  await server.end();
  const next = await fixture.connect();
  const text = new TextDecoder().decode(next.transport.sink.bytes);
  assert.equal(text.endsWith("\0\x05given"), true);
});

Deno.test("ready() waits for acknowledgements, for the network and for a connection", async () => {
  const fixture = new ClientFixture({ maximumInflight: 1 });
  const unconnected = outcome(fixture.client.ready());
  await settled();
  assert.equal(unconnected.text, "pending");
  const server = await fixture.connected();
  assert.equal(unconnected.text, "done");
  void fixture.client.publish(message("a", "1", { qos: 1 }));
  const full = outcome(fixture.client.ready());
  await settled();
  assert.equal(full.text, "pending");
  await server.send(acknowledgement(Puback, 1));
  assert.equal(full.text, "done");
  server.transport.sink.hold();
  void fixture.client.publish(message("a", "x".repeat(300_000)));
  const held = outcome(fixture.client.ready());
  await settled();
  assert.equal(held.text, "pending");
  await server.transport.sink.release();
  assert.equal(held.text, "done");
});

Deno.test("publish() rejects what cannot be sent, and the connection stays", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected({ maximumPacketSize: 100 });
  for (const qos of [0, 1] as const) {
    const large = message("a", "x".repeat(100), { qos });
    await assert.rejects(fixture.client.publish(large), {
      name: "SendError",
      reasonCode: 0x95,
      message: `Cannot publish to 'a': it takes ${
        106 + qos * 2
      } bytes, the server takes 100 at most`,
    });
  }
  const properties = { contentType: "x".repeat(70_000) };
  await assert.rejects(fixture.client.publish(message("a", "", { properties })), {
    name: "RangeError",
  });
  void fixture.client.publish(message("a", "small", { qos: 1 }));
  await settled();
  assert.deepEqual(server.taken(), ["PUBLISH a small qos1 #2"]);
});

Deno.test("what QoS 0 messages wait for is told when the connection fails", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  server.transport.sink.hold();
  const first = outcome(fixture.client.publish(message("a", "1")));
  await settled();
  const second = outcome(fixture.client.publish(message("a", "2")));
  await server.transport.sink.fail(new Error("Broken pipe (os error 32)"));
  assert.equal(first.text, "Broken pipe (os error 32)");
  assert.equal(second.text, "The connection ended before the packet was sent");
  await fixture.clock.advance(1000);
  const reason = "the server closed the connection";
  assert.deepEqual(await fixture.client.ended, { kind: "lost", reason });
});

Deno.test("subscribe() and unsubscribe() get their answers, and reject without a connection", async () => {
  const fixture = new ClientFixture();
  const { subscriptions } = subscribePacket(["a"]);
  await assert.rejects(fixture.client.subscribe(subscriptions, {}), { name: "SendError" });
  await assert.rejects(fixture.client.unsubscribe(["a"], {}), { name: "SendError" });
  const server = await fixture.connected();
  const subscribing = fixture.client.subscribe(subscriptions, {});
  const unsubscribing = fixture.client.unsubscribe(["a"], {});
  await settled();
  assert.deepEqual(server.taken(), ["SUBSCRIBE #1", "UNSUBSCRIBE #2"]);
  const fields = { reasonCodes: [0 as const], properties: {} };
  await server.send({ type: PacketType.Suback, packetIdentifier: 1, ...fields });
  await server.send({ type: PacketType.Unsuback, packetIdentifier: 2, ...fields });
  assert.deepEqual((await subscribing).reasonCodes, [0]);
  assert.deepEqual((await unsubscribing).reasonCodes, [0]);
});

Deno.test("every packet is traced in both directions", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  void fixture.client.publish(message("a", "1", { qos: 1 }));
  await settled();
  await server.send(acknowledgement(Puback, 1));
  assert.deepEqual(fixture.traced, [
    "sent CONNECT",
    "received CONNACK",
    "sent PUBLISH a 1 qos1 #1",
    "received PUBACK #1",
  ]);
});
