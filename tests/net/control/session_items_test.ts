/**
 * Items of sessions without a network: what they say that `list_sessions_test.ts` does not see.
 */

import assert from "node:assert/strict";
import {
  clientItem,
  sessionDetail,
  subscriptionItem,
} from "../../../src/net/control/session_items.ts";
import { WallClock } from "../../../src/net/control/wall_clock.ts";
import { PacketType } from "../../../src/protocol/packet.ts";
import { Core } from "../../support/core.ts";
import { acknowledgement, publishPacket } from "../../support/packets.ts";

const NOW = Date.parse("2026-11-23T08:00:00Z");

Deno.test("clientItem() says null for what there is not", () => {
  const core = new Core();
  const clock = new WallClock(core.nowMs, NOW);
  const client = core.connectKept("phone");
  client.session.expiryIntervalMs = Infinity;
  client.lose();
  const item = clientItem(client.session, undefined, clock);
  assert.equal(item.connected, false);
  assert.equal(item.disconnectedAt, "2026-11-23T08:00:00.000Z");
  assert.deepEqual([item.sessionExpiryInterval, item.expiresAt], [null, null]);
  assert.deepEqual([item.keepAlive, item.bytesReceived, item.bytesSent], [null, null, null]);
  // As of a session that was stored: nothing tells when its client came.
  client.session.connectedAtMs = 0;
  assert.equal(clientItem(client.session, undefined, clock).connectedAt, null);
});

Deno.test("sessionDetail() says what each waiting message waits for, a hundred at most", () => {
  const core = new Core();
  const client = core.connectKept("phone").subscribed({ topicFilter: "#", qos: 2 });
  const publisher = core.connect("p");
  publisher.publish("t/1", "a", { qos: 1 });
  publisher.input(publishPacket("t/2", "bc", { qos: 2, packetIdentifier: 7 }));
  publisher.input(publishPacket("t/3", "", { qos: 2, packetIdentifier: 8 }));
  client.input(acknowledgement(PacketType.Pubrec, 3));
  client.lose();
  publisher.publish("t/4", "d", { qos: 1 });
  assert.deepEqual(sessionDetail(client.session).messages, [
    { topicName: "t/1", qos: 1, payloadBytes: 1, state: "waitsForPuback" },
    { topicName: "t/2", qos: 2, payloadBytes: 2, state: "waitsForPubrec" },
    { topicName: "t/3", qos: 2, payloadBytes: 0, state: "waitsForPubcomp" },
    { topicName: "t/4", qos: 1, payloadBytes: 1, state: "queued" },
  ]);
  for (let sent = 0; sent < 200; sent++) publisher.publish("t", "x", { qos: 1 });
  assert.equal(sessionDetail(client.session).messages.length, 100);
});

Deno.test("subscriptionItem() has the options of a subscription", () => {
  const core = new Core();
  const { session } = core.connect("c").subscribed({
    topicFilter: "a/#",
    qos: 2,
    noLocal: true,
    retainAsPublished: true,
  });
  assert.deepEqual([...session.subscriptions.values()].map(subscriptionItem), [{
    topicFilter: "a/#",
    qos: 2,
    noLocal: true,
    retainAsPublished: true,
    subscriptionIdentifier: null,
  }]);
});
