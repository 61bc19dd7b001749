import assert from "node:assert/strict";
import { addClients } from "../../../src/cli/control/clients_command.ts";
import { checkCommand } from "./commands_fixture.ts";
import { AnsweringBroker, runCommand } from "./fixture.ts";

Deno.test("'broker clients' has help, finds its broker, and names the nearest option", async () => {
  await checkCommand(addClients, "clients");
});

Deno.test("'broker clients' asks for what its options say", async () => {
  await using broker = await AnsweringBroker.start();
  const socket = ["--socket", broker.socket];
  await runCommand(addClients, "clients", ...socket);
  assert.deepEqual(broker.lastArguments, { all: false });
  await runCommand(addClients, "clients", "z*", "-a", "--user", "ann", ...socket);
  assert.deepEqual(broker.lastArguments, { all: true, user: "ann", pattern: "z*" });
  const { exitCode, err } = await runCommand(addClients, "clients", "--user", "", ...socket);
  assert.equal(exitCode, 2);
  assert.match(err, /It is empty/);
});
