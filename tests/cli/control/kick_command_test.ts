import assert from "node:assert/strict";
import { addKick } from "../../../src/cli/control/kick_command.ts";
import { checkCommand } from "./commands_fixture.ts";
import { AnsweringBroker, runCommand } from "./fixture.ts";

Deno.test("'broker kick' has help, finds its broker, and names the nearest option", async () => {
  await checkCommand(addKick, "kick", "tv");
});

Deno.test("'broker kick' takes one client, and says that its Will is published", async () => {
  assert.equal((await runCommand(addKick, "kick")).exitCode, 2);
  assert.match((await runCommand(addKick, "kick", "--help")).out, /Its Will is published/);
  await using broker = await AnsweringBroker.start();
  await runCommand(addKick, "kick", "tv", "--session", "--socket", broker.socket);
  assert.deepEqual(broker.lastArguments, { client: "tv", session: true });
});
