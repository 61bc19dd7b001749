/**
 * Whom a role is for: each part of an audience, alone and together with others.
 */

import assert from "node:assert/strict";
import { AudienceMatcher } from "../../src/access/audience.ts";
import type { Audience, RuleClient } from "../../src/access/rule.ts";
import { client } from "./rule_reference.ts";

const CLIENTS: Record<string, RuleClient> = {
  alice: client({ username: "alice", address: "10.0.0.1" }),
  bob: client({ username: "bob", groups: ["staff", "night"], clientIdentifier: "b1" }),
  anonymous: client({ username: undefined, groups: ["staff"], listener: "guests" }),
  socket: client({ username: "carol", address: "" }),
};

const TABLE: [Audience, string[]][] = [
  [{}, ["alice", "bob", "anonymous", "socket"]],
  [{ users: ["alice", "dora"] }, ["alice"]],
  [{ users: [] }, []],
  [{ groups: ["staff"] }, ["bob"]],
  [{ anonymous: true }, ["anonymous"]],
  [{ anonymous: false }, []],
  [{ users: ["alice"], groups: ["night"], anonymous: true }, ["alice", "bob", "anonymous"]],
  [{ clientIdentifiers: ["b1"] }, ["bob"]],
  [{ clientIdentifiers: [] }, []],
  [{ listeners: ["guests", "other"] }, ["anonymous"]],
  [{ networks: ["10.0.0.0/8"] }, ["alice"]],
  [{ networks: ["0.0.0.0/0", "::/0"] }, ["alice", "bob", "anonymous"]],
  [{ users: ["alice", "bob"], networks: ["192.0.2.0/24"] }, ["bob"]],
  [{ users: ["alice"], clientIdentifiers: ["b1"] }, []],
  [{ users: ["Alice", "alice "] }, []],
];

for (const [audience, expected] of TABLE) {
  Deno.test(`the audience ${JSON.stringify(audience)} includes ${expected.join(", ") || "nobody"}`, () => {
    const matcher = new AudienceMatcher(audience);
    const included = Object.keys(CLIENTS)
      .filter((name) => matcher.includes(CLIENTS[name] as RuleClient));
    assert.deepEqual(included, expected);
  });
}

Deno.test("AudienceMatcher names a network that is none", () => {
  assert.throws(
    () => new AudienceMatcher({ networks: ["10.0.0.0/40"] }),
    new SyntaxError('Cannot read "10.0.0.0/40" as a network: no IP address or CIDR range'),
  );
});
