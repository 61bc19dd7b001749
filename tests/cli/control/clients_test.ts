import assert from "node:assert/strict";
import { clients } from "../../../src/cli/control/clients.ts";
import { AnsweringBroker, captured } from "./fixture.ts";
import { AWAY, CONNECTED } from "./items_fixture.ts";

const ALL = { json: false, all: false, user: undefined, pattern: undefined };

Deno.test("clients() shows a table in order of the names", async () => {
  await using broker = await AnsweringBroker.start({ items: [CONNECTED, AWAY] });
  const request = { ...ALL, socket: broker.socket, all: true, user: "ann", pattern: "*" };
  const { exitCode, out } = await captured((terminal) => clients(request, terminal));
  assert.equal(exitCode, 0);
  const lines = out.replaceAll(/2026-\S+/g, "TIME").split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(lines, [
    [
      "CLIENT IDENTIFIER",
      "USER NAME",
      "ADDRESS",
      "LISTENER",
      "MQTT",
      "CONNECTED",
      ...["KEEP ALIVE", "SUBSCRIPTIONS", "QUEUED", "QUEUE", "IN FLIGHT", "RECEIVED", "SENT"],
    ],
    [
      ...["phone", "bob", "10.0.0.2", "1883", "3.1.1", "away since TIME", "-"],
      ...["1", "2", "1.2 KiB", "3", "-", "-"],
    ],
    [
      ...["tv", "ann (unproven)", "10.0.0.1:5000", "1883", "5", "since TIME", "1m", "2", "0"],
      ...["0 bytes", "0", "1.5 KiB", "10 bytes"],
    ],
    [""],
  ]);
  assert.deepEqual(broker.lastArguments, { all: true, user: "ann", pattern: "*" });
});

Deno.test("clients() prints one JSON document", async () => {
  await using broker = await AnsweringBroker.start({ items: [CONNECTED, AWAY] });
  const request = { ...ALL, socket: broker.socket, json: true };
  const { out } = await captured((terminal) => clients(request, terminal));
  assert.deepEqual(JSON.parse(out), { clients: [AWAY, CONNECTED] });
});

Deno.test("clients() prints nothing of an answer that fails", async () => {
  await using broker = await AnsweringBroker.start({
    items: [CONNECTED],
    reply: { ok: false, lines: ["No"] },
  });
  const request = { ...ALL, socket: broker.socket };
  const { exitCode, out, err } = await captured((terminal) => clients(request, terminal));
  assert.deepEqual([exitCode, out, err], [1, "", "No\n"]);
});
