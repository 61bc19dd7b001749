import assert from "node:assert/strict";
import { nodeBytes } from "../../src/broker/node_bytes.ts";
import type { Subscription } from "../../src/broker/subscription.ts";
import { filterOf, hasWildcard, SubscriptionTree } from "../../src/broker/subscription_tree.ts";
import { parseSharedFilter, topicMatches } from "../../src/protocol/topic.ts";
import { Core } from "../support/core.ts";

const session = new Core().connect("a").session;

function subscription(topicFilter: string): Subscription {
  const shareName = parseSharedFilter(topicFilter)?.shareName;
  const options = {
    qos: 0,
    noLocal: false,
    retainAsPublished: false,
    identifier: 0,
    replayPending: false,
  } as const;
  return { session, topicFilter, ...options, shareName };
}

function treeOf(...filters: string[]): SubscriptionTree {
  const tree = new SubscriptionTree();
  for (const filter of filters) tree.add(subscription(filter));
  return tree;
}

const matching = (tree: SubscriptionTree, topicName: string) =>
  tree.match(topicName).subscriptions.map(({ topicFilter }) => topicFilter).sort();

/** Every text of up to three levels that can be made of these, wildcards where they may stand. */
function everyFilter(): string[] {
  const levels = ["a", "b", "", "$x", "+"];
  const two = levels.flatMap((one) => levels.map((other) => `${one}/${other}`));
  const three = two.flatMap((start) => levels.map((level) => `${start}/${level}`));
  const plain = [...levels.filter((level) => level !== ""), ...two, ...three];
  return [...plain, "#", ...plain.map((filter) => `${filter}/#`), "/#"];
}

Deno.test("match() agrees with the reference matcher on every filter and name of three levels", () => {
  const filters = [...new Set(everyFilter())];
  const tree = treeOf(...filters);
  const names = filters.filter((filter) => !hasWildcard(filter));
  assert.ok(names.length > 80);
  for (const name of [...names, "a/b/a/b", "$SYS", "c", "c/a"]) {
    const expected = filters.filter((filter) => topicMatches(filter, name)).sort();
    assert.deepEqual(matching(tree, name), expected, name);
  }
});

Deno.test("match() gives nothing of $-topics to a leading wildcard [MQTT-4.7.2-1]", () => {
  const tree = treeOf("#", "+/x", "+/#", "$SYS/#", "$SYS/+");
  assert.deepEqual(matching(tree, "$SYS/x"), ["$SYS/#", "$SYS/+"]);
  assert.deepEqual(matching(tree, "a/$SYS"), ["#", "+/#"]);
});

Deno.test("match() finds each shared group once, by the filter behind its name", () => {
  const tree = treeOf("$share/g/a/+", "$share/g/a/+", "$share/h/a/b", "$share/g/#", "a/b");
  const { subscriptions, groups } = tree.match("a/b");
  assert.equal(subscriptions.length, 1);
  assert.deepEqual(groups.map(({ shareName, size }) => `${shareName} ${size}`).sort(), [
    "g 1",
    "g 2",
    "h 1",
  ]);
  assert.deepEqual(tree.match("$SYS/x").groups, []);
});

Deno.test("remove() takes exactly that subscription and counts", () => {
  const tree = new SubscriptionTree();
  const [one, two, three] = [subscription("a/#"), subscription("a/#"), subscription("a/#")];
  for (const each of [one, two, three]) tree.add(each);
  tree.remove(subscription("a/#"));
  assert.equal(tree.size, 3, "another object is another subscription");
  tree.remove(two);
  assert.deepEqual(new Set(tree.match("a").subscriptions), new Set([one, three]));
  tree.remove(two);
  assert.equal(tree.size, 2, "removing it again changes nothing");
  tree.remove(one);
  tree.remove(three);
  assert.equal(tree.size, 0);
  assert.deepEqual(tree.match("a"), { subscriptions: [], groups: [] });
});

Deno.test("remove() of a shared subscription leaves the other members, and then no group", () => {
  const tree = new SubscriptionTree();
  const members = [subscription("$share/g/a"), subscription("$share/g/a")] as const;
  for (const member of members) tree.add(member);
  assert.deepEqual([tree.size, tree.sharedSize], [2, 2]);
  tree.remove(members[0]);
  assert.equal(tree.match("a").groups[0]?.next("a"), members[1]);
  tree.remove(subscription("$share/other/a"));
  assert.deepEqual([tree.size, tree.sharedSize], [1, 1]);
  tree.remove(members[1]);
  assert.deepEqual([tree.size, tree.sharedSize], [0, 0]);
  assert.deepEqual(tree.match("a").groups, []);
});

Deno.test("currentGroup() finds the group that took another's place", () => {
  const tree = new SubscriptionTree();
  const [first, second] = [subscription("$share/g/a/#"), subscription("$share/g/a/#")];
  tree.add(first);
  const [group] = tree.match("a").groups;
  assert.ok(group);
  assert.deepEqual([group.shareName, group.topicFilter], ["g", "a/#"]);
  assert.equal(tree.currentGroup(group), group);
  tree.remove(first);
  assert.equal(tree.currentGroup(group), undefined);
  tree.add(second);
  assert.equal(tree.currentGroup(group)?.next("a"), second);
});

