/**
 * The hot path of PUBLISH against the codec that owns its bytes (`decodePublish()`): both read the
 * same values or refuse with the same Reason Code, and what is written is read as what was meant.
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { TopicTable } from "../../src/broker/topic_table.ts";
import { Framer } from "../../src/protocol/framer.ts";
import type { Properties, ProtocolVersion, PublishPacket } from "../../src/protocol/packet.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { encodeProperties, NO_PROPERTIES } from "../../src/protocol/property.ts";
import { decodePublish } from "../../src/protocol/publish.ts";
import {
  type PublishContent,
  type PublishEnvelope,
  PublishFrame,
  publishRemainingLength,
  writePublish,
} from "../../src/protocol/publish_frame.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { ProtocolError } from "../../src/protocol/reason_code.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { versionedPacket } from "../fuzz/packet_arbitrary.ts";
import { assertProtocolError, bytesOf, decode, encode, type Vector } from "./vector.ts";

const VERSIONS: readonly ProtocolVersion[] = [3, 4, 5];
const NO_LIMITS = { maximumTopicLength: 65_535, maximumTopicLevels: 65_535 };

/** Filled again and again, as a connection does: nothing of an earlier packet may stay. */
const frame = new PublishFrame();

type Outcome = PublishPacket | string;

function outcomeOf(read: () => PublishPacket): Outcome {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `0x${error.reasonCode.toString(16)}`;
  }
}

/** What the frame holds, with the Topic Name validated where the broker does it. */
function readFrame(
  header: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
): PublishPacket {
  frame.read(header, bytes, start, end, version);
  const { topicBytes, topicStart, topicEnd, payloadBytes, payloadStart, payloadEnd } = frame;
  const isByAlias = version === 5 && topicStart === topicEnd;
  const topics = new TopicTable(10, 1, NO_LIMITS);
  return {
    type: PacketType.Publish,
    topicName: isByAlias ? "" : topics.find(topicBytes, topicStart, topicEnd).name,
    payload: payloadBytes.slice(payloadStart, payloadEnd),
    qos: frame.qos,
    retain: frame.retain,
    duplicate: frame.duplicate,
    packetIdentifier: frame.packetIdentifier,
    properties: frame.properties,
  };
}

/**
 * Reads one body both ways, in the middle of a read buffer whose other bytes would be lengths of 0.
 * Returns [frame, codec].
 */
function bothWays(header: number, body: Uint8Array, version: ProtocolVersion): [Outcome, Outcome] {
  const buffer = new Uint8Array(body.length + 20);
  buffer.set(body, 7);
  const end = 7 + body.length;
  return [
    outcomeOf(() => readFrame(header, buffer, 7, end, version)),
    outcomeOf(() => decodePublish(header, new Reader(buffer, 7, end), version)),
  ];
}

/** Header and body of a whole packet. */
function partsOf(bytes: Uint8Array): [header: number, body: Uint8Array] {
  const framer = new Framer();
  assert.ok(framer.next(bytes, 0, bytes.length));
  return [framer.header, bytes.subarray(framer.bodyStart, framer.bodyEnd)];
}

/** The field at the start of `body` breaks a rule by itself, so two faults may be there. */
function isTopicAtFault(body: Uint8Array): boolean {
  const outcome = outcomeOf(() => decodePublish(0x30, new Reader(body), 4));
  return typeof outcome === "string";
}

Deno.test("read() reads or refuses every vector of publish.json as decodePublish() does", async () => {
  const url = new URL("../vectors/publish.json", import.meta.url);
  const vectors = JSON.parse(await Deno.readTextFile(url)) as Vector[];
  assert.deepEqual(new Set(vectors.map(({ version }) => version)), new Set(VERSIONS));
  for (const { name, version, hex, error } of vectors) {
    const [header, body] = partsOf(bytesOf(hex));
    const [ours, expected] = bothWays(header, body, version);
    assert.deepEqual(ours, expected, `${name} (version ${version})`);
    if (error !== undefined) assert.equal(ours, error, name);
  }
});

Deno.test("read() reads every valid PUBLISH as decodePublish() does", () => {
  const publish = versionedPacket.filter(({ packet }) => packet.type === PacketType.Publish);
  fc.assert(
    fc.property(publish, ({ packet, version }) => {
      const [header, body] = partsOf(encode(packet, version));
      assert.deepEqual(bothWays(header, body, version), [packet, packet]);
    }),
    { numRuns: 200 },
  );
});

