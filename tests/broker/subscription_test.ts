import assert from "node:assert/strict";
import { SharedGroup, type Subscription } from "../../src/broker/subscription.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";

function groupOf(...clients: FakeClient[]): [SharedGroup, Subscription[]] {
  const group = new SharedGroup("g", "t");
  const members = clients.map(({ session }): Subscription => ({
    session,
    topicFilter: "$share/g/t",
    qos: 2,
    noLocal: false,
    retainAsPublished: false,
    identifier: 0,
    shareName: "g",
    replayPending: false,
  }));
  for (const member of members) group.add(member);
  return [group, members];
}

/** The Client Identifiers of the next picks. */
const picks = (group: SharedGroup, count: number) =>
  Array.from({ length: count }, () => group.next("t")?.session.clientIdentifier).join(" ");

function connectThree(): [FakeClient, FakeClient, FakeClient] {
  const core = new Core();
  return [core.connectKept("a"), core.connectKept("b"), core.connectKept("c")];
}

Deno.test("next() takes the members in turn", () => {
  const [group] = groupOf(...connectThree());
  assert.equal(picks(group, 7), "a b c a b c a");
});

Deno.test("next() passes over members that are away or behind, as long as one is not", () => {
  const [a, b, c] = connectThree();
  const [group] = groupOf(a, b, c);
  a.lose();
  c.link.isCongested = true;
  assert.equal(picks(group, 3), "b b b");
  c.link.isCongested = false;
  assert.equal(picks(group, 4), "c b c b");
});

Deno.test("next() prefers one that is online, though behind, to one that is away", () => {
  const [a, b, c] = connectThree();
  const [group] = groupOf(a, b, c);
  a.lose();
  b.link.isCongested = true;
  c.lose();
  assert.equal(picks(group, 3), "b b b");
});

Deno.test("next() takes turns among members that are all away, or all behind", () => {
  const clients = connectThree();
  const [group] = groupOf(...clients);
  for (const client of clients) client.link.isCongested = true;
  assert.equal(picks(group, 6).split(" ").sort().join(" "), "a a b b c c");
  for (const client of clients) client.lose();
  assert.equal(picks(group, 6).split(" ").sort().join(" "), "a a b b c c");
});

Deno.test("next() of a group without members gives nobody", () => {
  const [group, members] = groupOf(connectThree()[0]);
  assert.equal(group.remove(members[0] as Subscription), true);
  assert.equal(group.remove(members[0] as Subscription), false);
  assert.equal(group.size, 0);
  assert.equal(group.next("t"), undefined);
});

Deno.test("next() goes on in turn when members come and go", () => {
  const [a, b, c] = connectThree();
  const [group, members] = groupOf(a, b);
  assert.equal(picks(group, 2), "a b");
  const [, [member]] = groupOf(c);
  group.add(member as Subscription);
  assert.equal(picks(group, 3).split(" ").sort().join(" "), "a b c");
  group.remove(members[0] as Subscription);
  assert.equal(picks(group, 4).split(" ").sort().join(" "), "b b c c");
});

Deno.test("a group is for those members alone who may receive a topic", () => {
  const core = new Core();
  const [a, b] = [core.connectKept("a"), core.connect("b")];
  const [group] = groupOf(a, b);
  assert.deepEqual([group.mayReceive("t"), group.hasDurable("t")], [true, true]);
  core.broker.setAccess({
    accessOf: (clientIdentifier) => ({
      mayPublish: () => undefined,
      mayReceive: (topicName) => topicName === `for ${clientIdentifier}`,
      maySubscribe: () => undefined,
    }),
  });
  const answers = ["for a", "for b", "for c"].map((topic) => [
    group.mayReceive(topic),
    group.hasDurable(topic),
    group.next(topic)?.session.clientIdentifier,
  ]);
  assert.deepEqual(answers, [[true, true, "a"], [true, false, "b"], [false, false, undefined]]);
});