Deno.test("remove() of what was never there, above or below others, changes nothing", () => {
  const tree = treeOf("a/b/c");
  for (const filter of ["a", "a/b", "a/b/c/d", "x/y", "$share/g/a/b/c"]) {
    tree.remove(subscription(filter));
  }
  assert.equal(tree.size, 1);
  assert.deepEqual(matching(tree, "a/b/c"), ["a/b/c"]);
});

Deno.test("removing a deep filter keeps the filters on the way to it", () => {
  const tree = new SubscriptionTree();
  const deep = subscription("a/b/c/d");
  for (const each of [subscription("a/b"), deep, subscription("$share/g/a/b/c")]) tree.add(each);
  tree.remove(deep);
  assert.deepEqual(matching(tree, "a/b/c/d"), []);
  assert.deepEqual(matching(tree, "a/b"), ["a/b"]);
  assert.equal(tree.match("a/b/c").groups.length, 1);
});

Deno.test("remove() leaves no node behind that leads to nothing", () => {
  const tree = new SubscriptionTree();
  assert.equal(tree.nodeCount, 0);
  const kept = subscription("a/b");
  tree.add(kept);
  const filters = ["a/b/c/d", "a/b", "a/+/#", "x//y", "#", "$share/g/a/b/c", "$share/h/deep/down"];
  const others = filters.map(subscription);
  for (const each of others) tree.add(each);
  // a, b, c, d; "+", "#" below a; x, "", y; "#"; deep, down.
  assert.equal(tree.nodeCount, 12);
  for (const each of others) tree.remove(each);
  assert.deepEqual([tree.nodeCount, tree.size], [2, 1]);
  tree.remove(kept);
  assert.equal(tree.nodeCount, 0);
});

Deno.test("a client that subscribes to ever new filters does not make the tree grow", () => {
  const tree = treeOf("sensors/+/state");
  const highest = { nodes: 0 };
  for (let index = 0; index < 1000; index++) {
    const one = subscription(`sensors/${index}/a/b/c`);
    const shared = subscription(`$share/g${index}/sensors/${index}/#`);
    tree.add(one);
    tree.add(shared);
    tree.remove(one);
    highest.nodes = Math.max(highest.nodes, tree.nodeCount);
    tree.remove(shared);
  }
  assert.deepEqual([highest.nodes, tree.nodeCount], [5, 3]);
});

Deno.test("filterOf() gives what is matched, hasWildcard() says whether it can match several", () => {
  assert.equal(filterOf(subscription("a/b")), "a/b");
  assert.equal(filterOf(subscription("$share/group//a/#")), "/a/#");
  assert.deepEqual(["a/b", "a/+", "a/#", "#"].map(hasWildcard), [false, true, true, true]);
});

const pathBytes = (topicFilter: string) =>
  topicFilter.split("/").reduce((sum, level) => sum + nodeBytes(level), 0);

Deno.test("bytes counts every level once and the text of every Topic Filter", () => {
  const tree = new SubscriptionTree();
  const [one, same, other] = [subscription("a/b/+"), subscription("a/b/+"), subscription("a/b/#")];
  tree.add(one);
  assert.equal(tree.bytes, pathBytes("a/b/+") + 5);
  tree.add(same);
  tree.add(other);
  assert.equal(tree.bytes, pathBytes("a/b/+") + nodeBytes("#") + 15);
  tree.remove(one);
  tree.remove(one);
  assert.equal(tree.bytes, pathBytes("a/b/+") + nodeBytes("#") + 10);
  tree.remove(same);
  assert.equal(tree.bytes, pathBytes("a/b/#") + 5);
  tree.remove(other);
  assert.equal(tree.bytes, 0);
});

Deno.test("bytes counts a shared group like a level", () => {
  const tree = new SubscriptionTree();
  const members = [subscription("$share/g/a"), subscription("$share/g/a")] as const;
  tree.add(members[0]);
  assert.equal(tree.bytes, nodeBytes("a") + nodeBytes("g") + 10);
  tree.add(members[1]);
  assert.equal(tree.bytes, nodeBytes("a") + nodeBytes("g") + 20);
  const other = subscription("$share/long/a");
  tree.add(other);
  tree.remove(members[0]);
  tree.remove(members[1]);
  assert.equal(tree.bytes, nodeBytes("a") + nodeBytes("long") + 13);
  tree.remove(other);
  assert.equal(tree.bytes, 0);
});

Deno.test("bytes is 0 again however subscriptions come and go", () => {
  const tree = new SubscriptionTree();
  const filters = everyFilter().flatMap((filter) => [filter, filter, `$share/g/${filter}`]);
  const subscriptions = filters.map(subscription);
  for (const each of subscriptions) tree.add(each);
  const expected = tree.bytes;
  subscriptions.forEach((each, index) => {
    if (index % 3 !== 0) tree.remove(each);
  });
  assert.ok(tree.bytes < expected);
  for (const each of subscriptions) tree.remove(each);
  assert.deepEqual([tree.bytes, tree.nodeCount, tree.size], [0, 0, 0]);
});
