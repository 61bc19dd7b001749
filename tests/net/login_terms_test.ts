import assert from "node:assert/strict";
import { clientIdentifierFor, versionRefusal } from "../../src/net/login_terms.ts";
import type { ListenerLogin } from "../../src/net/origin.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket } from "../support/packets.ts";
import { testOrigin } from "./login_fixture.ts";

const listener = (fields: Partial<ListenerLogin> = {}) => testOrigin(fields).listener;

Deno.test("versionRefusal() refuses versions that the listener does not serve, with 0x84", () => {
  const refused = (protocolVersions?: string[]) =>
    ([3, 4, 5] as const).map((version) =>
      versionRefusal(listener({ protocolVersions }), connectPacket("c", version))?.reasonCode
    );
  const no = ReasonCode.UnsupportedProtocolVersion;
  assert.deepEqual(refused(), [undefined, undefined, undefined]);
  assert.deepEqual(refused(["5"]), [no, no, undefined]);
  assert.deepEqual(refused(["3.1", "3.1.1"]), [undefined, undefined, no]);
  const refusal = versionRefusal(listener({ protocolVersions: ["5"] }), connectPacket("c", 4));
  assert.equal(
    refusal?.rule,
    "it speaks MQTT 3.1.1, and protocol_versions of its listener has 5 only",
  );
});

Deno.test("clientIdentifierFor() takes any Client Identifier where there are no terms", () => {
  for (const identifier of ["c", ""]) {
    assert.equal(clientIdentifierFor(listener(), identifier, undefined), identifier);
  }
});

Deno.test("clientIdentifierFor() asks for one of the prefixes, and tells the client none of them", () => {
  const terms = listener({ clientidPrefixes: ["lamp-", "door-"] });
  assert.equal(clientIdentifierFor(terms, "door-1", undefined), "door-1");
  for (const identifier of ["", "dog", "my-lamp-1", "Lamp-1"]) {
    const refusal = clientIdentifierFor(terms, identifier, "ann");
    assert(typeof refusal !== "string");
    assert.equal(refusal.reasonCode, ReasonCode.ClientIdentifierNotValid);
    assert(!refusal.reasonString.includes("lamp"));
    assert.match(refusal.rule, /clientid_prefixes/);
  }
});

Deno.test("clientIdentifierFor() puts the user name in place of the Client Identifier, or refuses", () => {
  const terms = listener({ useUsernameAsClientid: true, clientidPrefixes: ["lamp-"] });
  assert.equal(clientIdentifierFor(terms, "c", "ann"), "ann");
  for (const username of [undefined, ""]) {
    const refusal = clientIdentifierFor(terms, "c", username);
    assert.equal(typeof refusal !== "string" && refusal.reasonCode, ReasonCode.NotAuthorized);
  }
});
