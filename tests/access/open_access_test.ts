/**
 * Who may connect while there are no users: every choice of `allow_anonymous` and kind of address.
 */

import assert from "node:assert/strict";
import { OpenAccess } from "../../src/access/open_access.ts";
import type { ClientOrigin } from "../../src/broker/access.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket } from "../support/packets.ts";

const LOOPBACK = "127.0.0.1";
const FOREIGN = "203.0.113.10";
const UNIX_SOCKET = "";

const packet = connectPacket("c");

/** Whether a client may connect, and the rules that the observer was told. */
function tryToConnect(origin: ClientOrigin) {
  const told: string[] = [];
  const access = new OpenAccess((refused, from, rule) => {
    assert.equal(refused, packet);
    assert.equal(from, origin);
    told.push(rule);
  });
  return { refusal: access.mayConnect(packet, origin), told };
}

Deno.test("OpenAccess lets in whom allow_anonymous of the listener names", () => {
  const table: [ClientOrigin["allowAnonymous"], string, boolean][] = [
    ["always", LOOPBACK, true],
    ["always", FOREIGN, true],
    ["always", UNIX_SOCKET, true],
    ["local_network", LOOPBACK, true],
    ["local_network", FOREIGN, false],
    ["local_network", UNIX_SOCKET, true],
    ["never", LOOPBACK, false],
    ["never", FOREIGN, false],
    ["never", UNIX_SOCKET, false],
  ];
  const allowed = table.map(([allowAnonymous, address]) =>
    tryToConnect({ allowAnonymous, address }).refusal === undefined
  );
  assert.deepEqual(allowed, table.map(([, , expected]) => expected));
});

Deno.test("OpenAccess tells the client nothing but 0x87, and the log what to do", () => {
  const { refusal, told } = tryToConnect({ allowAnonymous: "local_network", address: FOREIGN });
  assert.deepEqual(
    [refusal?.reasonCode, refusal?.reasonString],
    [ReasonCode.NotAuthorized, "Not authorized"],
  );
  assert.deepEqual(told, [refusal?.rule]);
  assert.match(told[0] ?? "", /local network only.*'allow_anonymous: always' in broker\.yaml/);
});

Deno.test("OpenAccess says that a listener takes no anonymous clients at all", () => {
  const { told } = tryToConnect({ allowAnonymous: "never", address: LOOPBACK });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /'allow_anonymous: never' and no users are configured/);
});

Deno.test("OpenAccess reports nobody whom it lets in", () => {
  assert.deepEqual(tryToConnect({ allowAnonymous: "always", address: FOREIGN }).told, []);
});

Deno.test("OpenAccess lets clients that are connected publish and subscribe", () => {
  const access = new OpenAccess(() => assert.fail("Nobody connects here"));
  assert.deepEqual([access.mayPublish(), access.maySubscribe()], [undefined, undefined]);
});
