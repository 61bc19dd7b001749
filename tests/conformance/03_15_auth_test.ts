/**
 * MQTT 5 sections 3.15 and 4.12, AUTH and enhanced authentication, of which the broker has no
 * method: it refuses each.
 */

import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, only5 } from "./fixture.ts";
import { fromHex, packet, properties, string } from "./wire.ts";

const { MalformedPacket, ProtocolError } = ReasonCode;

conformance(
  only5,
  "refuses an Authentication Method it does not know with 0x8C [MQTT-4.12.0-1]",
  async (t) => {
    const client = await t.open();
    await client.sendConnect({
      clientIdentifier: t.clientIdentifier(),
      properties: { authenticationMethod: "unheard-of", authenticationData: Uint8Array.of(1) },
    });
    await client.expectConnectRefused(ReasonCode.BadAuthenticationMethod);
  },
);

conformance(only5, "rejects AUTH without an Authentication Method [MQTT-4.12.0-7]", async (t) => {
  const client = await t.connect();
  const body = [ReasonCode.ContinueAuthentication, ...properties(0x15, string("method"))];
  await client.sendBytes(packet(0xf0, body));
  await client.expectRefusal(ProtocolError);
});

conformance(only5, "rejects re-authentication without a method [MQTT-4.12.1-1]", async (t) => {
  const client = await t.connect();
  await client.send({
    type: PacketType.Auth,
    reasonCode: ReasonCode.ReAuthenticate,
    properties: { authenticationMethod: "method" },
  });
  await client.expectRefusal(ProtocolError, ReasonCode.BadAuthenticationMethod);
});

conformance(only5, "rejects AUTH with a flag set [MQTT-3.15.1-1]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("f1 00"));
  await client.expectRefusal(MalformedPacket);
});

conformance(only5, "rejects AUTH with a Reason Code not its own [MQTT-3.15.2-1]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0xf0, 0x87, properties(0x15, string("method"))));
  await client.expectRefusal(MalformedPacket, ProtocolError);
});
