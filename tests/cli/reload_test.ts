/**
 * `broker reload` towards a control socket: what it prints, and its exit codes.
 */

import assert from "node:assert/strict";
import { reload } from "../../src/cli/reload.ts";
import { ControlServer } from "../../src/control/control_server.ts";
import type { ControlReply } from "../../src/control/protocol.ts";

interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in a folder of its own; `reply` undefined: no broker is there. */
async function run(configuration: string, reply: ControlReply | undefined): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/broker.yaml`;
  const text = `persistence: {path: ${folder}/data.db}\n${configuration}`;
  await Deno.writeTextFile(config, text);
  const server = reply === undefined
    ? undefined
    : await ControlServer.open(`${folder}/data.db.control`, () => Promise.resolve(reply));
  const written = { out: "", err: "" };
  try {
    const exitCode = await reload({ config, socket: undefined }, {
      out: (text) => written.out += text,
      err: (text) => written.err += text.replaceAll(folder, "FOLDER"),
    });
    return { exitCode, ...written };
  } finally {
    server?.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("reload() finds the broker by its configuration, and prints what has changed", async () => {
  const reply = { ok: true, lines: ["features.max_qos: 1, was 2", "users: 'ann' is new"] };
  assert.deepEqual(await run("", reply), {
    exitCode: 0,
    out: "features.max_qos: 1, was 2\nusers: 'ann' is new\n",
    err: "",
  });
});

Deno.test("reload() ends with 1 when the broker refuses", async () => {
  const reply = { ok: false, lines: ["Nothing has changed", "Cannot listen"] };
  assert.deepEqual(await run("", reply), {
    exitCode: 1,
    out: "",
    err: "Nothing has changed\nCannot listen\n",
  });
});

Deno.test("reload() ends with 1 when no broker is there", async () => {
  const { exitCode, err } = await run("", undefined);
  assert.equal(exitCode, 1);
  assert.equal(
    err,
    "Cannot ask the broker: none listens at 'FOLDER/data.db.control'. Is it running, with this " +
      "configuration? If persistence.path has changed since it was started, name its socket: " +
      "--socket PATH (the data that it uses, with '.control' behind)\n",
  );
});

Deno.test("reload() ends with 2 and asks nobody when the configuration is wrong", async () => {
  const { exitCode, out, err } = await run("features: {max_qos: 3}\n", { ok: true, lines: ["no"] });
  assert.equal(exitCode, 2);
  assert.equal(out, "");
  assert.match(err, /broker\.yaml:2:21: Cannot read 'features\.max_qos'/);
});
