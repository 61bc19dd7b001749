import assert from "node:assert/strict";
import { addSessions } from "../../../src/cli/control/sessions_command.ts";
import { checkCommand } from "./commands_fixture.ts";
import { AnsweringBroker, runCommand } from "./fixture.ts";

Deno.test("'broker sessions' has help, finds its broker, and names the nearest option", async () => {
  await checkCommand(addSessions, "sessions");
});

Deno.test("'broker sessions' asks for all sessions or for one", async () => {
  await using broker = await AnsweringBroker.start();
  const socket = ["--socket", broker.socket];
  await runCommand(addSessions, "sessions", ...socket);
  assert.deepEqual(broker.lastArguments, { subscriptions: false });
  await runCommand(addSessions, "sessions", "tv", "--subscriptions", ...socket);
  assert.deepEqual(broker.lastArguments, { client: "tv", subscriptions: true });
});
