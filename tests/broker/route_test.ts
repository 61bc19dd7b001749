import assert from "node:assert/strict";
import { buildRoute, Recipient, type Route } from "../../src/broker/route.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import type { Filter } from "../support/packets.ts";

/** The route of `topicName` when `filters` are what the clients are subscribed to. */
function routeOf(core: Core, topicName: string): Route {
  return buildRoute(core.broker.router.tree, topicName);
}

const identifiersOf = (clients: readonly { session: { clientIdentifier: string } }[]) =>
  clients.map(({ session }) => session.clientIdentifier).sort();

/** Who shares bytes with whom in a plan, and who is served alone. */
function planOf(route: Route, qos: 0 | 1 | 2): { shared: string[]; individual: string[] } {
  const { shared, individual } = route.plan(qos);
  const audiences = shared.map(({ sessions, version, retainAsPublished }) => {
    const names = sessions.map(({ clientIdentifier }) => clientIdentifier).sort().join(" ");
    return `v${version}${retainAsPublished ? " retain" : ""}: ${names}`;
  });
  return { shared: audiences.sort(), individual: identifiersOf(individual) };
}

function subscribeAll(clients: readonly FakeClient[], filter: Filter): void {
  for (const client of clients) client.subscribe(filter);
}

Deno.test("a session is in a route once, with the highest QoS [MQTT-3.3.4-2]", () => {
  const core = new Core();
  const client = core.connect("a");
  for (const [topicFilter, qos] of [["a/#", 1], ["a/b", 0], ["+/b", 2], ["x", 2]] as const) {
    client.subscribe({ topicFilter, qos });
  }
  const { recipients } = routeOf(core, "a/b");
  assert.equal(recipients.length, 1);
  assert.equal(recipients[0]?.qos, 2);
  assert.equal(recipients[0]?.session, client.session);
});

Deno.test("a recipient gets all Subscription Identifiers that match [MQTT-3.3.4-3]", () => {
  const core = new Core();
  const client = core.connect("a");
  client.subscribe("a/#", { subscriptionIdentifiers: [5] });
  client.subscribe("a/b", { subscriptionIdentifiers: [9] });
  client.subscribe("+/b");
  client.subscribe("x", { subscriptionIdentifiers: [1] });
  const identifiers = routeOf(core, "a/b").recipients[0]?.subscriptionIdentifiers;
  assert.deepEqual(identifiers?.toSorted(), [5, 9]);
});

Deno.test("Retain As Published holds when one of the subscriptions has it", () => {
  const core = new Core();
  core.connect("a").subscribe(["a/#", { topicFilter: "a/b", retainAsPublished: true }]);
  core.connect("b").subscribe(["a/#", "a/b"]);
  const { recipients } = routeOf(core, "a/b");
  const flags = recipients.map(({ session, retainAsPublished }) =>
    `${session.clientIdentifier} ${retainAsPublished}`
  );
  assert.deepEqual(flags.sort(), ["a true", "b false"]);
});

Deno.test("No Local subscriptions do not count for the publisher itself [MQTT-3.8.3-3]", () => {
  const core = new Core();
  core.connect("none").subscribe({ topicFilter: "t", qos: 2 });
  core.connect("some").subscribe([
    { topicFilter: "t", qos: 2, noLocal: true },
    { topicFilter: "+", qos: 1 },
  ]);
  core.connect("all").subscribe({ topicFilter: "t", qos: 2, noLocal: true });
  const recipients = new Map(
    routeOf(core, "t").recipients.map((each) => [each.session.clientIdentifier, each]),
  );
  assert.deepEqual([...recipients.values()].map(({ qos }) => qos), [2, 2, 2]);
  assert.equal(recipients.get("none")?.whenPublisher, recipients.get("none"));
  assert.equal(recipients.get("some")?.whenPublisher?.qos, 1);
  assert.equal(recipients.get("all")?.whenPublisher, undefined);
});

Deno.test("sessions of one protocol version and one retain flag share bytes at QoS 0", () => {
  const core = new Core();
  subscribeAll([core.connect("a5"), core.connect("b5")], "t");
  subscribeAll([core.connect("a4", 4), core.connect("a3", 3)], "t");
  const retaining = [core.connect("c5"), core.connect("d5")];
  subscribeAll(retaining, { topicFilter: "t", retainAsPublished: true });
  assert.deepEqual(planOf(routeOf(core, "t"), 0), {
    shared: ["v4: a3 a4", "v5 retain: c5 d5", "v5: a5 b5"],
    individual: [],
  });
});

Deno.test("a session that gets other bytes than the rest is served alone", () => {
  const core = new Core();
  subscribeAll([core.connect("a"), core.connect("b")], "t");
  core.connect("identifier").subscribe("t", { subscriptionIdentifiers: [1] });
  core.connect("own encoding", 5, { properties: { maximumPacketSize: 1000 } }).subscribe("t");
  core.connect("no local").subscribe({ topicFilter: "t", noLocal: true });
  core.connect("only one of its version", 4).subscribe("t");
  const away = core.connectKept("away").subscribed("t");
  away.lose();
  assert.deepEqual(planOf(routeOf(core, "t"), 0), {
    shared: ["v5: a b"],
    individual: ["away", "identifier", "no local", "only one of its version", "own encoding"],
  });
});

Deno.test("above QoS 0 only subscriptions of QoS 0 share bytes", () => {
  const core = new Core();
  subscribeAll([core.connect("a0"), core.connect("b0")], { topicFilter: "t", qos: 0 });
  subscribeAll([core.connect("a1"), core.connect("b1")], { topicFilter: "t", qos: 1 });
  const route = routeOf(core, "t");
  const above = { shared: ["v5: a0 b0"], individual: ["a1", "b1"] };
  assert.deepEqual(planOf(route, 1), above);
  assert.deepEqual(planOf(route, 2), above);
  assert.deepEqual(planOf(route, 0), { shared: ["v5: a0 a1 b0 b1"], individual: [] });
});

Deno.test("a route holds shared groups beside recipients, and is empty without both", () => {
  const core = new Core();
  assert.equal(routeOf(core, "t").isEmpty, true);
  core.connect("a").subscribe("$share/g/t");
  const route = routeOf(core, "t");
  assert.equal(route.isEmpty, false);
  assert.deepEqual([route.recipients.length, route.groups.length], [0, 1]);
  assert.equal(route.generation, core.broker.router.tree.generation);
});

Deno.test("a recipient without identifiers shares one empty list with all others", () => {
  const core = new Core();
  const session = core.connect("a").subscribed(["t", "+"]).session;
  const [one, other] = [...session.subscriptions.values()].map((each) => new Recipient([each]));
  assert.equal(one?.subscriptionIdentifiers, other?.subscriptionIdentifiers);
  assert.deepEqual(one?.subscriptionIdentifiers, []);
});

Deno.test("a route has nobody who may not receive the topic", () => {
  const core = new Core();
  core.connect("a").subscribed(["t", "#", "$share/g/t"]);
  core.access.unreadable.add("t");
  const { tree } = core.broker.router;
  assert.equal(buildRoute(tree, "t").isEmpty, true);
  const route = buildRoute(tree, "u");
  assert.deepEqual([route.recipients.length, route.groups.length], [1, 0]);
});
