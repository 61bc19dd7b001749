/**
 * The engine against the plain reference, over random rules and every topic of a small alphabet, and
 * against names that were made to get around rules.
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Layer } from "../../src/access/rule.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { topicMatches } from "../../src/protocol/topic.ts";
import {
  client,
  DEEP_TOPICS,
  everybody,
  filters,
  isAllowed,
  rules,
  TOPICS,
} from "./rule_reference.ts";

const TEXTS = ["", "a", "b", "$s", "%u", "%c"];

const layers: fc.Arbitrary<Layer[]> = fc.array(
  fc.record({
    roles: fc.array(
      fc.record({
        name: fc.constant("role"),
        audience: fc.constant({}),
        rules: fc.array(rules(filters(TEXTS)), { maxLength: 4 }),
      }),
      { maxLength: 2 },
    ),
    refusesUnsafeNames: fc.boolean(),
  }),
  { maxLength: 3 },
);
const clients = fc.record({
  clientIdentifier: fc.constantFrom("c1", "a"),
  username: fc.constantFrom("alice", undefined),
}).map(client);

Deno.test("the engine allows exactly the topics that the reference allows", () => {
  fc.assert(
    fc.property(layers, clients, (configured, who) => {
      const compiled = new RuleEngine(configured).compile(who);
      for (const topic of TOPICS) {
        const answers = [compiled.mayPublish(topic).allowed, compiled.mayReceive(topic).allowed];
        const expected = [
          isAllowed(configured, who, "publish", topic),
          isAllowed(configured, who, "subscribe", topic),
        ];
        assert.deepEqual(answers, expected, topic);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("a filter is allowed in full, in part or not at all as all its topics together are", () => {
  fc.assert(
    fc.property(layers, clients, filters(["", "a", "b", "$s", "z"]), (configured, who, filter) => {
      const topics = DEEP_TOPICS.filter((topic) => topicMatches(filter, topic));
      const allowed = topics.filter((topic) => isAllowed(configured, who, "subscribe", topic));
      const decision = new RuleEngine(configured).compile(who).maySubscribe(filter);
      assert.equal(decision.extent, extentOf(allowed.length, topics.length));
      assert.equal(decision.allowedBy?.allowed ?? true, true);
      assert.equal(decision.deniedBy?.allowed ?? false, false);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("of two filters, one holds or meets the other as their topics do", () => {
  const pairs = filters(["", "a", "$s"]);
  fc.assert(
    fc.property(pairs, pairs, (topicFilter, asked) => {
      const layer = everybody({ effect: "allow", action: "subscribe", topicFilter });
      const { extent } = new RuleEngine(layer).compile(client()).maySubscribe(asked);
      const topics = DEEP_TOPICS.filter((topic) => topicMatches(asked, topic));
      const shared = topics.filter((topic) => topicMatches(topicFilter, topic));
      assert.equal(extent, extentOf(shared.length, topics.length));
    }),
    { numRuns: 2000 },
  );
});

/** In the words of the engine. */
function extentOf(allowed: number, all: number): string {
  assert.ok(all > 0);
  return allowed === all ? "all" : allowed > 0 ? "part" : "none";
}

/** Names of what is special to topics, and of what rules say. */
const hostileNames = fc.array(
  fc.constantFrom("+", "#", "/", "$", "$s", "a", "b", "%u", "%c", "z", "\u00e9"),
  { maxLength: 4 },
).map((parts) => parts.join(""));
const hostileClients = fc.record({ clientIdentifier: hostileNames, username: hostileNames })
  .map(client);
const templates = filters(["a", "%u", "%c", "a%u", "%c-%u", "$s"]);

Deno.test("no Client Identifier and no user name widens an allow rule", () => {
  fc.assert(
    fc.property(templates, hostileClients, (topicFilter, who) => {
      const allow = everybody({ effect: "allow", action: "readwrite", topicFilter });
      const compiled = new RuleEngine(allow).compile(who);
      const candidates = [...TOPICS, who.clientIdentifier, `${who.username}`, `a/${who.username}`];
      for (const topic of candidates.filter((name) => name !== "" && !/[+#]/.test(name))) {
        const isMeant = isAllowed(allow, who, "publish", topic);
        if (compiled.mayPublish(topic).allowed) assert.ok(isMeant, topic);
        if (compiled.mayReceive(topic).allowed) assert.ok(isMeant, topic);
      }
      if (compiled.maySubscribe("#").extent === "all") assert.match(topicFilter, /^(\+\/)?#$/);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("no Client Identifier and no user name narrows a deny rule", () => {
  fc.assert(
    fc.property(templates, hostileClients, (topicFilter, who) => {
      const deny = everybody(
        { effect: "deny", action: "readwrite", topicFilter },
        ...["#", "$s/#"].map((all) =>
          ({ effect: "allow", action: "readwrite", topicFilter: all }) as const
        ),
      );
      const compiled = new RuleEngine(deny).compile(who);
      const asText = topicFilter.replace(
        /%[cu]/g,
        (found) => found === "%c" ? who.clientIdentifier : who.username as string,
      );
      for (const topic of TOPICS.filter((name) => compiled.mayPublish(name).allowed)) {
        assert.ok(isAllowed(deny, who, "publish", topic), topic);
        assert.equal(asText !== "" && topicMatches(asText, topic), false, `${asText} ${topic}`);
      }
    }),
    { numRuns: 2000 },
  );
});
