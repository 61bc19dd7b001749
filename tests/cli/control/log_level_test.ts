import assert from "node:assert/strict";
import { logLevel } from "../../../src/cli/control/log_level.ts";
import { AnsweringBroker, captured } from "./fixture.ts";

const ITEM = { levels: { client: "debug", server: null } };

Deno.test("logLevel() shows the levels, and until when a change holds", async () => {
  await using broker = await AnsweringBroker.start({ items: [ITEM] });
  const request = { level: undefined, part: undefined, json: false, socket: broker.socket };
  const table = "PART    LEVEL\nclient  debug\nserver  silent\n";
  assert.deepEqual(await captured((terminal) => logLevel(request, terminal)), {
    exitCode: 0,
    out: table,
    err: "",
  });
  assert.deepEqual(broker.lastArguments, {});
  const change = { ...request, level: "debug", part: "client" };
  const { out } = await captured((terminal) => logLevel(change, terminal));
  assert.equal(out, `${table}\nUntil the next reload or restart\n`);
  assert.deepEqual(broker.lastArguments, { level: "debug", part: "client" });
  const json = await captured((terminal) => logLevel({ ...change, json: true }, terminal));
  assert.deepEqual(JSON.parse(json.out), ITEM);
});
