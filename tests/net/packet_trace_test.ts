/**
 * What an observer is shown of a chunk of output.
 */

import assert from "node:assert/strict";
import { refusal } from "../../src/net/refusal.ts";
import { tracePackets } from "../../src/net/packet_trace.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { acknowledgement, publishPacket } from "../support/packets.ts";
import { encode } from "./connection_fixture.ts";

type Observed = [clientIdentifier: string, packet: Packet, version: ProtocolVersion];

function traced(bytes: Uint8Array, version: ProtocolVersion | undefined): Observed[] {
  const observed: Observed[] = [];
  tracePackets(bytes, "c", version, (...seen) => void observed.push(seen));
  return observed;
}

Deno.test("tracePackets() shows every packet of a chunk in order, in the client's version", () => {
  for (const version of [3, 4, 5] as const) {
    const packets = [
      publishPacket("a/b", "x".repeat(300), { qos: 1 }),
      acknowledgement(PacketType.Puback, 7),
      { type: PacketType.Pingresp } as const,
      publishPacket("a", "", { retain: true }),
    ];
    const expected = packets.map((packet): Observed => ["c", packet, version]);
    assert.deepEqual(traced(encode(version, ...packets), version), expected);
  }
});

Deno.test("tracePackets() shows nothing of an empty chunk", () => {
  assert.deepEqual(traced(new Uint8Array(0), 5), []);
});

Deno.test("tracePackets() knows the version of a refusal by its length", () => {
  for (const version of [4, 5] as const) {
    for (const reason of ["", "no"]) {
      const connack = refusal(version, ReasonCode.NotAuthorized, reason);
      assert.ok(connack);
      assert.deepEqual(traced(encode(version, connack), undefined), [["c", connack, version]]);
    }
  }
});

Deno.test("tracePackets() does not change the bytes, which are still to be sent", () => {
  const bytes = encode(5, publishPacket("t", "payload"), publishPacket("t", "more"));
  const before = bytes.slice();
  for (const [, packet] of traced(bytes, 5)) {
    if (packet.type === PacketType.Publish) packet.payload.fill(0);
  }
  assert.deepEqual(bytes, before);
});
