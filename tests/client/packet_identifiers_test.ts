import assert from "node:assert/strict";
import { PacketIdentifiers } from "../../src/client/packet_identifiers.ts";

Deno.test("PacketIdentifiers.take() gives none that is in use, and never 0 [MQTT-2.2.1-3] [MQTT-4.3.2-1]", () => {
  const identifiers = new PacketIdentifiers();
  const taken = new Set(Array.from({ length: 65_535 }, () => identifiers.take()));
  assert.equal(taken.size, 65_535);
  assert.equal(taken.has(0), false);
  assert.equal(identifiers.take(), undefined);
  identifiers.release(4711);
  assert.equal(identifiers.take(), 4711);
});

Deno.test("PacketIdentifiers.take() does not give a number again at once", () => {
  const identifiers = new PacketIdentifiers();
  const first = identifiers.take();
  identifiers.release(first as number);
  assert.deepEqual([first, identifiers.take()], [1, 2]);
});
