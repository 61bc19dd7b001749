/**
 * `broker retained`: what is shown, and that nothing is removed that nobody has agreed to.
 */

import assert from "node:assert/strict";
import { clearRetained, listRetained } from "../../../src/cli/control/retained.ts";
import { AnsweringBroker, captured, screenOf } from "./fixture.ts";
import { RETAINED } from "./items_fixture.ts";

const SUMMARY = { count: 2, payloadBytes: 23, unknownAge: 0 };
const ITEMS = [...RETAINED, SUMMARY];
const ALL = { filter: "home/#", olderThanSeconds: undefined, json: false };
const CLEAR = { ...ALL, dryRun: false, yes: false };

const TABLE = [
  "TOPIC NAME  BYTES  QOS  AGE        PUBLISHER  EXPIRES",
  "home/a          3    0  not known  -          TIME",
  "home/b         20    1  1d 1h      lamp       never",
  "",
].join("\n");

function withoutTimes(text: string): string {
  return text.replaceAll(/2026-\S+/g, "TIME");
}

Deno.test("listRetained() shows a table in order of the topics", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS });
  const request = { ...ALL, olderThanSeconds: 60, socket: broker.socket };
  const { exitCode, out, err } = await captured((terminal) => listRetained(request, terminal));
  assert.deepEqual([exitCode, withoutTimes(out), err], [0, TABLE, ""]);
  assert.deepEqual(broker.asked.map(({ command }) => command), ["retained"]);
  assert.deepEqual(broker.lastArguments, { filter: "home/#", olderThanSeconds: 60 });
});

Deno.test("listRetained() prints one JSON document, and notes unknown ages beside it", async () => {
  await using broker = await AnsweringBroker.start({
    items: [...RETAINED, { ...SUMMARY, unknownAge: 3 }],
  });
  const request = { ...ALL, json: true, socket: broker.socket };
  const { out, err } = await captured((terminal) => listRetained(request, terminal));
  assert.deepEqual(JSON.parse(out), {
    retained: [RETAINED[1], RETAINED[0]],
    ...SUMMARY,
    unknownAge: 3,
  });
  assert.match(err, /^Left out: 3 messages whose age is not known/);
});

Deno.test("clearRetained() needs somebody to ask, --yes or --dry-run", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS });
  const request = { ...CLEAR, socket: broker.socket };
  const { exitCode, out, err } = await captured((terminal) =>
    clearRetained(request, terminal, screenOf(undefined))
  );
  assert.deepEqual([exitCode, out], [2, ""]);
  assert.match(err, /say --yes to clear them, --dry-run to see them/);
  assert.deepEqual(broker.asked, []);
});

Deno.test("clearRetained() shows what it would clear, and clears nothing in a dry run", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS });
  const request = { ...CLEAR, dryRun: true, socket: broker.socket };
  const { exitCode, out } = await captured((terminal) =>
    clearRetained(request, terminal, screenOf(undefined))
  );
  const last = "\nWould clear 2 retained messages (23 bytes of payload)\n";
  assert.deepEqual([exitCode, withoutTimes(out)], [0, TABLE + last]);
  const json = await captured((terminal) =>
    clearRetained({ ...request, json: true }, terminal, screenOf(undefined))
  );
  assert.deepEqual(JSON.parse(json.out).dryRun, true);
  assert.deepEqual(broker.asked.map(({ command }) => command), ["retained", "retained"]);
});

Deno.test("clearRetained() asks on a terminal, and takes nothing but yes for yes", async () => {
  for (
    const [answer, isMeant] of [["y", true], ["YES", true], ["", false], ["no", false]] as const
  ) {
    await using broker = await AnsweringBroker.start({ items: ITEMS });
    const request = { ...CLEAR, socket: broker.socket };
    const { exitCode, out, err } = await captured((terminal) =>
      clearRetained(request, terminal, screenOf(answer))
    );
    const question = "Clear 2 retained messages (23 bytes of payload)? [y/N] ";
    assert.ok(withoutTimes(err).startsWith(TABLE + question), err);
    assert.equal(exitCode, isMeant ? 0 : 1);
    assert.equal(out, isMeant ? "Cleared 2 retained messages (23 bytes of payload)\n" : "");
    assert.equal(err.endsWith("Nothing was cleared\n"), !isMeant);
    assert.deepEqual(
      broker.asked.map(({ command }) => command),
      isMeant ? ["retained", "clear-retained"] : ["retained"],
    );
  }
});

Deno.test("clearRetained() does not fill the screen before it asks", async () => {
  const [message] = RETAINED;
  const items = Array.from({ length: 25 }, (_, at) => ({ ...message, topicName: `home/${at}` }));
  await using broker = await AnsweringBroker.start({
    items: [...items, { ...SUMMARY, count: 25 }],
  });
  const request = { ...CLEAR, socket: broker.socket };
  const { err } = await captured((terminal) => clearRetained(request, terminal, screenOf("n")));
  const lines = err.split("\n");
  assert.equal(lines.filter((line) => line.startsWith("home/")).length, 20);
  assert.equal(lines[21], "... and 5 more");
  assert.match(lines[22] ?? "", /^Clear 25 retained messages .* \[y\/N\] Nothing was cleared$/);
});

Deno.test("clearRetained() does not ask when there is nothing to clear", async () => {
  await using broker = await AnsweringBroker.start({
    items: [{ count: 0, payloadBytes: 0, unknownAge: 0 }],
  });
  const request = { ...CLEAR, socket: broker.socket };
  const { exitCode, err } = await captured((terminal) =>
    clearRetained(request, terminal, screenOf("y"))
  );
  assert.deepEqual([exitCode, err], [0, "There are no such messages\n"]);
  assert.deepEqual(broker.asked.map(({ command }) => command), ["retained"]);
});

Deno.test("clearRetained() with --yes clears at once, and lists what for programs", async () => {
  await using broker = await AnsweringBroker.start({ items: ITEMS });
  const request = { ...CLEAR, yes: true, json: true, socket: broker.socket };
  const { exitCode, out } = await captured((terminal) =>
    clearRetained(request, terminal, screenOf(undefined))
  );
  assert.equal(exitCode, 0);
  assert.deepEqual(JSON.parse(out), {
    retained: [RETAINED[1], RETAINED[0]],
    ...SUMMARY,
    dryRun: false,
  });
  assert.deepEqual(broker.asked.map(({ command }) => command), ["clear-retained"]);
});

Deno.test("clearRetained() ends with 1 when the broker cannot", async () => {
  await using broker = await AnsweringBroker.start({
    reply: { ok: false, lines: ["Cannot clear: the disk takes nothing"] },
  });
  const request = { ...CLEAR, yes: true, socket: broker.socket };
  assert.deepEqual(
    await captured((terminal) => clearRetained(request, terminal, screenOf(undefined))),
    { exitCode: 1, out: "", err: "Cannot clear: the disk takes nothing\n" },
  );
});
