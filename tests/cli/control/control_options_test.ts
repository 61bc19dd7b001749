/**
 * How commands find the broker that runs.
 */

import assert from "node:assert/strict";
import { relative, resolve } from "node:path";
import { findSocket, socketBeside } from "../../../src/cli/control/control_options.ts";
import { fakeMachine } from "../../check/fake_machine.ts";
import { addKick } from "../../../src/cli/control/kick_command.ts";
import { defaultSettings } from "../../../src/config/read.ts";
import { AnsweringBroker, captured, runCommand } from "./fixture.ts";

/** The socket that is found, or undefined and what was reported. */
async function found(flags: Parameters<typeof findSocket>[0]) {
  let socket: string | undefined;
  const { err } = await captured(async (terminal) => {
    socket = await findSocket(flags, terminal);
    return 0;
  });
  return { socket, err };
}

Deno.test("findSocket() takes the socket that was named, else the one beside the data", async () => {
  await using broker = await AnsweringBroker.start();
  const config = `${broker.folder}/broker.yaml`;
  await Deno.writeTextFile(config, `persistence: {path: ${broker.folder}/data.db}\n`);
  assert.deepEqual(await found({ config }), { socket: broker.socket, err: "" });
  assert.deepEqual(await found({ config, socket: "/s" }), { socket: "/s", err: "" });
  assert.match((await found({})).socket ?? "", /\/broker\.db\.control$/);
  await Deno.writeTextFile(config, "persistense: {}\n");
  const { socket, err } = await found({ config });
  assert.equal(socket, undefined);
  assert.match(err, /broker\.yaml:1:1: .*persistense/);
});

Deno.test("socketBeside() looks where the service has its data", async () => {
  const { persistence } = defaultSettings();
  const unit = "[Service]\nUser=broker\nStateDirectory=broker\n" +
    "ExecStart=/usr/bin/broker --config /etc/broker/broker.yaml\n";
  const machine = fakeMachine({ "/lib/systemd/system/broker.service": { text: unit } });
  const found = (config: string, path: string) =>
    socketBeside({ ...persistence, path }, config, machine);
  const config = "/etc/broker/broker.yaml";
  assert.equal(await found(config, "no.db"), "/var/lib/broker/no.db.control");
  assert.equal(await found(config, "/srv/no.db"), "/srv/no.db.control");
  // Of another configuration it says nothing.
  assert.equal(await found("/srv/broker.yaml", "no.db"), resolve("no.db.control"));
  // What is there comes first.
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/b.db.control`, "");
  const path = relative(Deno.cwd(), `${folder}/b.db`);
  assert.equal(await found(config, path), `${folder}/b.db.control`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the configuration may stand before the command, but not twice", async () => {
  await using broker = await AnsweringBroker.start({ reply: { ok: true, lines: ["done"] } });
  const config = `${broker.folder}/broker.yaml`;
  await Deno.writeTextFile(config, `persistence: {path: ${broker.folder}/data.db}\n`);
  const before = await runCommand(addKick, "-c", config, "kick", "tv");
  assert.deepEqual([before.exitCode, before.out], [0, "done\n"]);
  assert.equal((await runCommand(addKick, "kick", "tv", "-c", config)).exitCode, 0);
  const twice = await runCommand(addKick, "-c", config, "kick", "tv", "-c", config);
  assert.equal(twice.exitCode, 2);
  assert.match(twice.err, /'-c, --config <file>' is given twice/);
});

Deno.test("a configuration that is wrong ends with 2, and nobody is asked", async () => {
  await using broker = await AnsweringBroker.start();
  const config = `${broker.folder}/broker.yaml`;
  await Deno.writeTextFile(config, "persistense: {}\n");
  assert.equal((await runCommand(addKick, "kick", "tv", "-c", config)).exitCode, 2);
  assert.deepEqual(broker.asked, []);
});