Deno.test("read() of damaged bytes gives the same values or the same Reason Code", () => {
  const publish = versionedPacket.filter(({ packet }) => packet.type === PacketType.Publish);
  const damage = fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 3 });
  const length = fc.oneof(fc.constant(Infinity), fc.nat(60));
  fc.assert(
    fc.property(publish, damage, length, fc.nat(15), ({ packet, version }, places, cut, flags) => {
      const body = partsOf(encode(packet, version))[1].slice(0, cut);
      for (const [at, value] of places) if (at < body.length) body[at] = value;
      checkAgreement(flags, body, version);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("read() of any bytes gives the same values or the same Reason Code", () => {
  const shortTopic = fc.tuple(fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 30 }))
    .map(([topicLength, rest]) => Uint8Array.of(0, topicLength, ...rest));
  const body = fc.oneof(fc.uint8Array({ maxLength: 12 }), shortTopic);
  fc.assert(
    fc.property(body, fc.nat(15), fc.constantFrom(...VERSIONS), (bytes, flags, version) => {
      checkAgreement(flags, bytes, version);
    }),
    { numRuns: 1000 },
  );
});

/**
 * The Topic Name is validated after everything else here and before it there, so of two faults either
 * may be the one that is reported.
 */
function checkAgreement(flags: number, body: Uint8Array, version: ProtocolVersion): void {
  const [ours, expected] = bothWays(PacketType.Publish << 4 | flags, body, version);
  if (typeof ours === "string" && typeof expected === "string" && isTopicAtFault(body)) return;
  assert.deepEqual(ours, expected);
}

Deno.test("read() says in words what is wrong", () => {
  const cases: [hex: string, version: ProtocolVersion, reasonCode: number, message: string][] = [
    ["36 05 0001 74 0001", 4, 0x81, "Cannot decode PUBLISH: QoS 3"],
    ["38 03 0001 74", 4, 0x81, "Cannot decode PUBLISH: DUP is set at QoS 0"],
    ["30 05 000c 616263", 4, 0x81, "Cannot decode Topic Name: 12 bytes announced, 3 remain"],
    ["30 01 00", 4, 0x81, "Cannot decode Topic Name: no length"],
    ["30 00", 5, 0x81, "Cannot decode Topic Name: no length"],
    ["32 04 0001 74 00", 4, 0x81, "Cannot decode PUBLISH: no Packet Identifier"],
    ["32 05 0001 74 0000", 4, 0x82, "Cannot decode PUBLISH: Packet Identifier is 0"],
    [
      "30 03 0000 00",
      5,
      0x82,
      "Cannot decode PUBLISH: neither Topic Name nor Topic Alias",
    ],
  ];
  for (const [hex, version, reasonCode, message] of cases) {
    const bytes = bytesOf(hex);
    const read = () => frame.read(bytes[0] as number, bytes, 2, bytes.length, version);
    assert.equal(assertProtocolError(read, reasonCode), message);
  }
});

Deno.test("read() copies nothing and makes no properties where there are none", () => {
  const bytes = bytesOf("30 07 0001 74 00 616263");
  frame.read(0x30, bytes, 2, bytes.length, 5);
  assert.equal(frame.topicBytes, bytes);
  assert.equal(frame.payloadBytes, bytes);
  assert.deepEqual([frame.topicStart, frame.topicEnd, frame.payloadStart, frame.payloadEnd], [
    4,
    5,
    6,
    9,
  ]);
  assert.equal(frame.properties, NO_PROPERTIES);
});

// Writing.

const text = fc.string({ unit: "grapheme", maxLength: 20 }).map((value) =>
  value.replaceAll(/[\0+#]/g, "")
);

const forwarded: fc.Arbitrary<Properties> = fc.record({
  payloadFormatIndicator: fc.constantFrom<0 | 1>(0, 1),
  contentType: text,
  correlationData: fc.uint8Array({ maxLength: 200 }),
  userProperties: fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }),
}, { requiredKeys: [], noNullPrototype: true });

interface Delivery {
  topicName: string;
  payload: Uint8Array;
  properties: Properties;
  envelope: PublishEnvelope;
}

const envelope: fc.Arbitrary<PublishEnvelope> = fc.record({
  qos: fc.constantFrom(0, 1, 2),
  retain: fc.boolean(),
  duplicate: fc.boolean(),
  packetIdentifier: fc.integer({ min: 1, max: 65_535 }),
  messageExpiryInterval: fc.oneof(fc.constantFrom(-1, 0), fc.integer({ min: 1, max: 0xffff_ffff })),
  subscriptionIdentifiers: fc.array(
    fc.oneof(
      fc.constantFrom(1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455),
      fc.integer({ min: 1, max: 268_435_455 }),
    ),
    { maxLength: 50 },
  ),
  topicAlias: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 65_535 })),
  topicNameKnown: fc.boolean(),
}, { noNullPrototype: true }).map((fields) => ({
  ...fields,
  duplicate: fields.duplicate && fields.qos > 0,
  packetIdentifier: fields.qos === 0 ? 0 : fields.packetIdentifier,
  topicNameKnown: fields.topicNameKnown && fields.topicAlias !== 0,
}));

