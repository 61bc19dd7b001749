import assert from "node:assert/strict";
import { connectPacketOf } from "../../src/client/client_types.ts";
import { will } from "../support/packets.ts";
import { clientOptions } from "./client_fixture.ts";

Deno.test("connectPacketOf() has nothing that the options leave out", () => {
  assert.deepEqual(connectPacketOf(clientOptions()), {
    protocolVersion: 5,
    clientIdentifier: "c",
    cleanStart: true,
    keepAlive: 0,
    properties: {},
    bridge: false,
  });
});

Deno.test("connectPacketOf() has everything that the options say", () => {
  const fields = {
    protocolVersion: 4,
    clientIdentifier: "x",
    cleanStart: false,
    keepAlive: 7,
    username: "me",
    password: Uint8Array.of(1),
    will: will("w", "gone"),
    properties: { receiveMaximum: 3 },
  } as const;
  assert.deepEqual(connectPacketOf(clientOptions(fields)), { ...fields, bridge: false });
});
