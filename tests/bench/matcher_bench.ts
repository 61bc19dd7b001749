/**
 * Micro-benchmarks of the subscription tree: a look-up in a tree of 1,000,000 Topic Filters, which
 * has to stay within 10 microseconds, and the changes of such a tree.
 */

import type { Subscription } from "../../src/broker/subscription.ts";
import { SubscriptionTree } from "../../src/broker/subscription_tree.ts";
import { Core } from "../support/core.ts";

const SITES = 1000;
const DEVICES = 1000;

const session = new Core().connect("bench").session;

function subscription(topicFilter: string): Subscription {
  const options = { qos: 0, noLocal: false, retainAsPublished: false, identifier: 0 } as const;
  return { session, topicFilter, ...options, shareName: undefined, replayPending: false };
}

/** One filter for each device, every tenth with a wildcard, and those of a few dashboards. */
function largeTree(): SubscriptionTree {
  const tree = new SubscriptionTree();
  for (let site = 0; site < SITES; site++) {
    for (let device = 0; device < DEVICES; device++) {
      const last = device % 10 === 0 ? "+" : "state";
      tree.add(subscription(`site/${site}/device/${device}/${last}`));
    }
  }
  for (const filter of ["#", "site/#", "site/+/device/+/alarm", "+/7/#"]) {
    tree.add(subscription(filter));
  }
  return tree;
}

const tree = largeTree();
const topics = Array.from(
  { length: 997 },
  (_, index) => `site/${index * 7 % SITES}/device/${index * 31 % DEVICES}/state`,
);
let turn = 0;

Deno.bench(`match() in a tree of ${tree.size.toLocaleString("en")} filters`, () => {
  tree.match(topics[turn++ % topics.length] as string);
});

Deno.bench("match() of a topic that nobody but # takes", () => {
  tree.match("elsewhere/1/2/3/4");
});

const extra = subscription("site/500/device/500/+/extra");

Deno.bench("add() and remove()", () => {
  tree.add(extra);
  tree.remove(extra);
});