const delivery: fc.Arbitrary<Delivery> = fc.record({
  topicName: text.map((value) => value || "t"),
  payload: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 20_000 })),
  properties: forwarded,
  envelope,
});

/** The parts of a message, its payload in the middle of a read buffer. */
function contentOf({ topicName, payload, properties }: Delivery): PublishContent {
  const name = new TextEncoder().encode(topicName);
  const payloadBytes = new Uint8Array(payload.length + 8).fill(0xee);
  payloadBytes.set(payload, 3);
  return {
    encodedTopicName: Uint8Array.of(name.length >> 8, name.length, ...name),
    encodedProperties: encodeProperties(PacketType.Publish, properties),
    payloadBytes,
    payloadStart: 3,
    payloadEnd: 3 + payload.length,
  };
}

/** What a receiver of `version` should read. */
function expectedPacket(
  { topicName, payload, properties, envelope }: Delivery,
  version: ProtocolVersion,
): PublishPacket {
  const { messageExpiryInterval, topicAlias, subscriptionIdentifiers } = envelope;
  const added: Properties = {
    ...(messageExpiryInterval < 0 ? {} : { messageExpiryInterval }),
    ...(topicAlias === 0 ? {} : { topicAlias }),
    ...(subscriptionIdentifiers.length === 0
      ? {}
      : { subscriptionIdentifiers: [...subscriptionIdentifiers] }),
  };
  return {
    type: PacketType.Publish,
    topicName: version === 5 && envelope.topicNameKnown ? "" : topicName,
    payload,
    qos: envelope.qos,
    retain: envelope.retain,
    duplicate: envelope.duplicate,
    packetIdentifier: envelope.packetIdentifier,
    properties: version === 5 ? { ...added, ...properties } : {},
  };
}

function checkDelivery(sent: Delivery, version: ProtocolVersion): void {
  const writer = new Writer(1);
  writer.byte(0xc0); // It is appended to what is there.
  // Only a client of MQTT 5 can know a Topic Alias.
  const to = version === 5 ? sent.envelope : { ...sent.envelope, topicNameKnown: false };
  writePublish(writer, version, contentOf(sent), to);
  const bytes = writer.written();
  assert.equal(bytes[0], 0xc0);
  const packet = bytes.subarray(1);
  assert.deepEqual(decode(packet, version), expectedPacket(sent, version));
  const [, body] = partsOf(packet);
  assert.equal(publishRemainingLength(version, contentOf(sent), to), body.length);
}

Deno.test("writePublish() writes what decodePublish() reads, as long as was announced", () => {
  fc.assert(
    fc.property(delivery, fc.constantFrom(...VERSIONS), checkDelivery),
    { numRuns: 500 },
  );
});

Deno.test("writePublish() has room for every length of Remaining Length and Property Length", () => {
  const plain: PublishEnvelope = {
    qos: 1,
    retain: false,
    duplicate: false,
    packetIdentifier: 1,
    messageExpiryInterval: -1,
    subscriptionIdentifiers: [],
    topicAlias: 0,
    topicNameKnown: false,
  };
  for (const border of [128, 16_384, 2_097_152]) {
    for (let length = border - 12; length <= border; length++) {
      const payload = new Uint8Array(length).fill(7);
      const sent = { topicName: "t", payload, properties: {}, envelope: plain };
      for (const version of VERSIONS) checkDelivery(sent, version);
    }
  }
  for (let count = 60; count <= 66; count++) {
    const subscriptionIdentifiers = new Array<number>(count).fill(5);
    const envelope = { ...plain, subscriptionIdentifiers };
    checkDelivery({ topicName: "t", payload: new Uint8Array(1), properties: {}, envelope }, 5);
  }
});
