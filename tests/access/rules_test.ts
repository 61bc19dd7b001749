/**
 * The five lines at the head of the engine, one test each, and whom rules are for. Random rules are
 * in rules_property_test.ts.
 */

import assert from "node:assert/strict";
import type { Layer, RuleClient } from "../../src/access/rule.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { client, everybody, rule } from "./rule_reference.ts";

/** Allowed or not, and why. */
function publish(
  layers: Layer[],
  topicName: string,
  who: RuleClient = client(),
): [boolean, string] {
  const { allowed, reason } = new RuleEngine(layers).compile(who).mayPublish(topicName);
  return [allowed, reason];
}

Deno.test("a deny rule wins over every allow rule, whatever their order", () => {
  const deny = rule("deny publish a/+");
  const allow = rule("allow publish a/b");
  for (const layers of [everybody(deny, allow), everybody(allow, deny)]) {
    assert.deepEqual(publish(layers, "a/b"), [false, "'deny publish a/+' of everybody"]);
  }
  const roles = [allow, deny].map((one) => ({ name: one.effect, audience: {}, rules: [one] }));
  assert.deepEqual(publish([{ roles }], "a/b"), [false, "'deny publish a/+' of deny"]);
});

Deno.test("of several rules with the same effect, the first is named", () => {
  const layers = everybody(rule("allow publish a/#"), rule("allow publish a/b"));
  assert.deepEqual(publish(layers, "a/b"), [true, "'allow publish a/#' of everybody"]);
});

Deno.test("the first layer in which a rule counts decides", () => {
  const layers = [
    ...everybody(rule("allow publish a/b")),
    ...everybody(rule("deny publish #"), rule("allow publish c")),
  ];
  assert.deepEqual(publish(layers, "a/b")[0], true);
  assert.deepEqual(publish(layers, "c"), [false, "'deny publish #' of everybody"]);
});

Deno.test("nothing is allowed that no rule allows, and everything without rules", () => {
  assert.deepEqual(publish(everybody(rule("allow publish a")), "b"), [false, "no rule allows it"]);
  assert.deepEqual(publish(everybody(), "b"), [false, "no rule allows it"]);
  assert.deepEqual(publish([], "b"), [true, "no rules are configured"]);
  const extents = [[], everybody()].map((layers) =>
    new RuleEngine(layers).compile(client()).maySubscribe("#").extent
  );
  assert.deepEqual(extents, ["all", "none"]);
});

Deno.test("$SYS is read by those whom a rule names it for, not by those with #", () => {
  const readable = ["allow subscribe #", "allow subscribe +/+", "allow subscribe $SYS/#"].map(
    (text) => new RuleEngine(everybody(rule(text))).compile(client()).mayReceive("$SYS/broker"),
  );
  assert.deepEqual(readable.map(({ allowed }) => allowed), [false, false, true]);
});

Deno.test("publish, subscribe and readwrite are about what they say", () => {
  const answers = ["publish", "subscribe", "readwrite"].map((action) => {
    const compiled = new RuleEngine(everybody(rule(`allow ${action} a`))).compile(client());
    const { extent } = compiled.maySubscribe("a");
    return [compiled.mayPublish("a").allowed, compiled.mayReceive("a").allowed, extent];
  });
  assert.deepEqual(answers, [[true, false, "none"], [false, true, "all"], [true, true, "all"]]);
});

Deno.test("roles are for their audience, also when clients share what can be shared", () => {
  const rules = [rule("allow publish shared"), rule("allow publish own/%c/%u")];
  const engine = new RuleEngine([{
    roles: [
      { name: "lan", audience: { networks: ["10.0.0.0/8"] }, rules: [rule("allow publish lan")] },
      { name: "users", audience: { users: ["alice", "bob"] }, rules },
      { name: "guests", audience: { anonymous: true }, rules: [rule("allow publish hall/%c")] },
    ],
  }]);
  const topics = ["lan", "shared", "own/a1/alice", "own/b1/bob", "hall/x1"];
  const allowed = (values: Partial<RuleClient>) => {
    const compiled = engine.compile(client(values));
    return topics.filter((topic) => compiled.mayPublish(topic).allowed);
  };
  assert.deepEqual(allowed({ clientIdentifier: "a1" }), ["shared", "own/a1/alice"]);
  assert.deepEqual(allowed({ clientIdentifier: "b1", username: "bob", address: "10.1.1.1" }), [
    "lan",
    "shared",
    "own/b1/bob",
  ]);
  assert.deepEqual(allowed({ clientIdentifier: "x1", username: undefined }), ["hall/x1"]);
  assert.deepEqual(allowed({ username: "carol" }), []);
});

Deno.test("a layer that refuses unsafe names says so, after the layers before it", () => {
  const layers: Layer[] = [
    ...everybody(rule("allow publish a")),
    { ...everybody(rule("allow publish #"))[0] as Layer, refusesUnsafeNames: true },
  ];
  const reason = "its Client Identifier or user name contains '+' or '#'";
  for (const values of [{ clientIdentifier: "x+" }, { username: "#" }]) {
    assert.deepEqual(publish(layers, "a", client(values))[0], true);
    assert.deepEqual(publish(layers, "b", client(values)), [false, reason]);
  }
  assert.deepEqual(publish(layers, "b", client({ clientIdentifier: "x/y" }))[0], true);
});

Deno.test("RuleEngine says which rule or network it cannot use", () => {
  assert.throws(
    () => new RuleEngine(everybody(rule("allow publish a/#/b"))),
    new SyntaxError('Cannot use "a/#/b" as a Topic Filter: "#" is not the last level'),
  );
});
