import assert from "node:assert/strict";
import { status, watchStatus } from "../../../src/cli/control/status.ts";
import { AnsweringBroker, captured, screenOf } from "./fixture.ts";
import { STATUS } from "./items_fixture.ts";

Deno.test("status() shows how the broker is doing, for people or for programs", async () => {
  await using broker = await AnsweringBroker.start({ items: [STATUS] });
  const { socket } = broker;
  const text = await captured((terminal) => status({ socket, json: false }, terminal));
  assert.equal(text.exitCode, 0);
  assert.match(text.out, /^broker 1\.2\.3, process 77, up 1h 1m, since /);
  const json = await captured((terminal) => status({ socket, json: true }, terminal));
  assert.deepEqual(JSON.parse(json.out), STATUS);
});

Deno.test("watchStatus() shows it again, until the broker is gone", async () => {
  await using broker = await AnsweringBroker.start(
    { items: [STATUS] },
    { items: [{ ...STATUS, processId: 78 }] },
    { reply: { ok: false, lines: ["it stops"] } },
  );
  const { socket } = broker;
  const { exitCode, out, err } = await captured((terminal) =>
    watchStatus({ socket }, terminal, screenOf("", 10))
  );
  assert.deepEqual([exitCode, err], [1, "it stops\n"]);
  const screens = out.split("\x1b[H\x1b[2J");
  assert.deepEqual(screens.map((text) => /process (\d+)/.exec(text)?.[1]), [
    undefined,
    "77",
    "78",
  ]);
});

Deno.test("watchStatus() keeps the first lines on a small screen", async () => {
  await using broker = await AnsweringBroker.start({ items: [STATUS] });
  const { socket } = broker;
  const screen = screenOf("", 0, { columns: 200, rows: 4 });
  const { out } = await captured((terminal) => watchStatus({ socket }, terminal, screen));
  const lines = out.split("\n");
  assert.match(lines[0] ?? "", /broker 1\.2\.3, process 77/);
  assert.match(lines[2] ?? "", /^\.\.\. \d+ more lines$/);
  assert.equal(lines.length, 4);
});

Deno.test("watchStatus() needs a terminal", async () => {
  const outcome = await captured((terminal) =>
    watchStatus({ socket: "/nonexistent" }, terminal, screenOf(undefined))
  );
  assert.deepEqual(outcome, { exitCode: 2, out: "", err: "'--watch' needs a terminal\n" });
});
