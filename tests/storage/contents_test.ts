import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { Outgoing } from "../../src/broker/outgoing.ts";
import { SharedGroup } from "../../src/broker/subscription.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { ByteSlab } from "../../src/storage/byte_slab.ts";
import * as contents from "../../src/storage/contents.ts";
import type { RestoredMessage } from "../../src/storage/restored.ts";
import { newSession } from "./fixture.ts";

const OFFSET_MS = 1_000_000_000_000;

/** What was written, with room for the checksum, to be read. */
function reread(write: (writer: Writer) => void): Reader {
  const writer = new Writer(16);
  write(writer);
  writer.fourByteInteger(0);
  return new Reader(writer.written().slice());
}

const properties = new Uint8Array([1, 1]);
const message = new Message(
  new Topic("s\u00fcd/1"),
  new Uint8Array([9, 1, 2, 3, 9]),
  2,
  true,
  properties,
  5000.5,
);
message.payloadStart = 1;
message.payloadEnd = 4;

function fieldsOf(read: RestoredMessage) {
  const { topicName, payload, qos, retain, encodedProperties, expiresAtMs, row } = read;
  return { topicName, payload, qos, retain, encodedProperties, expiresAtMs, row };
}

const wanted = {
  topicName: "s\u00fcd/1",
  payload: new Uint8Array([1, 2, 3]),
  qos: 2,
  retain: true,
  encodedProperties: properties,
  expiresAtMs: 4000.5,
};

Deno.test("a message is read as it was written, its expiry by another clock", () => {
  const reader = reread((writer) => contents.writeMessage(writer, message, OFFSET_MS));
  const read = contents.readMessage(reader, 7, OFFSET_MS + 1000, new ByteSlab(10));
  assert.deepEqual(fieldsOf(read), { ...wanted, row: 7 });
});

Deno.test("a message without expiry, properties and payload is read as it was written", () => {
  const plain = new Message(new Topic("t"), new Uint8Array(0), 0, false);
  const reader = reread((writer) => contents.writeMessage(writer, plain, OFFSET_MS));
  assert.deepEqual(fieldsOf(contents.readMessage(reader, 0, 0, new ByteSlab(0))), {
    topicName: "t",
    payload: new Uint8Array(0),
    qos: 0,
    retain: false,
    encodedProperties: new Uint8Array(0),
    expiresAtMs: Infinity,
    row: 0,
  });
});

Deno.test("a retained message is read with when it came, by another clock, and from whom", () => {
  const retained = new Message(new Topic("t"), new Uint8Array([1]), 1, true, properties, 5000);
  const again = () => {
    const reader = reread((writer) => contents.writeRetainedMessage(writer, retained, OFFSET_MS));
    return contents.readMessage(reader, 0, OFFSET_MS + 1000, undefined);
  };
  const known = ({ retainedAtMs, publisher }: RestoredMessage) => [retainedAtMs, publisher];
  assert.deepEqual(known(again()), [undefined, undefined]);
  retained.noteRetained(undefined, { nowMs: () => 7900 });
  assert.deepEqual(known(again()), [6000, undefined]);
  retained.noteRetained("k\u00fcche", { nowMs: () => -8000 });
  const { topicName, payload, qos, expiresAtMs, ...read } = again();
  assert.deepEqual([topicName, payload, qos, expiresAtMs], ["t", new Uint8Array([1]), 1, 4000]);
  assert.deepEqual([read.retainedAtMs, read.publisher], [-9000, "k\u00fcche"]);
});

Deno.test("a message that waits does not say when it was retained", () => {
  const waiting = new Message(new Topic("t"), new Uint8Array(1), 1, true);
  const write = () => reread((writer) => contents.writeMessage(writer, waiting, 0)).remaining;
  const bytes = write();
  waiting.noteRetained("kitchen", { nowMs: () => 7900 });
  assert.equal(write(), bytes);
});

Deno.test("an outgoing message is read as it was written, with its message", () => {
  const group = new SharedGroup("g", "a/#");
  const outgoing = new Outgoing(message, 1, false, [1, 268_435_455], group);
  const reader = reread((writer) => {
    contents.writeOutgoing(writer, outgoing);
    contents.writeMessage(writer, message, OFFSET_MS);
  });
  const keys = { row: 3, packetIdentifier: 8, released: true };
  const read = contents.readOutgoing(
    reader,
    keys,
    undefined,
    OFFSET_MS + 1000,
    new ByteSlab(10),
  );
  assert.deepEqual(fieldsOf(read.message), { ...wanted, row: 0 });
  const { qos, retain, subscriptionIdentifiers, sharedFilter, ...rest } = read;
  assert.deepEqual([qos, retain, subscriptionIdentifiers, sharedFilter], [
    1,
    false,
    [1, 268_435_455],
    "$share/g/a/#",
  ]);
  assert.deepEqual([rest.row, rest.packetIdentifier, rest.released], [3, 8, true]);
});

Deno.test("a session is read as it was written, with its Will and where it came in", () => {
  const session = newSession("a");
  // Names that a certificate or a token brought need not be Strings of MQTT.
  const identity = {
    username: "some\0body",
    listener: "g\u00e4rten",
    address: "2001:db8::1",
    groups: ["family", "\ufeff", "x".repeat(70_000)],
  };
  session.identity = identity;
  session.protocolVersion = 4;
  session.bridge = true;
  const will = {
    topicName: "w",
    payload: new Uint8Array([5]),
    qos: 1 as const,
    retain: true,
    properties: { willDelayInterval: 9, contentType: "text" },
    delayMs: 9000,
  };
  session.will = will;
  session.disconnectedAtMs = 100;
  const reader = reread((writer) => contents.writeSession(writer, session, OFFSET_MS));
  assert.deepEqual(contents.readSession(reader, OFFSET_MS + 1000), {
    ...identity,
    protocolVersion: 4,
    bridge: true,
    expiryIntervalMs: 3_600_000,
    disconnectedAtMs: -900,
    will,
  });
});

Deno.test("a session that never expires and is connected is read as it was written", () => {
  const session = newSession("a", undefined, Infinity);
  session.disconnectedAtMs = undefined;
  session.identity = { username: undefined, groups: [], listener: "", address: "" };
  const reader = reread((writer) => contents.writeSession(writer, session, OFFSET_MS));
  assert.deepEqual(contents.readSession(reader, OFFSET_MS), {
    username: undefined,
    listener: "",
    address: "",
    groups: [],
    protocolVersion: 5,
    bridge: false,
    expiryIntervalMs: Infinity,
    disconnectedAtMs: NaN,
    will: undefined,
  });
});

Deno.test("a subscription is read as it was written", () => {
  const options = [
    {
      topicFilter: "$share/g/a/#",
      qos: 2 as const,
      noLocal: false,
      retainAsPublished: true,
      replayPending: false,
      identifier: 300,
      shareName: "g",
    },
    {
      topicFilter: "b",
      qos: 0 as const,
      noLocal: true,
      retainAsPublished: false,
      replayPending: true,
      identifier: 0,
      shareName: undefined,
    },
  ];
  for (const option of options) {
    const subscription = { ...option, session: newSession("a") };
    const reader = reread((writer) => contents.writeSubscription(writer, subscription));
    assert.deepEqual(contents.readSubscription(reader, option.topicFilter), option);
  }
});
