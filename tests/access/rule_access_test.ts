/**
 * Rules as the core asks for them: which rule a refusal names, what the client is told, and groups.
 */

import assert from "node:assert/strict";
import type { Role } from "../../src/access/rule.ts";
import { type PartialSubscriptions, RuleAccess } from "../../src/access/rule_access.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import type { ClientIdentity } from "../../src/broker/access.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { rule } from "./rule_reference.ts";

const ANN: ClientIdentity = {
  username: "ann",
  groups: [],
  listener: "garden",
  address: "192.0.2.1",
};

/** Rules of one role named "r" for everybody, or for whom `audience` says. */
function accessWith(
  rules: readonly string[],
  audience: Role["audience"] = {},
  partialSubscriptions: PartialSubscriptions = "filter",
): RuleAccess {
  const role: Role = { name: "r", audience, rules: rules.map(rule) };
  const engine = new RuleEngine([{ roles: [role] }]);
  const groups = new Map([["ann", ["family"]]]);
  return new RuleAccess({ engine, groups, partialSubscriptions });
}

Deno.test("a refusal names the rule to the log, and tells the client nothing", () => {
  const access = accessWith(["allow readwrite a/#", "deny publish a/secret"]).accessOf("c", ANN);
  const refusal = access.mayPublish("a/secret");
  assert.deepEqual(refusal, {
    reasonCode: ReasonCode.NotAuthorized,
    reasonString: "Not authorized",
    rule: "'deny publish a/secret' of r",
  });
  assert.equal(access.mayPublish("a/b"), undefined);
  assert.equal(access.mayPublish("b")?.rule, "no rule allows it");
});

Deno.test("a message may be received where subscribing is allowed, publishing does not count", () => {
  const access = accessWith(["allow subscribe a/+", "allow publish b", "deny subscribe a/x"])
    .accessOf("c", ANN);
  const topics = ["a/b", "a/x", "b", "a/b/c", "$SYS/broker/uptime"];
  assert.deepEqual(topics.filter((topic) => access.mayReceive(topic)), ["a/b"]);
});

Deno.test("a subscription of which nothing is allowed is refused, shared or not", () => {
  const access = accessWith(["allow subscribe a/#", "deny subscribe a/x/#"]).accessOf("c", ANN);
  for (const filter of ["a/x/+", "$share/g/a/x/+"]) {
    assert.equal(access.maySubscribe(filter)?.rule, "'deny subscribe a/x/#' of r", filter);
  }
  assert.equal(access.maySubscribe("b/#")?.rule, "no rule allows it");
  assert.equal(access.maySubscribe("a/y")?.rule, undefined);
});

Deno.test("a subscription that is allowed in part is granted or refused, as configured", () => {
  const rules = ["allow subscribe a/#"];
  assert.equal(accessWith(rules).accessOf("c", ANN).maySubscribe("#"), undefined);
  const strict = accessWith(rules, {}, "refuse").accessOf("c", ANN);
  assert.equal(strict.maySubscribe("a/+"), undefined);
  assert.deepEqual(strict.maySubscribe("#"), {
    reasonCode: ReasonCode.NotAuthorized,
    reasonString: "Not authorized",
    rule: "only a part of it is allowed, and partial_subscriptions: refuse; no rule allows it",
  });
});

Deno.test("groups of the configured user and groups of the proof count both", () => {
  const mayPublish = (groups: string[], identity: ClientIdentity) =>
    accessWith(["allow publish t"], { groups }).accessOf("c", identity).mayPublish("t") ===
      undefined;
  const token = { ...ANN, username: "bob", groups: ["guests"] };
  assert.deepEqual(
    [mayPublish(["family"], ANN), mayPublish(["guests"], ANN)],
    [true, false],
  );
  assert.deepEqual(
    [mayPublish(["family"], token), mayPublish(["guests"], token)],
    [false, true],
  );
  assert.equal(mayPublish(["guests"], { ...token, username: undefined }), false);
});

Deno.test("Client Identifier, listener and address are those of the connection", () => {
  const audience = { listeners: ["garden"], networks: ["192.0.2.0/24"], clientIdentifiers: ["c"] };
  const access = accessWith(["allow publish %c/%u"], audience);
  const mayPublish = (clientIdentifier: string, identity: ClientIdentity, topic: string) =>
    access.accessOf(clientIdentifier, identity).mayPublish(topic) === undefined;
  assert.equal(mayPublish("c", ANN, "c/ann"), true);
  assert.equal(mayPublish("c", ANN, "c/bob"), false);
  assert.equal(mayPublish("d", ANN, "d/ann"), false);
  assert.equal(mayPublish("c", { ...ANN, listener: "1883" }, "c/ann"), false);
  assert.equal(mayPublish("c", { ...ANN, address: "198.51.100.1" }, "c/ann"), false);
});
