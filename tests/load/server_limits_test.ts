import assert from "node:assert/strict";
import {
  checkServerLimits,
  inflightWindow,
  messagesTogether,
} from "../../src/load/server_limits.ts";
import { type ConnackPacket, PacketType, type Properties } from "../../src/protocol/packet.ts";
import { loadSettings } from "./fixture.ts";

function connack(properties: Properties): ConnackPacket {
  return { type: PacketType.Connack, sessionPresent: false, reasonCode: 0, properties };
}

Deno.test("what the broker has said that it will not take is an error", () => {
  const needs = { qos: 1, retain: true, packetBytes: 100 } as const;
  checkServerLimits(connack({}), needs);
  checkServerLimits(connack({ maximumQoS: 1, retainAvailable: 1, maximumPacketSize: 100 }), needs);
  const cases: [Properties, RegExp][] = [
    [{ maximumQoS: 0 }, /Cannot use QoS 1: the broker allows QoS 0 at most/],
    [{ retainAvailable: 0 }, /Cannot retain messages/],
    [{ maximumPacketSize: 99 }, /Cannot send packets of 100 bytes: the broker allows 99 at most/],
  ];
  for (const [properties, message] of cases) {
    assert.throws(() => checkServerLimits(connack(properties), needs), message);
  }
});

Deno.test("no more is in flight than the broker receives [MQTT-3.3.4-7]", () => {
  assert.deepEqual(
    [
      inflightWindow(connack({}), undefined),
      inflightWindow(connack({}), 500),
      inflightWindow(connack({ receiveMaximum: 7 }), 500),
      inflightWindow(connack({ receiveMaximum: 7 }), undefined),
    ],
    [20, 500, 7, 7],
  );
});

Deno.test("how much goes together follows from shape, size and QoS", () => {
  const place = { hostname: "localhost", port: 1 };
  const together = (
    kind: "all" | "pairs",
    publishers: number,
    subscribers: number,
    packetBytes: number,
    more = {},
  ) => {
    const shape = { kind, publishers, subscribers, topics: Math.max(publishers, subscribers) };
    const { underWay, written } = messagesTogether(
      loadSettings(place, { shape, ...more }),
      packetBytes,
    );
    return [underWay, written];
  };
  assert.deepEqual(together("all", 1, 1, 100), [5000, 655]);
  assert.deepEqual(together("pairs", 50, 50, 100), [10_000, 100]);
  assert.deepEqual(together("all", 1, 1000, 100), [100, 50]);
  assert.deepEqual(together("all", 1, 1, 10e6), [1, 1]);
  assert.deepEqual(together("all", 2000, 1000, 100), [2000, 1]);
  assert.deepEqual(together("all", 1, 1, 100, { qos: 1 }), [500, 250]);
  assert.deepEqual(together("pairs", 4, 4, 100, { qos: 1 }), [2000, 250]);
  assert.deepEqual(together("all", 3, 1, 100, { window: 8 }), [24, 4]);
});
