import assert from "node:assert/strict";
import { PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import { asBytes } from "../support/packet_text.ts";
import { Findings } from "./findings.ts";
import { Flow, type Recipient } from "./flow.ts";
import type { Publication } from "./publisher.ts";

const alone: Recipient = { name: "alone", qos: 2, isShared: false };
const team: Recipient = { name: "team", qos: 2, isShared: true };

/** A flow to two recipients, and what it finds. */
function newFlow(): { flow: Flow; findings: Findings } {
  const findings = new Findings();
  return { flow: new Flow(findings, [alone, team]), findings };
}

/** A message as it should arrive. */
function packetOf({ topicName, payload, qos, properties }: Publication): PublishPacket {
  return {
    type: PacketType.Publish,
    topicName,
    payload: asBytes(payload),
    qos,
    retain: false,
    duplicate: false,
    packetIdentifier: 7,
    properties,
  };
}

function publish(flow: Flow, qos: 1 | 2 = 2): Publication {
  const publication = flow.next("topic", qos, 30, true);
  publication.sent();
  return publication;
}

function kindsOf({ sentences }: Findings): string[] {
  return sentences.map((sentence) => sentence.slice(0, sentence.indexOf(":")));
}

Deno.test("Flow finds nothing when every recipient has got what was acknowledged", () => {
  const { flow, findings } = newFlow();
  for (const qos of [1, 2] as const) {
    const publication = publish(flow, qos);
    publication.acknowledged();
    for (const recipient of [alone, team]) flow.delivered(recipient, packetOf(publication), true);
  }
  flow.settle();
  assert.deepEqual(findings.sentences, []);
  assert.equal(findings.checked.messages, 2);
});

Deno.test("Flow misses acknowledged messages alone, each once", () => {
  const { flow, findings } = newFlow();
  publish(flow);
  publish(flow).acknowledged();
  flow.settle();
  flow.settle();
  assert.deepEqual(findings.sentences, ["message lost: 2 of topic, QoS 2: not at alone, team"]);
});

Deno.test("Flow counts apart what only a shared subscription has lost", () => {
  const { flow, findings } = newFlow();
  const publication = publish(flow);
  publication.acknowledged();
  flow.delivered(alone, packetOf(publication), true);
  flow.settle();
  assert.deepEqual(kindsOf(findings), ["message lost at a shared subscription only"]);
});

Deno.test("Flow finds a second delivery at QoS 2, and allows it at QoS 1", () => {
  const { flow, findings } = newFlow();
  for (const qos of [1, 2] as const) {
    const publication = publish(flow, qos);
    flow.delivered(team, packetOf(publication), true);
    flow.delivered(team, packetOf(publication), true);
  }
  assert.deepEqual(kindsOf(findings), ["delivered twice at QoS 2"]);
});

Deno.test("Flow finds first deliveries that are out of order, but not at a shared subscription", () => {
  const { flow, findings } = newFlow();
  const [first, second] = [publish(flow, 1), publish(flow, 1)];
  for (const recipient of [alone, team]) {
    for (const publication of [second, first, second]) {
      flow.delivered(recipient, packetOf(publication), true);
    }
  }
  assert.deepEqual(kindsOf(findings), ["delivered out of order"]);
});

Deno.test("Flow finds what is not as it was sent", () => {
  const changes: Partial<PublishPacket>[] = [
    { payload: asBytes("1 something else") },
    { payload: asBytes("99 unknown") },
    { topicName: "another" },
    { qos: 1 },
    { retain: true },
    { properties: {} },
  ];
  for (const change of changes) {
    const { flow, findings } = newFlow();
    flow.delivered(alone, { ...packetOf(publish(flow)), ...change }, true);
    assert.deepEqual(kindsOf(findings), ["message altered"], JSON.stringify(change));
  }
});

Deno.test("Flow lets Message Expiry Interval grow shorter, not longer", () => {
  for (const [seconds, found] of [[1, []], [1_000_000, ["message altered"]]] as const) {
    const { flow, findings } = newFlow();
    const packet = packetOf(publish(flow));
    const properties = { ...packet.properties, messageExpiryInterval: seconds };
    flow.delivered(alone, { ...packet, properties }, true);
    assert.deepEqual(kindsOf(findings), found);
  }
});
