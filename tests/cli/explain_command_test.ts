import assert from "node:assert/strict";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { runCli } from "./store_fixture.ts";

Deno.test("explain needs a configuration, a client, an action and a topic", async () => {
  const lamp = ["-c", "none.yaml", "--client", "lamp"];
  const cases: [string[], RegExp][] = [
    [["publish", "a"], /^error: 'explain' needs a configuration, as in '--config broker\.yaml'/],
    [["-c", "x", "publish", "a"], /^error: 'explain' needs a client, as in '--client lamp'/],
    [lamp, /^error: 'explain' needs 'publish' or 'subscribe', and a topic/],
    [[...lamp, "publish"], /^error: 'explain' needs 'publish' or 'subscribe', and a topic/],
    [[...lamp, "read", "a"], /^error: 'explain' needs 'publish' or 'subscribe', and a topic/],
    [[...lamp, "publish", "a", "b"], /^error: too many arguments for 'explain'/],
    [[...lamp, "--qos", "3", "publish", "a"], /Allowed: 0, 1, 2\./],
    [[...lamp, "--client", "b", "publish", "a"], /The option is given twice/],
    [[...lamp, "publish", "a"], /^none\.yaml: Cannot open the file: it does not exist/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli("explain", ...args);
    assert.deepEqual([exitCode, out], [2, ""], args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("explain passes everything on, and its exit code is the answer", async () => {
  using folder = temporaryFolder();
  const config = `${folder.path}/broker.yaml`;
  const role = "{name: r, groups: [g], networks: [10.0.0.0/8], listeners: [b], allow: [publish a]}";
  await Deno.writeTextFile(
    config,
    "listeners: [{port: 1883, name: a}, {port: 1884, name: b, max_qos: 1}]\n" +
      `users: [{name: ann, password: "${
        MADE_ELSEWHERE[0].hash
      }"}, {name: bob, groups: [g]}]\nroles: [${role}]\n`,
  );
  const all = ["--user", "ann", "--group", "g", "--from", "10.1.2.3", "--listener", "b"];
  const ask = async (...options: string[]) => {
    const args = ["--client", "lamp", ...options, "publish", "a"];
    return (await runCli("--config", config, "explain", ...args)).exitCode;
  };
  assert.equal(await ask(...all, "--qos", "1"), 0);
  assert.equal(await ask(...all, "--qos", "2"), 1);
  for (const at of [0, 2, 4, 6]) {
    assert.equal(await ask(...all.toSpliced(at, 2)), 1, String(all[at]));
  }
});
