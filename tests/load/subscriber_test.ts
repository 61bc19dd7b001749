import assert from "node:assert/strict";
import { nowUs } from "../../src/load/clock.ts";
import { Counter, Counters } from "../../src/load/counters.ts";
import { FlowWindow } from "../../src/load/flow_window.ts";
import { Histogram } from "../../src/load/histogram.ts";
import { LoadConnection } from "../../src/load/load_connection.ts";
import { Receipts } from "../../src/load/receipts.ts";
import { Subscriber } from "../../src/load/subscriber.ts";
import { type Packet, PacketType, type QoS } from "../../src/protocol/packet.ts";
import { connectSettings } from "./fixture.ts";
import { startScriptedServer } from "./scripted_server.ts";

const TAG = 77;

/** A message of the load, or one that looks nearly like it. */
function message(sequence: number, more: { qos?: QoS; tag?: number; size?: number } = {}): Packet {
  const payload = new Uint8Array(more.size ?? 16);
  if (payload.length >= 16) {
    const view = new DataView(payload.buffer);
    view.setUint32(4, sequence);
    view.setUint32(12, more.tag ?? TAG);
  }
  const qos = more.qos ?? 0;
  return {
    type: PacketType.Publish,
    topicName: "a/topic",
    payload,
    qos,
    retain: false,
    duplicate: false,
    packetIdentifier: qos === 0 ? 0 : sequence + 1,
    properties: { contentType: "something that takes room" },
  };
}

async function setUp() {
  const server = startScriptedServer();
  const connection = await LoadConnection.open(connectSettings(server), "s");
  const counters = Counters.create(1);
  const latency = new Histogram();
  const flow = new FlowWindow({ counters, fanOut: 1, messages: 5 });
  const receipts = new Receipts({ first: 0, count: 1 });
  const subscriber = new Subscriber({ connection, receipts, size: 16, flow, counters, latency });
  subscriber.begin(TAG, nowUs() - 1_000_000);
  const ended = connection.run(subscriber);
  return {
    server,
    counters,
    latency,
    receipts,
    async [Symbol.asyncDispose](): Promise<void> {
      await connection.disconnect();
      await ended;
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("messages of the load are counted and timed, all others are left alone", async () => {
  await using set = await setUp();
  const { server, counters, latency, receipts } = set;
  const others = [message(0, { tag: 1 }), message(0, { size: 3 }), message(0, { size: 0 })];
  for (const packet of [...others, message(0), message(1), message(1), message(3), message(2)]) {
    server.send(packet);
  }
  while (counters.total(Counter.Received) < 4) await server.turn();
  assert.deepEqual([receipts.duplicated, receipts.outOfOrder, receipts.unasked], [1, 1, 0]);
  assert.equal(latency.count, 4);
  // The stamps are 0: the beginning of the phase, a second ago.
  assert.ok(latency.quantile(0.01) >= 1_000_000);
});

Deno.test("everything at QoS 1 and 2 is acknowledged, with its Packet Identifier", async () => {
  await using set = await setUp();
  const { server } = set;
  const packetIdentifier = 9;
  const pubrel = {
    type: PacketType.Pubrel,
    packetIdentifier,
    reasonCode: 0,
    properties: {},
  } as const;
  const sent = [message(0, { qos: 1 }), message(1, { qos: 2 }), message(2, { qos: 1, tag: 1 })];
  for (const packet of [...sent, pubrel]) server.send(packet);
  const answers = await server.take(4);
  assert.deepEqual(
    answers.map((packet) => [packet.type, "packetIdentifier" in packet && packet.packetIdentifier]),
    [[PacketType.Puback, 1], [PacketType.Pubrec, 2], [PacketType.Puback, 3], [
      PacketType.Pubcomp,
      9,
    ]],
  );
});
