/**
 * The link to one client: Maximum Packet Size, reason strings, Topic Aliases, and when it is full.
 */

import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { Statistics } from "../../src/broker/statistics.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { BufferPool } from "../../src/broker/buffer_pool.ts";
import { SharedChunk } from "../../src/broker/shared_chunk.ts";
import { ClientLink, type LinkLimits } from "../../src/net/client_link.ts";
import { Output } from "../../src/net/output.ts";
import {
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
} from "../../src/protocol/packet.ts";
import { newEnvelope } from "../../src/protocol/publish_frame.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { connectPacket } from "../support/packets.ts";
import { FakeSink, settled } from "./fake_sink.ts";

const LIMITS: LinkLimits = {
  maximumBufferedBytesPerClient: 1000,
  maximumBufferedBytes: 10_000,
  topicAliasMaximumTowardsClient: 2,
};

function makeLink(properties: Properties = {}, version: ProtocolVersion = 5) {
  const sink = new FakeSink();
  const statistics = new Statistics();
  const owner = {
    outputPending: () => {},
    outputTaken: () => {},
    outputGated: () => {},
    outputDrained: () => {},
    outputFailed: (error: unknown) => assert.fail(String(error)),
  };
  const output = new Output(sink, new BufferPool(), statistics, owner);
  const closed: [ReasonCode, string][] = [];
  const link = new ClientLink(
    connectPacket("c", version, { properties }),
    "192.0.2.1:5000",
    output,
    statistics,
    LIMITS,
    (reasonCode, reasonString) => closed.push([reasonCode, reasonString]),
  );
  /** The packets that the client gets, and how many bytes each takes. */
  const received = async (): Promise<Packet[]> => {
    output.flush();
    await settled();
    return new PacketStream({ version }).push(sink.bytes);
  };
  return { link, output, sink, statistics, closed, received };
}

function message(topicName: string, payloadBytes: number): Message {
  return new Message(new Topic(topicName), new Uint8Array(payloadBytes), 0, false);
}

/** `bytes` as the router hands them over. */
function chunkOf(bytes: Uint8Array): SharedChunk {
  const writer = new Writer(bytes.length);
  writer.rawBytes(bytes, 0, bytes.length);
  return new SharedChunk(writer, new BufferPool());
}

function suback(properties: Properties): Packet {
  return { type: PacketType.Suback, packetIdentifier: 1, reasonCodes: [0x8f], properties };
}

Deno.test("ClientLink.send() writes the packet in the client's version", async () => {
  const properties = { reasonString: "no" };
  const at5 = makeLink();
  at5.link.send(suback(properties));
  assert.deepEqual(await at5.received(), [suback(properties)]);
  const at311 = makeLink({}, 4);
  at311.link.send(suback(properties));
  assert.deepEqual([...(await at311.received(), at311.sink.bytes)], [0x90, 3, 0, 1, 0x80]);
});

Deno.test("ClientLink.send() leaves out reason string and user properties over the Maximum Packet Size", async () => {
  const properties: Properties = {
    reasonString: "Cannot subscribe",
    userProperties: [["k", "v"]],
  };
  const whole = makeLink();
  whole.link.send(suback(properties));
  await whole.received();
  const size = whole.sink.bytes.length;

  const exact = makeLink({ maximumPacketSize: size });
  exact.link.send(suback(properties));
  assert.deepEqual(await exact.received(), [suback(properties)]);

  const tooSmall = makeLink({ maximumPacketSize: size - 1 });
  tooSmall.link.send(suback(properties));
  assert.deepEqual(await tooSmall.received(), [suback({})]);
});

Deno.test("ClientLink.send() shortens DISCONNECT as well, and nothing before it [MQTT-3.14.2-3]", async () => {
  const { link, received } = makeLink({ maximumPacketSize: 20 });
  const disconnect = (properties: Properties): Packet => ({
    type: PacketType.Disconnect,
    reasonCode: ReasonCode.ServerShuttingDown,
    properties,
  });
  link.send({ type: PacketType.Pingresp });
  link.send(disconnect({ reasonString: "The server is shutting down" }));
  assert.deepEqual(await received(), [{ type: PacketType.Pingresp }, disconnect({})]);
});

Deno.test("ClientLink.send() keeps what a packet needs when it leaves out what is for people", async () => {
  const { link, received } = makeLink({ maximumPacketSize: 20 });
  const connack = (properties: Properties): Packet => ({
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.Success,
    properties: { receiveMaximum: 10, ...properties },
  });
  link.send(connack({ reasonString: "x".repeat(50) }));
  assert.deepEqual(await received(), [connack({})]);
});

Deno.test("ClientLink.send() cuts a reason string that no packet could carry", async () => {
  const { link, received } = makeLink();
  link.send(suback({ reasonString: "a".repeat(70_000) }));
  const [packet] = await received();
  assert(packet?.type === PacketType.Suback);
  const { reasonString = "" } = packet.properties;
  assert.match(reasonString, /^a{500,}/);
  assert(reasonString.length < 10_000);
});

