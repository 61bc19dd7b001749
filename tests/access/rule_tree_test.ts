/**
 * The tree finds the lowest precedence of the rules that match; compared with the protocol's matcher.
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { RuleTree } from "../../src/access/rule_tree.ts";
import { topicMatches } from "../../src/protocol/topic.ts";
import { filters, TOPICS } from "./rule_reference.ts";

Deno.test("RuleTree finds the first of the filters that match", () => {
  const several = fc.array(filters(["", "a", "b", "$s"]), { maxLength: 8 });
  fc.assert(
    fc.property(several, fc.nat(8), (added, best) => {
      const tree = new RuleTree();
      for (const [index, filter] of added.entries()) tree.add(filter.split("/"), index, false);
      for (const topic of TOPICS) {
        const first = added.findIndex((filter) => topicMatches(filter, topic));
        assert.equal(tree.find(topic, best), first < 0 ? best : Math.min(first, best), topic);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("RuleTree keeps wildcards in the first level from $ topics [MQTT-4.7.2-1]", () => {
  const tree = new RuleTree();
  for (const [index, filter] of ["#", "+/x", "+/#", "$SYS/+"].entries()) {
    tree.add(filter.split("/"), index, false);
  }
  assert.deepEqual(["$SYS/x", "$other/x", "x/x"].map((topic) => tree.find(topic, 9)), [3, 9, 0]);
});
