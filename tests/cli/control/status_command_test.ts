import assert from "node:assert/strict";
import { addStatus } from "../../../src/cli/control/status_command.ts";
import { checkCommand } from "./commands_fixture.ts";
import { AnsweringBroker, runCommand } from "./fixture.ts";
import { STATUS } from "./items_fixture.ts";

Deno.test("'broker status' has help, finds its broker, and names the nearest option", async () => {
  await checkCommand(addStatus, "status");
});

Deno.test("'broker status --json' prints what the broker says", async () => {
  await using broker = await AnsweringBroker.start({ items: [STATUS] });
  const { out } = await runCommand(addStatus, "status", "--socket", broker.socket, "--json");
  assert.deepEqual(JSON.parse(out), STATUS);
});

Deno.test("'broker status' does not watch as JSON", async () => {
  const { exitCode, err } = await runCommand(addStatus, "status", "--json", "--watch");
  assert.equal(exitCode, 2);
  assert.match(err, /'--json' cannot be used with option '--watch'/);
});
