import assert from "node:assert/strict";
import type { SubscribePacket } from "../../src/protocol/packet.ts";
import { assertProtocolError, decodeHex, testVectors } from "./vector.ts";

testVectors("subscribe");

Deno.test("decodeSubscribe() says which option it refuses [MQTT-3.8.3-4] [MQTT-3.8.3-5]", () => {
  const shared = "0009 247368617265 2f672f";
  const cases: [string, number, string][] = [
    ["82 07 0001 00 0001 61 40", 0x81, "Cannot decode SUBSCRIBE: reserved option bits are set"],
    ["82 07 0001 00 0001 61 03", 0x82, "Cannot accept SUBSCRIBE: QoS 3"],
    ["82 07 0001 00 0001 61 30", 0x82, "Cannot accept SUBSCRIBE: Retain Handling 3"],
    [
      `82 0f 0001 00 ${shared} 05`,
      0x82,
      "Cannot accept SUBSCRIBE: No Local on a shared subscription",
    ],
    ["82 03 0001 00", 0x82, "Cannot accept SUBSCRIBE: no Topic Filter"],
  ];
  for (const [hex, reasonCode, message] of cases) {
    assert.equal(assertProtocolError(() => decodeHex(hex, 5), reasonCode), message);
  }
});

Deno.test("decodeSubscribe() leaves the judgement of Topic Filters to the broker", () => {
  const packet = decodeHex("82 0b 0001 0003 232f61 00 0000 02", 4);
  const filters = (packet as SubscribePacket).subscriptions.map(({ topicFilter }) => topicFilter);
  assert.deepEqual(filters, ["#/a", ""]);
});
