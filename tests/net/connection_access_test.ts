/**
 * What a client sees that access control refuses.
 */

import assert from "node:assert/strict";
import { Connection } from "../../src/net/connection.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { connectPacket, publishPacket } from "../support/packets.ts";
import { ConnectionFixture, encode, FakeTransport, written } from "./connection_fixture.ts";

Deno.test("Connection closes after a CONNECT that access control refuses [MQTT-3.1.4-2]", async () => {
  for (const version of [3, 4, 5] as const) {
    const fixture = new ConnectionFixture();
    const transport = new FakeTransport();
    const origin = { address: "192.0.2.1", allowAnonymous: "never" } as const;
    const ended = new Connection(transport, origin, fixture).run();
    const retained = publishPacket("t", "late", { retain: true });
    await transport.feed(encode(version, connectPacket("c", version), retained));
    assert.deepEqual(
      written(transport, version).map((packet) =>
        packet.type === PacketType.Connack && [packet.reasonCode, packet.sessionPresent]
      ),
      [[0x87, false]],
    );
    assert.equal(transport.isWriteClosed, true);
    assert.deepEqual([fixture.broker.sessions.size, fixture.broker.retained.count], [0, 0]);
    await transport.end();
    await ended;
    assert.equal(transport.isClosed, true);
    assert.equal(fixture.gone.length, 1);
  }
});
