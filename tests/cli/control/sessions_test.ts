import assert from "node:assert/strict";
import { sessions } from "../../../src/cli/control/sessions.ts";
import { AnsweringBroker, captured } from "./fixture.ts";
import { AWAY, CONNECTED } from "./items_fixture.ts";

const subscription = (topicFilter: string) => ({
  topicFilter,
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  subscriptionIdentifier: null,
});

const ITEMS = [
  { ...CONNECTED, subscriptions: [subscription("a/#"), subscription("b")] },
  { moreSubscriptions: [subscription("c")] },
  { ...AWAY, subscriptions: [] },
];
const ALL = { client: undefined, subscriptions: true, json: false };

Deno.test("sessions() shows sessions in order, with their subscriptions below them", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS });
  const request = { ...ALL, socket: broker.socket };
  const { exitCode, out } = await captured((terminal) => sessions(request, terminal));
  assert.equal(exitCode, 0);
  const lines = out.replaceAll(/2026-\S+/g, "TIME").split("\n");
  assert.deepEqual(lines.slice(2), [
    lines[2],
    "  a/#, QoS 1",
    "  b, QoS 1",
    "  c, QoS 1",
    "",
  ]);
  assert.deepEqual(lines.slice(0, 3).map((line) => line.split(/ {2,}/)), [
    [
      "CLIENT IDENTIFIER",
      "USER NAME",
      "MQTT",
      "CONNECTED",
      "EXPIRES",
      ...["SUBSCRIPTIONS", "QUEUED", "QUEUE", "IN FLIGHT"],
    ],
    ["phone", "bob", "3.1.1", "away since TIME", "never", "1", "2", "1.2 KiB", "3"],
    ["tv", "ann (unproven)", "5", "since TIME", "1h after it leaves", "2", "0", "0 bytes", "0"],
  ]);
  assert.deepEqual(broker.lastArguments, { subscriptions: true });
});

Deno.test("sessions() puts together what came in several lines", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS });
  const request = { ...ALL, json: true, socket: broker.socket };
  const { out } = await captured((terminal) => sessions(request, terminal));
  const subscriptions = [subscription("a/#"), subscription("b"), subscription("c")];
  assert.deepEqual(JSON.parse(out), {
    sessions: [{ ...AWAY, subscriptions: [] }, { ...CONNECTED, subscriptions }],
  });
});

Deno.test("sessions() shows everything of one session", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS.slice(0, 2) });
  const request = { ...ALL, client: "tv", subscriptions: false, socket: broker.socket };
  const { out } = await captured((terminal) => sessions(request, terminal));
  assert.match(out, /^Client Identifier: {2}tv\n/);
  assert.match(out, /\n3 subscriptions\n {2}a\/#, QoS 1\n/);
  assert.deepEqual(broker.lastArguments, { client: "tv", subscriptions: false });
});
