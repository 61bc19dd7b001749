import assert from "node:assert/strict";
import { DebugLines } from "../../../src/cli/client/debug_lines.ts";
import { type Packet, PacketType } from "../../../src/protocol/packet.ts";
import { connectPacket } from "../../support/raw_client.ts";

const NONE = { properties: {} };

function acknowledgement(type: 4 | 5 | 6 | 7, reasonCode: 0 | 0x10 = 0): Packet {
  return { type, packetIdentifier: 1, reasonCode, ...NONE };
}

/** In the order in which a client sends and receives them. */
const CASES: readonly ["sent" | "received", Packet, ...string[]][] = [
  ["sent", connectPacket(5, {}), "Client (null) sending CONNECT"],
  [
    "received",
    {
      type: PacketType.Connack,
      sessionPresent: false,
      reasonCode: 0,
      properties: { assignedClientIdentifier: "auto-1" },
    },
    "Client auto-1 received CONNACK (0)",
  ],
  [
    "sent",
    {
      type: PacketType.Subscribe,
      packetIdentifier: 1,
      subscriptions: [
        { topicFilter: "a", qos: 2, noLocal: false, retainAsPublished: true, retainHandling: 2 },
        {
          topicFilter: "b\n",
          qos: 0,
          noLocal: true,
          retainAsPublished: false,
          retainHandling: 0,
        },
      ],
      ...NONE,
    },
    "Client auto-1 sending SUBSCRIBE (Mid: 1, Topic: a, QoS: 2, Options: 0x28)",
    "Client auto-1 sending SUBSCRIBE (Mid: 1, Topic: b\\n, QoS: 0, Options: 0x04)",
  ],
  [
    "received",
    { type: PacketType.Suback, packetIdentifier: 1, reasonCodes: [2, 0x87], ...NONE },
    "Client auto-1 received SUBACK",
    "Subscribed (mid: 1): 2, 135",
  ],
  [
    "sent",
    { type: PacketType.Unsubscribe, packetIdentifier: 2, topicFilters: ["c"], ...NONE },
    "Client auto-1 sending UNSUBSCRIBE (Mid: 2, Topic: c)",
  ],
  [
    "received",
    {
      type: PacketType.Publish,
      topicName: "a",
      payload: new Uint8Array(3),
      qos: 1,
      retain: true,
      duplicate: false,
      packetIdentifier: 7,
      ...NONE,
    },
    "Client auto-1 received PUBLISH (d0, q1, r1, m7, 'a', ... (3 bytes))",
  ],
  ["sent", acknowledgement(PacketType.Puback), "Client auto-1 sending PUBACK (m1, rc0)"],
  ["sent", acknowledgement(PacketType.Pubrel), "Client auto-1 sending PUBREL (m1)"],
  [
    "received",
    acknowledgement(PacketType.Puback, 0x10),
    "Client auto-1 received PUBACK (Mid: 1, RC:16)",
  ],
  ["received", acknowledgement(PacketType.Pubrec), "Client auto-1 received PUBREC (Mid: 1)"],
  ["sent", { type: PacketType.Pingreq }, "Client auto-1 sending PINGREQ"],
  [
    "received",
    { type: PacketType.Disconnect, reasonCode: 0x8e, ...NONE },
    "Client auto-1 received DISCONNECT (142)",
  ],
  [
    "sent",
    { type: PacketType.Disconnect, reasonCode: 4, ...NONE },
    "Client auto-1 sending DISCONNECT",
  ],
];

Deno.test("each packet is the line that Mosquitto's tools print", () => {
  const lines = new DebugLines(5, "");
  for (const [direction, packet, ...expected] of CASES) {
    assert.deepEqual(lines.of(direction, packet), expected);
  }
});

Deno.test("before MQTT 5 CONNACK has its Return Code", () => {
  const lines = new DebugLines(5, "");
  lines.of("sent", connectPacket(4, { clientIdentifier: "c" }));
  const connack = { type: PacketType.Connack, sessionPresent: false, reasonCode: 0x87 } as const;
  assert.deepEqual(lines.of("received", { ...connack, properties: {} }), [
    "Client c received CONNACK (5)",
  ]);
});
