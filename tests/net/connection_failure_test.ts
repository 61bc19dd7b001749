/**
 * Mistakes of ours: whatever the core throws ends one client, and nobody else notices.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { describePacket } from "../../src/protocol/describe.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, publishPacket, subscribePacket, will } from "../support/packets.ts";
import { ConnectionFixture, encode, type FakeTransport, written } from "./connection_fixture.ts";

const PINGREQ = encode(5, { type: PacketType.Pingreq });
const MISTAKE = new Error("a mistake");

/** The core's next report of this kind throws, once. */
function sabotage(
  fixture: ConnectionFixture,
  name: "sessionConnected" | "sessionDisconnected" | "sessionEnded" | "retainedRefused",
): void {
  Object.defineProperty(fixture.events, name, {
    configurable: true,
    value: () => {
      Reflect.deleteProperty(fixture.events, name);
      throw MISTAKE;
    },
  });
}

/** Throws when the topic of a PUBLISH is checked, as long as `topicName` is published to. */
function sabotageTopic({ broker }: ConnectionFixture, topicName: string): void {
  const { access } = broker;
  broker.setAccess({
    accessOf: (clientIdentifier, identity) => ({
      ...access.accessOf(clientIdentifier, identity),
      mayPublish: (name) => {
        if (name === topicName) throw MISTAKE;
        return undefined;
      },
    }),
  });
}

function mistakes(fixture: ConnectionFixture): string[] {
  return fixture.events.lines.filter((line) => line.startsWith("internal error"));
}

async function isServed(transport: FakeTransport): Promise<boolean> {
  await transport.feed(PINGREQ);
  return written(transport, 5).at(-1)?.type === PacketType.Pingresp;
}

Deno.test("Connection is closed with 0x83 when acting on a packet fails, and others are not", async () => {
  const fixture = new ConnectionFixture();
  const other = await fixture.connect("other");
  await other.transport.feed(encode(5, subscribePacket(["t"])));
  const { transport } = await fixture.connect("c");
  sabotageTopic(fixture, "bad");
  await transport.feed(encode(
    5,
    publishPacket("t", "before"),
    publishPacket("bad", "x"),
    publishPacket("t", "after"),
  ));
  assert.deepEqual(written(transport, 5).at(-1), {
    type: PacketType.Disconnect,
    reasonCode: ReasonCode.ImplementationSpecificError,
    properties: { reasonString: "Internal error" },
  });
  assert.deepEqual(mistakes(fixture), ["internal error: Error: a mistake"]);
  await transport.end();
  assert.deepEqual(fixture.gone.length, 1);
  const received = written(other.transport, 5).filter(({ type }) => type === PacketType.Publish);
  assert.equal(received.length, 1, "what came before it was delivered");
  assert(await isServed(other.transport));
});

Deno.test("Connection leaves no session behind when accepting its CONNECT fails half-way", async () => {
  const fixture = new ConnectionFixture();
  sabotage(fixture, "sessionConnected");
  const { transport, ended } = await fixture.connect("c");
  assert.equal(transport.isWriteClosed, true);
  await transport.end();
  await ended;
  assert.deepEqual(mistakes(fixture), ["internal error: Error: a mistake"]);
  const { sessions, statistics } = fixture.broker;
  assert.deepEqual([sessions.size, statistics.clientsConnected], [0, 0]);
});

Deno.test("Connection is closed although taking it out of the broker fails", async () => {
  for (const report of ["sessionDisconnected", "sessionEnded"] as const) {
    const fixture = new ConnectionFixture();
    const other = await fixture.connect("other");
    const { transport, ended } = await fixture.connect("c");
    sabotage(fixture, report);
    await transport.end();
    await ended;
    assert.deepEqual(mistakes(fixture), ["internal error: Error: a mistake"], report);
    assert.deepEqual([transport.isClosed, fixture.gone.length], [true, 1]);
    assert(await isServed(other.transport));
  }
});

Deno.test("Connection is closed although its output fails and its Will cannot be published", async () => {
  const fixture = new ConnectionFixture();
  const { transport, ended } = await fixture.connect("c", 5, { will: will("bad", "x") });
  sabotageTopic(fixture, "bad");
  transport.sink.hold();
  await transport.feed(PINGREQ);
  await transport.sink.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await ended;
  assert.deepEqual(mistakes(fixture), ["internal error: Error: a mistake"]);
  assert.deepEqual([transport.isClosed, fixture.gone.length], [true, 1]);
});

Deno.test("Connection shows the packets of both directions when they are traced", async () => {
  const fixture = new ConnectionFixture();
  const seen: string[] = [];
  fixture.events.packetReceived = (client, packet, version) =>
    seen.push(`from ${client}: ${describePacket(packet, version)}`);
  fixture.events.packetSent = (client, packet, version) =>
    seen.push(`to ${client}: ${describePacket(packet, version)}`);
  const { transport } = await fixture.connect("c", 4);
  await transport.feed(encode(4, publishPacket("t", "secret", { qos: 1, packetIdentifier: 3 })));
  await transport.feed(PINGREQ);
  assert.deepEqual(seen, [
    "from c: CONNECT (MQTT 3.1.1, c1, k0, 'c')",
    "to c: CONNACK (s0, 0 Success)",
    "from c: PUBLISH (d0, q1, r0, m3, 't', 6 bytes)",
    "to c: PUBACK (m3)",
    "from c: PINGREQ",
    "to c: PINGRESP",
  ]);
});

Deno.test("Connection refuses the same with and without tracing", async () => {
  const connect = encode(4, connectPacket("c", 4));
  connect[8] = 3; // Not a Protocol Version that "MQTT" has: answered as MQTT 3.1.1.
  const unsupported5 = encode(5, connectPacket("c", 5));
  unsupported5[8] = 6;
  for (const bytes of [connect, unsupported5]) {
    const answers = [];
    for (const isTraced of [false, true]) {
      const fixture = new ConnectionFixture();
      if (isTraced) fixture.events.packetSent = () => {};
      const { transport } = fixture.open();
      await transport.feed(bytes);
      assert.equal(transport.isWriteClosed, true);
      answers.push(transport.sink.bytes);
      await transport.end();
    }
    assert.deepEqual(answers[1], answers[0]);
    assert(answers[0] !== undefined && answers[0].length >= 4);
  }
});

Deno.test("Connection answers a second CONNECT of any Protocol Version with 0x82 [MQTT-3.1.0-2]", async () => {
  for (const level of [3, 4, 5, 6, 77]) {
    const fixture = new ConnectionFixture();
    const { transport } = await fixture.connect("c");
    const connect = encode(5, connectPacket("c", 5));
    connect[8] = level;
    await transport.feed(connect);
    const last = written(transport, 5).at(-1);
    assert(last?.type === PacketType.Disconnect);
    assert.equal(last.reasonCode, ReasonCode.ProtocolError);
    assert.deepEqual(
      fixture.events.lines.filter((line) => line.startsWith("protocol error")),
      ["protocol error: A second CONNECT"],
    );
    await transport.end();
  }
});
