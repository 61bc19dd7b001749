import assert from "node:assert/strict";
import { SEQUENCE_AT, STAMP_AT, STREAM_AT, TAG_AT } from "../../src/load/payload_mark.ts";
import { type BatchOptions, PublishBatch } from "../../src/load/publish_batch.ts";
import { PacketType, type ProtocolVersion, type QoS } from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";

const OPTIONS: BatchOptions = {
  version: 5,
  qos: 0,
  retain: false,
  size: 20,
  topicNames: ["bench/a"],
  firstStream: 7,
  capacity: 4,
};

/** What the decoder of the broker makes of the bytes. */
function decode(bytes: Uint8Array, version: ProtocolVersion) {
  return new PacketStream({ version }).push(bytes).map((packet) => {
    assert.ok(packet.type === PacketType.Publish);
    const { topicName, qos, retain, duplicate, packetIdentifier, payload } = packet;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    return {
      topicName,
      qos,
      retain,
      duplicate,
      packetIdentifier,
      size: payload.length,
      mark: [STAMP_AT, SEQUENCE_AT, STREAM_AT, TAG_AT].map((at) => view.getUint32(at)),
    };
  });
}

Deno.test("the packets are what the decoder of the broker takes, in every version and QoS", () => {
  for (const version of [3, 4, 5] as const) {
    for (const qos of [0, 1, 2] as QoS[]) {
      for (const size of [16, 20, 200, 20_000]) {
        const batch = new PublishBatch({ ...OPTIONS, version, qos, size, retain: true });
        batch.begin(99);
        assert.deepEqual(
          decode(batch.fill(2, 1000, 5), version),
          [0, 1].map((index) => ({
            topicName: "bench/a",
            qos,
            retain: true,
            duplicate: false,
            packetIdentifier: qos === 0 ? 0 : index + 1,
            size,
            mark: [1000 + 5 * index, index, 7, 99],
          })),
        );
      }
    }
  }
});

Deno.test("each stream is counted for itself, with its topic", () => {
  const batch = new PublishBatch({ ...OPTIONS, qos: 1, topicNames: ["b/0", "b/1", "b/2"] });
  batch.begin(1);
  const packets = [...decode(batch.fill(4, 0, 0), 5), ...decode(batch.fill(3, 0, 0), 5)];
  assert.deepEqual(
    packets.map(({ topicName, mark: [, sequence, stream] }) => [topicName, stream, sequence]),
    [0, 1, 2, 3, 4, 5, 6].map((index) => [
      `b/${index % 3}`,
      7 + index % 3,
      Math.floor(index / 3),
    ]),
  );
});

Deno.test("a new phase counts from 0 again, with its own tag", () => {
  const batch = new PublishBatch(OPTIONS);
  batch.begin(1);
  batch.fill(3, 0, 0);
  batch.begin(2);
  assert.deepEqual(decode(batch.fill(4, 9, 0), 5).map(({ mark }) => mark), [
    [9, 0, 7, 2],
    [9, 1, 7, 2],
    [9, 2, 7, 2],
    [9, 3, 7, 2],
  ]);
});

Deno.test("Packet Identifiers go from 65535 to 1, never to 0 [MQTT-2.2.1-3]", () => {
  const batch = new PublishBatch({ ...OPTIONS, qos: 1, capacity: 65_535 });
  batch.begin(1);
  batch.fill(65_534, 0, 0);
  assert.deepEqual(
    decode(batch.fill(3, 0, 0), 5).map(({ packetIdentifier }) => packetIdentifier),
    [65_535, 1, 2],
  );
});
