import assert from "node:assert/strict";
import { isOutgoing, Purpose, purposeOf } from "../../../src/import/database/purpose.ts";
import { MessageState } from "../../../src/import/database/records.ts";
import type { QoS } from "../../../src/protocol/packet.ts";

function purpose(
  qos: QoS,
  state: MessageState,
  { isIncoming = false, packetIdentifier = 1, isExpired = false } = {},
): string {
  const message = {
    clientIdentifier: "c",
    message: 1,
    packetIdentifier,
    qos,
    retain: false,
    isIncoming,
    state,
    subscriptionIdentifiers: [],
  };
  return Purpose[purposeOf(message, isExpired)] ?? "";
}

Deno.test("what was sent is in flight until it is acknowledged", () => {
  assert.equal(purpose(1, MessageState.PublishQoS1), "InFlight");
  assert.equal(purpose(1, MessageState.WaitForPuback), "InFlight");
  assert.equal(purpose(2, MessageState.PublishQoS2), "InFlight");
  assert.equal(purpose(2, MessageState.WaitForPubrec), "InFlight");
  assert.equal(purpose(2, MessageState.ResendPubrel), "Released");
  assert.equal(purpose(2, MessageState.WaitForPubcomp), "Released");
});

Deno.test("what was not sent is queued, unless it has expired", () => {
  assert.equal(purpose(1, MessageState.Queued), "Queued");
  assert.equal(purpose(2, MessageState.Queued), "Queued");
  assert.equal(purpose(2, MessageState.Queued, { isExpired: true }), "Expired");
  assert.equal(purpose(2, MessageState.WaitForPubrec, { isExpired: true }), "InFlight");
  assert.equal(purpose(1, MessageState.WaitForPuback, { packetIdentifier: 0 }), "Queued");
});

Deno.test("QoS 0 is kept by no store", () => {
  assert.equal(purpose(0, MessageState.Queued), "QoS0");
  assert.equal(purpose(0, MessageState.PublishQoS0), "QoS0");
});

Deno.test("of what came, QoS 2 counts: all else the client sends again", () => {
  for (const state of [MessageState.WaitForPubrel, MessageState.SendPubrec, MessageState.Queued]) {
    assert.equal(purpose(2, state, { isIncoming: true }), "Inbound");
  }
  assert.equal(purpose(1, MessageState.WaitForPuback, { isIncoming: true }), "None");
});

Deno.test("isOutgoing() is true of what waits or is in flight", () => {
  const all = [0, 1, 2, 3, 4, 5, 6].filter((each) => isOutgoing(each)).map((each) => Purpose[each]);
  assert.deepEqual(all, ["Queued", "InFlight", "Released"]);
});
