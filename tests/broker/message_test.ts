import assert from "node:assert/strict";
import {
  expiryTimeMs,
  forwardedProperties,
  Message,
  MESSAGE_OVERHEAD_BYTES,
  NEVER_MS,
  UNKNOWN_SECONDS,
} from "../../src/broker/message.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { PacketType, type Properties } from "../../src/protocol/packet.ts";
import { readProperties } from "../../src/protocol/property.ts";
import { PublishFrame } from "../../src/protocol/publish_frame.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { publishPacket } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";
import { encode } from "../protocol/vector.ts";

const clock = { ms: 5000, nowMs: () => clock.ms };

function readBack(encoded: Uint8Array): Properties {
  const writer = new Writer();
  writer.variableByteInteger(encoded.length);
  writer.rawBytes(encoded, 0, encoded.length);
  return readProperties(new Reader(writer.written()), PacketType.Publish);
}

/** A transient message and the buffer that it lies in. */
function received(properties: Properties = {}): [Message, Uint8Array] {
  const packet = publishPacket("t", "payload", { qos: 1, retain: true, properties });
  const bytes = encode(packet, 5);
  const frame = new PublishFrame();
  frame.read(bytes[0] as number, bytes, 2, bytes.length, 5);
  const message = new Message(new Topic("-"), new Uint8Array(0), 0, false);
  message.fill(frame, new Topic("t"), clock);
  return [message, bytes];
}

Deno.test("keep() copies a transient message out of the read buffer", () => {
  const [message, buffer] = received({ contentType: "x", messageExpiryInterval: 9 });
  const kept = message.keep();
  buffer.fill(0);
  assert.notEqual(kept, message);
  assert.equal(asText(kept.payloadBytes), "payload");
  assert.deepEqual([kept.payloadStart, kept.payloadEnd], [0, 7]);
  assert.deepEqual([kept.topic.name, kept.qos, kept.retain], ["t", 1, true]);
  assert.deepEqual(readBack(kept.encodedProperties), { contentType: "x" });
  assert.equal(kept.expiresAtMs, clock.ms + 9000);
});

Deno.test("keep() gives back a message that owns its bytes already", () => {
  const [message] = received();
  const kept = message.keep();
  assert.equal(kept.keep(), kept);
});

Deno.test("fill() leaves nothing of the message before", () => {
  const [message] = received({ contentType: "x", messageExpiryInterval: 9 });
  const bytes = encode(publishPacket("u", ""), 5);
  const frame = new PublishFrame();
  frame.read(bytes[0] as number, bytes, 2, bytes.length, 5);
  message.fill(frame, new Topic("u"), clock);
  const { qos, retain, encodedProperties, expiresAtMs, payloadLength } = message;
  assert.deepEqual(
    { qos, retain, properties: encodedProperties.length, expiresAtMs, payloadLength },
    { qos: 0, retain: false, properties: 0, expiresAtMs: NEVER_MS, payloadLength: 0 },
  );
  assert.equal(message.topic.name, "u");
});

Deno.test("forwardedProperties() keeps what receivers get unaltered [MQTT-3.3.2-15]", () => {
  const forwarded: Properties = {
    payloadFormatIndicator: 1,
    contentType: "text/plain",
    responseTopic: "answers/7",
    correlationData: Uint8Array.of(1, 2, 3),
    userProperties: [["b", "1"], ["a", "2"], ["b", "1"]],
  };
  const all = { ...forwarded, topicAlias: 3, messageExpiryInterval: 60, willDelayInterval: 5 };
  assert.deepEqual(readBack(forwardedProperties(all)), forwarded);
});

Deno.test("remainingExpirySeconds() counts down, rounded up, never below 0 [MQTT-3.3.2-6]", () => {
  const expiresAtMs = expiryTimeMs({ messageExpiryInterval: 3 }, clock);
  const message = new Message(new Topic("t"), new Uint8Array(0), 0, false, undefined, expiresAtMs);
  const at = (elapsedMs: number) => ({ nowMs: () => clock.ms + elapsedMs });
  const remaining = [0, 1, 1000, 2001, 2999, 3000, 9000].map((elapsedMs) =>
    message.remainingExpirySeconds(at(elapsedMs))
  );
  assert.deepEqual(remaining, [3, 3, 2, 1, 1, 0, 0]);
  assert.equal(message.hasExpired(at(2999)), false);
  assert.equal(message.hasExpired(at(3000)), true);
});

Deno.test("a message without Message Expiry Interval does not ask the clock", () => {
  const broken = { nowMs: () => assert.fail("the clock was read") };
  const message = new Message(new Topic("t"), new Uint8Array(0), 0, false);
  assert.equal(expiryTimeMs({}, broken), NEVER_MS);
  assert.equal(message.hasExpired(broken), false);
  assert.equal(message.remainingExpirySeconds(broken), -1);
});

Deno.test("noteRetained() notes when and by whom, in whole seconds", () => {
  const retained = (publisher: string | undefined) => {
    const message = new Message(new Topic("t"), new Uint8Array(1), 0, true);
    assert.deepEqual(
      [message.retainedAtSeconds, message.publisher],
      [UNKNOWN_SECONDS, undefined],
    );
    message.noteRetained(publisher, { nowMs: () => 12_999 });
    return [message.retainedAtSeconds, message.publisher];
  };
  assert.deepEqual(retained("kitchen"), [12, "kitchen"]);
  assert.deepEqual(retained(undefined), [12, undefined]);
  // A long identifier would cost more than the message is charged for.
  assert.deepEqual(retained("x".repeat(64)), [12, "x".repeat(64)]);
  assert.deepEqual(retained("x".repeat(65)), [12, undefined]);
});

Deno.test("sizeBytes charges content, topic, properties and an overhead", () => {
  const properties = forwardedProperties({ contentType: "ab" });
  const message = new Message(new Topic("t/1"), new Uint8Array(10), 0, false, properties);
  assert.equal(message.sizeBytes, 10 + "t/1".length + 5 + MESSAGE_OVERHEAD_BYTES);
});
