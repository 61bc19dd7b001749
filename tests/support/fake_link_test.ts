import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { FakeLink } from "./fake_link.ts";

/** Packet Identifiers of what may be taken. */
function taken(link: FakeLink): number[] {
  return link.take().map((packet) => "packetIdentifier" in packet ? packet.packetIdentifier : 0);
}

Deno.test("what follows a gate comes in order, when its commit is done", () => {
  const link = new FakeLink(5);
  link.waitsForCommits = true;
  const acknowledge = (packetIdentifier: number) =>
    link.acknowledge(PacketType.Puback, packetIdentifier);
  acknowledge(1);
  link.gate(7);
  acknowledge(2);
  link.gate(7);
  acknowledge(3);
  link.gate(9);
  acknowledge(4);
  assert.deepEqual([taken(link), link.isHolding], [[1], true]);
  link.committed(6);
  assert.deepEqual(taken(link), []);
  link.committed(8);
  assert.deepEqual(taken(link), [2, 3]);
  link.committed(9);
  acknowledge(5);
  assert.deepEqual([taken(link), link.isHolding, link.gates], [[4, 5], false, [7, 7, 9]]);
});

Deno.test("a link that does not wait for commits notes them down alone", () => {
  const link = new FakeLink(5);
  link.gate(0);
  link.gate(7);
  link.acknowledge(PacketType.Puback, 1);
  assert.deepEqual([taken(link), link.isHolding, link.gates], [[1], false, [7]]);
});
