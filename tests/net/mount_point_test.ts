/**
 * The mount point of a listener: what its clients call a topic, and what the broker calls it.
 */

import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { Framer } from "../../src/protocol/framer.ts";
import { MountPoint } from "../../src/net/mount_point.ts";
import { PacketType, type Properties, type UnsubscribePacket } from "../../src/protocol/packet.ts";
import { encodeProperties } from "../../src/protocol/property.ts";
import { newEnvelope, PublishFrame, writePublish } from "../../src/protocol/publish_frame.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { encode } from "./connection_fixture.ts";
import { connectPacket, publishPacket, subscribePacket, will } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";

/** What the broker sees of a PUBLISH that a client of MQTT 5 sends. */
function entered(mount: MountPoint, topicName: string, properties: Properties = {}) {
  const bytes = encode(5, publishPacket(topicName, "x", { properties }));
  const framer = new Framer();
  framer.next(bytes, 0, bytes.length);
  const frame = new PublishFrame();
  frame.read(framer.header, bytes, framer.bodyStart, framer.bodyEnd, 5);
  mount.enterPublish(frame);
  const { topicBytes, topicStart, topicEnd } = frame;
  const name = new TextDecoder().decode(topicBytes.subarray(topicStart, topicEnd));
  return { name, responseTopic: frame.properties.responseTopic };
}

/** What a client of MQTT 5 gets of a message. */
function left(mount: MountPoint, topicName: string, properties: Properties = {}) {
  const message = new Message(
    new Topic(topicName),
    new TextEncoder().encode("x"),
    0,
    false,
    encodeProperties(PacketType.Publish, properties),
  );
  const content = mount.leave(message);
  if (content === undefined) return undefined;
  const writer = new Writer();
  writePublish(writer, 5, content, newEnvelope());
  const [packet] = new PacketStream({ version: 5 }).push(writer.written().slice());
  assert(packet?.type === PacketType.Publish);
  assert.equal(asText(packet.payload), "x");
  return { name: packet.topicName, properties: packet.properties };
}

Deno.test("MountPoint puts its prefix before Topic Names, short and long, one after the other", () => {
  const mount = new MountPoint("home/");
  for (const name of ["lamp", "x".repeat(5000), "a/b", "\u{e4}", "$SYS/x", "lamp"]) {
    assert.equal(entered(mount, name).name, `home/${name}`);
  }
});

Deno.test("MountPoint makes nothing valid of an empty Topic Name", () => {
  assert.equal(entered(new MountPoint("home/"), "", { topicAlias: 1 }).name, "");
});

Deno.test("MountPoint puts its prefix into Topic Filters, those of shared subscriptions included", () => {
  const mount = new MountPoint("home/");
  const filters = ["lamp", "#", "+/x", "$share/g/lamp/#", "$SYS/#", "/"];
  const expected = [
    "home/lamp",
    "home/#",
    "home/+/x",
    "$share/g/home/lamp/#",
    "home/$SYS/#",
    "home//",
  ];
  const subscribe = mount.enterSubscribe(subscribePacket(filters, {}, 1));
  assert.deepEqual(subscribe.subscriptions.map(({ topicFilter }) => topicFilter), expected);
  assert.deepEqual(subscribe.subscriptions.map(({ qos }) => qos), filters.map(() => 1));
  const unsubscribe: UnsubscribePacket = {
    type: PacketType.Unsubscribe,
    packetIdentifier: 1,
    topicFilters: filters,
    properties: {},
  };
  assert.deepEqual(mount.enterUnsubscribe(unsubscribe).topicFilters, expected);
});

Deno.test("MountPoint leaves Topic Filters that are not valid as they are", () => {
  const mount = new MountPoint("home/");
  const filters = ["", "$share/", "$share//x", "$share/g", "$share/g/", "$share/+/x"];
  const { subscriptions } = mount.enterSubscribe(subscribePacket(filters));
  assert.deepEqual(subscriptions.map(({ topicFilter }) => topicFilter), filters);
});

Deno.test("MountPoint moves a Will and its Response Topic below itself", () => {
  const mount = new MountPoint("home/");
  const packet = connectPacket("c", 5, {
    will: will("gone", "x", { properties: { responseTopic: "why", willDelayInterval: 3 } }),
  });
  assert.deepEqual(mount.enterConnect(packet).will, {
    ...packet.will,
    topicName: "home/gone",
    properties: { responseTopic: "home/why", willDelayInterval: 3 },
  });
  const plain = connectPacket("c");
  assert.equal(mount.enterConnect(plain), plain);
});

Deno.test("MountPoint refuses a topic that becomes too long, with 0x90", () => {
  const mount = new MountPoint("home/");
  const filter = subscribePacket(["x".repeat(65_531)]);
  assert.throws(() => mount.enterSubscribe(filter), { reasonCode: ReasonCode.TopicNameInvalid });
});

Deno.test("MountPoint takes its prefix off on the way out", () => {
  const mount = new MountPoint("home/");
  for (const name of ["lamp", "a/b", "\u{e4}", "x".repeat(5000), "lamp"]) {
    assert.equal(left(mount, `home/${name}`)?.name, name);
  }
});

Deno.test("MountPoint lets no message out that is not below it", () => {
  const mount = new MountPoint("home/");
  const names = ["lamp", "garden/lamp", "home", "Home/lamp", "home/", "xhome/lamp"];
  assert.deepEqual(names.map((name) => left(mount, name)), names.map(() => undefined));
});

Deno.test("MountPoint translates the Response Topic both ways, and drops one from outside", () => {
  const mount = new MountPoint("home/");
  assert.equal(entered(mount, "ask", { responseTopic: "answer" }).responseTopic, "home/answer");
  const properties: Properties = { contentType: "text", responseTopic: "home/answer" };
  assert.deepEqual(left(mount, "home/ask", properties)?.properties, {
    contentType: "text",
    responseTopic: "answer",
  });
  for (const responseTopic of ["answer", "home/"]) {
    const outside = left(mount, "home/ask", { contentType: "text", responseTopic });
    assert.deepEqual(outside?.properties, { contentType: "text" });
  }
  const without: Properties = { contentType: "text", userProperties: [["k", "v"]] };
  assert.deepEqual(left(mount, "home/ask", without)?.properties, without);
});
