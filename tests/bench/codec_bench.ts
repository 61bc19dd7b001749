/**
 * Micro-benchmarks of the codec: a read buffer full of packets, the way the broker sees it.
 *
 * Each iteration handles 1,000 packets, so that a figure in microseconds is one in nanoseconds for
 * one packet.
 */

import { decodePacket, encodePacket } from "../../src/protocol/codec.ts";
import { Framer } from "../../src/protocol/framer.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { PublishFrame } from "../../src/protocol/publish_frame.ts";
import { Writer } from "../../src/protocol/writer.ts";

const COUNT = 1000;

const publish = {
  type: PacketType.Publish,
  topicName: "home/kitchen/temperature",
  payload: new Uint8Array(64),
  qos: 0,
  retain: false,
  duplicate: false,
  packetIdentifier: 0,
  properties: {},
} as const;

const publishQoS1 = { ...publish, qos: 1, packetIdentifier: 7 } as const;

const publishWithProperties = {
  ...publish,
  properties: {
    contentType: "application/json",
    messageExpiryInterval: 60,
    userProperties: [["room", "kitchen"]],
  },
} as const satisfies Packet;

/** Bytes of `COUNT` packets, one after the other. */
function bufferOf(packet: Packet, version: ProtocolVersion): Uint8Array {
  const writer = new Writer();
  for (let count = 0; count < COUNT; count++) encodePacket(writer, packet, version);
  return writer.written();
}

function benchDecode(name: string, packet: Packet, version: ProtocolVersion): void {
  const bytes = bufferOf(packet, version);
  const framer = new Framer();
  Deno.bench(`decodePacket() 1,000 ${name}`, { group: name }, () => {
    for (let start = 0; framer.next(bytes, start, bytes.length); start = framer.bodyEnd) {
      decodePacket(framer.header, bytes, framer.bodyStart, framer.bodyEnd, version);
    }
  });
}

function benchFrame(name: string, packet: Packet, version: ProtocolVersion): void {
  const bytes = bufferOf(packet, version);
  const framer = new Framer();
  const frame = new PublishFrame();
  Deno.bench(`PublishFrame.read() 1,000 ${name}`, { group: name }, () => {
    for (let start = 0; framer.next(bytes, start, bytes.length); start = framer.bodyEnd) {
      frame.read(framer.header, bytes, framer.bodyStart, framer.bodyEnd, version);
    }
  });
}

function benchEncode(name: string, packet: Packet, version: ProtocolVersion): void {
  const writer = new Writer(bufferOf(packet, version).length);
  Deno.bench(`encodePacket() 1,000 ${name}`, { group: name }, () => {
    writer.length = 0;
    for (let count = 0; count < COUNT; count++) encodePacket(writer, packet, version);
  });
}

for (
  const [name, packet, version] of [
    ["PUBLISH QoS 0 of MQTT 3.1.1", publish, 4],
    ["PUBLISH QoS 1 of MQTT 5", publishQoS1, 5],
    ["PUBLISH with properties", publishWithProperties, 5],
  ] as const
) {
  benchFrame(name, packet, version);
  benchDecode(name, packet, version);
  benchEncode(name, packet, version);
}

const puback = { type: PacketType.Puback, packetIdentifier: 7, reasonCode: 0, properties: {} };
benchDecode("PUBACK of MQTT 5", puback as Packet, 5);
benchEncode("PUBACK of MQTT 5", puback as Packet, 5);
