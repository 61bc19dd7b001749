/**
 * Compares what the broker did in a step with what the model says it had to do. Owns nothing but
 * the drops counted in the events so far.
 */

import assert from "node:assert/strict";
import { describePacket } from "../support/packet_text.ts";
import { type Packet, PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import type { Core } from "../support/core.ts";
import type { Model } from "./model.ts";
import type { ExpectedPublish, ModelSession } from "./model_session.ts";

/** A packet that is no PUBLISH, as the model writes it. */
export function controlText(packet: Packet): string {
  switch (packet.type) {
    case PacketType.Connack:
      return `CONNACK ${packet.sessionPresent}`;
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp: {
      const name = { 4: "PUBACK", 5: "PUBREC", 6: "PUBREL", 7: "PUBCOMP" }[packet.type];
      return `${name} ${packet.packetIdentifier} ${packet.reasonCode}`;
    }
    case PacketType.Suback:
      return `SUBACK ${packet.packetIdentifier} ${packet.reasonCodes.join(" ")}`;
    case PacketType.Unsuback:
      return `UNSUBACK ${packet.packetIdentifier} ${packet.reasonCodes.join(" ")}`;
    case PacketType.Disconnect:
      return `DISCONNECT ${packet.reasonCode}`;
    default:
      return `unexpected ${describePacket(packet)}`;
  }
}

/** Everything but a new Packet Identifier, which is the broker's choice. */
function publishText(packet: PublishPacket): string {
  const { subscriptionIdentifiers, ...properties } = packet.properties;
  return describePacket({
    ...packet,
    packetIdentifier: packet.duplicate ? packet.packetIdentifier : 0,
    properties: {
      ...Object.fromEntries(Object.entries(properties).sort(([a], [b]) => a < b ? -1 : 1)),
      ...(subscriptionIdentifiers && {
        subscriptionIdentifiers: subscriptionIdentifiers.toSorted((one, other) => one - other),
      }),
    },
  });
}

/** The client got exactly these messages, in order within QoS 0 and within the rest. */
function checkPublishes(session: ModelSession, got: PublishPacket[], wanted: ExpectedPublish[]) {
  for (const isQoS0 of [true, false]) {
    const packets = got.filter(({ qos }) => (qos === 0) === isQoS0);
    const expected = wanted.filter(({ packet }) => (packet.qos === 0) === isQoS0);
    assert.deepEqual(
      packets.map(publishText),
      expected.map(({ packet }) => publishText(packet)),
      `${session.clientIdentifier} at QoS ${isQoS0 ? "0" : "1 and 2"}`,
    );
    if (isQoS0) continue;
    packets.forEach(({ packetIdentifier, duplicate }, index) => {
      if (duplicate) return;
      const inUse = session.byIdentifier(packetIdentifier);
      assert.equal(inUse, undefined, `Packet Identifier ${packetIdentifier} is in use`);
      (expected[index] as ExpectedPublish).delivery.packetIdentifier = packetIdentifier;
    });
  }
}

/** What one client got in a step, on whichever connections. */
export function checkClient(
  model: Model,
  clientIdentifier: string,
  packets: readonly Packet[],
): void {
  const ended = model.ended.filter((each) => each.clientIdentifier === clientIdentifier);
  const current = model.sessions.get(clientIdentifier);
  const sessions = current === undefined ? ended : [...ended, current];
  assert.deepEqual(
    packets.filter(({ type }) => type !== PacketType.Publish).map(controlText),
    sessions.flatMap(({ expectedControl }) => expectedControl),
    `packets to ${clientIdentifier}`,
  );
  const publishes = packets.filter((packet) => packet.type === PacketType.Publish);
  const wanted = sessions.flatMap(({ expected }) => expected);
  if (publishes.length === 0 && wanted.length === 0) return;
  checkPublishes(sessions.at(-1) as ModelSession, publishes, wanted);
}

/** Sessions, subscriptions, queues, retained messages and counters are what the model has. */
export function checkState(model: Model, { broker, events }: Core): void {
  const summary = [...model.sessions.values()].map((session) => ({
    clientIdentifier: session.clientIdentifier,
    isOnline: session.isOnline,
    queued: session.queue.length,
    inflight: session.inflight.length,
    inbound: session.inbound.size,
    filters: [...session.subscriptions.keys()].sort(),
  }));
  const byName = (one: { clientIdentifier: string }, other: { clientIdentifier: string }) =>
    one.clientIdentifier < other.clientIdentifier ? -1 : 1;
  const actual = [...broker.sessions.values()].map((session) => ({
    clientIdentifier: session.clientIdentifier,
    isOnline: session.isOnline,
    queued: session.queuedCount,
    inflight: session.inflightCount,
    inbound: session.inbound.count,
    filters: [...session.subscriptions.keys()].sort(),
  }));
  assert.deepEqual(actual.sort(byName), summary.sort(byName), "sessions");
  const total = (count: (session: typeof summary[0]) => number) =>
    summary.reduce((sum, session) => sum + count(session), 0);
  assert.equal(broker.statistics.queuedMessages, total(({ queued }) => queued), "queued messages");
  assert.equal(broker.statistics.clientsConnected, total(({ isOnline }) => isOnline ? 1 : 0));
  assert.equal(broker.router.tree.size, total(({ filters }) => filters.length), "tree size");
  const retained = [...broker.retained.match("#"), ...broker.retained.match("$x/#")];
  assert.deepEqual(
    new Map(retained.map(({ topic, payload }) => [topic.name, text(payload)])),
    new Map([...model.retained].map(([topicName, { payload }]) => [topicName, payload])),
    "retained messages",
  );
  assert.equal(broker.retained.count, model.retained.size, "retained count");
  checkDrops(model, events.take());
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function checkDrops(model: Model, lines: string[]): void {
  const dropped = lines.flatMap((line) => {
    const found = /^(\S+) dropped (\d+) of '.*': (\w+)$/.exec(line);
    return found === null ? [] : Array(Number(found[2])).fill(`${found[1]} ${found[3]}`);
  });
  const expected = [...model.ended, ...model.sessions.values()].flatMap((session) =>
    session.drops.map((reason) => `${session.clientIdentifier} ${reason}`)
  );
  assert.deepEqual(dropped.sort(), expected.sort(), "drops");
}

/** Nothing is left when everybody is gone. */
export function checkEmpty({ broker }: Core): void {
  const { queuedMessages, queuedBytes, clientsConnected } = broker.statistics;
  assert.deepEqual(
    {
      sessions: broker.sessions.size,
      queuedMessages,
      queuedBytes,
      clientsConnected,
      subscriptions: broker.router.tree.size,
      shared: broker.router.tree.sharedSize,
    },
    {
      sessions: 0,
      queuedMessages: 0,
      queuedBytes: 0,
      clientsConnected: 0,
      subscriptions: 0,
      shared: 0,
    },
  );
  assert.deepEqual(broker.router.tree.match("a/b/c"), { subscriptions: [], groups: [] });
}
