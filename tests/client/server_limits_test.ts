import assert from "node:assert/strict";
import { ServerLimits } from "../../src/client/server_limits.ts";
import type { Properties, SubscriptionRequest } from "../../src/protocol/packet.ts";
import { subscribePacket } from "../support/packets.ts";
import { message } from "./session_fixture.ts";

function subscription(topicFilter: string): SubscriptionRequest {
  return subscribePacket([topicFilter]).subscriptions[0] as SubscriptionRequest;
}

function refusal(properties: Properties, check: (limits: ServerLimits) => void): unknown {
  try {
    check(new ServerLimits(properties));
    return undefined;
  } catch (error) {
    const { reasonCode, message } = error as { reasonCode: number; message: string };
    return [reasonCode, message];
  }
}

Deno.test("ServerLimits without properties lets everything pass", () => {
  const limits = new ServerLimits({});
  limits.checkMessage(message("a", "x", { qos: 2, retain: true }));
  limits.checkSubscription(subscription("$share/g/+/#"), true);
  assert.deepEqual(
    [limits.receiveMaximum, limits.maximumPacketSize, limits.topicAliasMaximum],
    [65_535, Infinity, 0],
  );
});

Deno.test("ServerLimits.checkMessage() refuses more than Maximum QoS [MQTT-3.2.2-11]", () => {
  const check = (limits: ServerLimits) => limits.checkMessage(message("a", "x", { qos: 1 }));
  assert.deepEqual(refusal({ maximumQoS: 1 }, check), undefined);
  assert.deepEqual(refusal({ maximumQoS: 0 }, check), [
    0x9b,
    "Cannot publish to 'a' with QoS 1: the server takes QoS 0 at most",
  ]);
});

Deno.test("ServerLimits.checkMessage() refuses RETAIN without Retain Available [MQTT-3.2.2-14]", () => {
  const check = (limits: ServerLimits) => limits.checkMessage(message("a", "x", { retain: true }));
  assert.deepEqual(refusal({ retainAvailable: 1 }, check), undefined);
  assert.deepEqual(refusal({ retainAvailable: 0 }, check), [
    0x9a,
    "Cannot publish to 'a': the server retains no messages",
  ]);
});

Deno.test("ServerLimits.checkSubscription() refuses the kinds that the server does not have", () => {
  const check = (filter: string, hasIdentifier: boolean) => (limits: ServerLimits) =>
    limits.checkSubscription(subscription(filter), hasIdentifier);
  assert.deepEqual(refusal({ wildcardSubscriptionAvailable: 0 }, check("a/#", false)), [
    0xa2,
    "Cannot subscribe to 'a/#': the server has no wildcards",
  ]);
  assert.deepEqual(refusal({ sharedSubscriptionAvailable: 0 }, check("$share/g/a", false)), [
    0x9e,
    "Cannot subscribe to '$share/g/a': the server has no shared subscriptions",
  ]);
  assert.deepEqual(refusal({ subscriptionIdentifierAvailable: 0 }, check("a", true)), [
    0xa1,
    "Cannot subscribe to 'a': the server has no Subscription Identifiers",
  ]);
  assert.deepEqual(refusal({ subscriptionIdentifierAvailable: 0 }, check("a", false)), undefined);
});
