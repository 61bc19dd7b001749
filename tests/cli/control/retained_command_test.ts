import assert from "node:assert/strict";
import { addRetained } from "../../../src/cli/control/retained_command.ts";
import { checkCommand } from "./commands_fixture.ts";
import { AnsweringBroker, runCommand } from "./fixture.ts";

Deno.test("'broker retained list' and 'clear' have help, and find their broker", async () => {
  await checkCommand(addRetained, "retained list");
  await checkCommand(addRetained, "retained clear", "a", "--yes");
});

Deno.test("'broker retained' names the nearest of what it can", async () => {
  const { exitCode, err } = await runCommand(addRetained, "retained", "lst");
  assert.equal(exitCode, 2);
  assert.match(err, /unknown command 'lst'\n\(Did you mean list\?\)/);
  assert.equal((await runCommand(addRetained, "retained")).exitCode, 2);
  assert.equal((await runCommand(addRetained, "retained", "clear")).exitCode, 2);
});

Deno.test("'broker retained' asks by Topic Filter and age", async () => {
  await using broker = await AnsweringBroker.start({ items: [{ count: 0 }] });
  const socket = ["--socket", broker.socket];
  await runCommand(addRetained, "retained", "list", ...socket);
  assert.deepEqual(broker.lastArguments, {});
  await runCommand(addRetained, "retained", "list", "a/#", "--older-than", "7d", ...socket);
  assert.deepEqual(broker.lastArguments, { filter: "a/#", olderThanSeconds: 604_800 });
  await runCommand(addRetained, "retained", "clear", "a", "-y", "--older-than", "90", ...socket);
  assert.deepEqual(broker.lastArguments, { filter: "a", olderThanSeconds: 90 });
  assert.deepEqual(broker.asked.map(({ command }) => command), [
    "retained",
    "retained",
    "clear-retained",
  ]);
});

Deno.test("'broker retained' refuses what is no Topic Filter or age", async () => {
  for (
    const [args, message] of [
      [["list", "a/#/b"], /This is no Topic Filter/],
      [["list", "$share/g/a"], /shared subscriptions get no retained messages/],
      [["clear", ""], /This is no Topic Filter: it is empty/],
      [["list", "--older-than", "week"], /Allowed: a number with ms, s, m, h, d or w, as in 7d/],
      [["list", "--older-than", "1d", "--older-than", "2d"], /given twice/],
    ] as const
  ) {
    const { exitCode, err } = await runCommand(addRetained, "retained", ...args);
    assert.equal(exitCode, 2);
    assert.match(err, message);
  }
});
