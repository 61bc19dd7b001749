/**
 * Access without rules: everything is allowed to everybody, at no cost for a client.
 */

import assert from "node:assert/strict";
import { OPEN_ACCESS } from "../../src/access/open_access.ts";
import type { ClientIdentity } from "../../src/broker/access.ts";

const anonymous: ClientIdentity = {
  username: undefined,
  groups: [],
  listener: "1883",
  address: "192.0.2.1",
};

Deno.test("OPEN_ACCESS lets every client publish, subscribe and receive", () => {
  for (const identity of [anonymous, { ...anonymous, username: "ann" }]) {
    const access = OPEN_ACCESS.accessOf("c", identity);
    assert.deepEqual(
      [access.mayPublish("a/b"), access.mayReceive("a/b"), access.maySubscribe("#")],
      [undefined, true, undefined],
    );
  }
});

Deno.test("OPEN_ACCESS keeps nothing for a client", () => {
  const [one, other] = ["a", "b"].map((name) => OPEN_ACCESS.accessOf(name, anonymous));
  assert.equal(one, other);
});