Deno.test("ClientLink.acknowledge() writes the plain form of each acknowledgement", async () => {
  const { link, sink, received, statistics } = makeLink();
  for (
    const type of [
      PacketType.Puback,
      PacketType.Pubrec,
      PacketType.Pubrel,
      PacketType.Pubcomp,
    ] as const
  ) link.acknowledge(type, 0x1234);
  await received();
  assert.deepEqual(
    [...sink.bytes],
    [0x40, 0x50, 0x62, 0x70].flatMap((header) => [header, 2, 0x12, 0x34]),
  );
  assert.equal(statistics.messagesSent, 4);
});

Deno.test("ClientLink.publish() does not send what exceeds the Maximum Packet Size [MQTT-3.1.2-24]", async () => {
  const fits = makeLink({ maximumPacketSize: 50 });
  // Two bytes of Fixed Header, three of topic, one of properties.
  assert.equal(fits.link.publish(message("t", 44), newEnvelope()), true);
  assert.equal(fits.link.publish(message("t", 45), newEnvelope()), false);
  assert.equal((await fits.received()).length, 1);
  assert.equal(fits.sink.bytes.length, 50);
  assert.deepEqual(
    [fits.statistics.publishSent, fits.statistics.messagesSent, fits.statistics.publishBytesSent],
    [1, 1, 50],
  );
});

Deno.test("ClientLink.publish() uses an alias only once the client has been told its name", async () => {
  const { link, received } = makeLink({ topicAliasMaximum: 5, maximumPacketSize: 60 });
  // The second PUBLISH would introduce the alias, but is too large to be sent.
  for (const payloadBytes of [1, 100, 1, 1, 1]) {
    link.publish(message("topic", payloadBytes), newEnvelope());
  }
  const packets = await received();
  assert.deepEqual(
    packets.map((packet) =>
      packet.type === PacketType.Publish && [packet.topicName, packet.properties.topicAlias]
    ),
    [["topic", undefined], ["topic", undefined], ["topic", 1], ["", 1]],
  );
});

Deno.test("ClientLink gives as many aliases as client and configuration allow [MQTT-3.1.2-27]", async () => {
  for (const [ofClient, expected] of [[undefined, 0], [0, 0], [1, 1], [2, 2], [100, 2]] as const) {
    const properties = ofClient === undefined ? {} : { topicAliasMaximum: ofClient };
    const { link, received } = makeLink(properties);
    for (const topicName of ["a", "b", "c"]) {
      for (let time = 0; time < 3; time++) link.publish(message(topicName, 1), newEnvelope());
    }
    const aliases = (await received()).map((packet) =>
      packet.type === PacketType.Publish ? packet.properties.topicAlias : undefined
    );
    assert.equal(new Set(aliases.filter((alias) => alias !== undefined)).size, expected);
  }
});

Deno.test("ClientLink.needsOwnEncoding is true for aliases and for a Maximum Packet Size", () => {
  assert.deepEqual(
    [{}, { topicAliasMaximum: 0 }, { topicAliasMaximum: 1 }, { maximumPacketSize: 1000 }]
      .map((properties) => makeLink(properties).link.needsOwnEncoding),
    [false, false, true, true],
  );
});

Deno.test("ClientLink.publishEncoded() sends the bytes as they are, and counts their messages", async () => {
  const { link, sink, statistics, received } = makeLink();
  const bytes = Uint8Array.from([0x30, 4, 0, 1, 0x61, 0, 0x30, 4, 0, 1, 0x62, 0]);
  link.publishEncoded(chunkOf(bytes), 2);
  assert.equal((await received()).length, 2);
  assert.deepEqual(sink.bytes, bytes);
  const { messagesSent, publishSent, publishBytesSent } = statistics;
  assert.deepEqual([messagesSent, publishSent, publishBytesSent], [2, 2, 12]);
});

Deno.test("ClientLink is congested when more waits for the client than its limit", async () => {
  const { link, output, sink, received } = makeLink();
  sink.hold();
  link.publishEncoded(chunkOf(new Uint8Array(1000)), 1);
  assert.equal(link.isCongested, false);
  link.send({ type: PacketType.Pingresp });
  assert.equal(link.isCongested, true);
  output.flush();
  await sink.release();
  await received().catch(() => {});
  assert.deepEqual([link.isCongested, output.bufferedBytes], [false, 0]);
});

Deno.test("ClientLink is congested when all have too much and it has its share of that", () => {
  const { link, statistics } = makeLink();
  statistics.clientsConnected = 50;
  statistics.bufferedBytes = 10_001;
  assert.equal(link.isCongested, false, "a client that keeps up goes on");
  link.publishEncoded(chunkOf(new Uint8Array(300)), 1);
  assert.equal(link.isCongested, true);
  statistics.bufferedBytes = 300;
  assert.equal(link.isCongested, false);
});

Deno.test("ClientLink.close() hands its reason to the connection", () => {
  const { link, closed } = makeLink();
  link.close(ReasonCode.QuotaExceeded, "Too much");
  assert.deepEqual(closed, [[ReasonCode.QuotaExceeded, "Too much"]]);
});

Deno.test("ClientLink has room for a large message while all connections together have", () => {
  const { link, statistics } = makeLink();
  const large = 100_000;
  assert.equal(link.hasRoomFor(large), true, "nothing waits: any message must go some time");
  assert.equal(link.publish(message("t", large), newEnvelope()), true);
  assert(statistics.bufferedBytes >= large, "it counts before it is flushed");
  assert.equal(link.hasRoomFor(large), false);
  assert.equal(link.hasRoomFor(1000), true, "small ones are bounded by congestion");
});
