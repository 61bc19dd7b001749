import assert from "node:assert/strict";
import { addLogLevel } from "../../../src/cli/control/log_level_command.ts";
import { checkCommand } from "./commands_fixture.ts";
import { AnsweringBroker, runCommand } from "./fixture.ts";

Deno.test("'broker log-level' has help, finds its broker, and names the nearest option", async () => {
  await checkCommand(addLogLevel, "log-level");
});

Deno.test("'broker log-level' names the nearest level and part", async () => {
  await using broker = await AnsweringBroker.start({ items: [{ levels: {} }] });
  const socket = ["--socket", broker.socket];
  const level = await runCommand(addLogLevel, "log-level", "wrning", ...socket);
  assert.equal(level.exitCode, 2);
  assert.match(
    level.err,
    /Allowed: error, warning, info, debug\.\n\(Did you mean warning\?\)/,
  );
  const part = await runCommand(addLogLevel, "log-level", "debug", "mesage", ...socket);
  assert.equal(part.exitCode, 2);
  assert.match(part.err, /\(Did you mean message\?\)/);
  assert.deepEqual(broker.asked, []);
  await runCommand(addLogLevel, "log-level", "debug", "message", ...socket);
  assert.deepEqual(broker.lastArguments, { level: "debug", part: "message" });
});
