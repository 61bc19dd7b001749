import assert from "node:assert/strict";
import { namesIn, temporaryFolder } from "../../storage/fixture.ts";
import { runCli } from "../store_fixture.ts";

Deno.test("inspect says which options do not go together, and what is allowed", async () => {
  const cases: [string[], RegExp][] = [
    [
      ["a", "--db", "b"],
      /^error: 'inspect' takes a file, or '--config <file>', or '--db <file>'\n/,
    ],
    [["a", "-c", "b"], /^error: 'inspect' takes a file, or /],
    [["a", "b"], /^error: too many arguments for 'inspect'/],
    [[""], /^error: the name of the file is empty\n/],
    [
      ["--sessions", "--session", "x"],
      /^error: option '--sessions' cannot be used with option '--session <clientid>'\n/,
    ],
    [
      ["--payloads"],
      /^error: '--payloads' needs '--session <clientid>', '--retained' or '--json'\n/,
    ],
    [["--payloads", "--sessions"], /^error: '--payloads' needs /],
    [["--sesions"], /^error: unknown option '--sesions'\n\(Did you mean .*--sessions\?\)/],
    [["--session"], /^error: option '--session <clientid>' argument missing/],
    [["--session", "a", "--session", "b"], /^error: .*twice/],
    [["--retained", "a", "--retained", "b"], /^error: .*twice/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli("inspect", ...args);
    assert.deepEqual([exitCode, out], [2, ""], args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("inspect with a file takes no configuration from before the command either", async () => {
  const { exitCode, err } = await runCli("-c", "broker.yaml", "inspect", "file");
  assert.equal(exitCode, 2);
  assert.match(err, /^error: 'inspect' takes a file, or /);
});

Deno.test("inspect says what is wrong with a Topic Filter", async () => {
  const cases: [string, string][] = [
    ["home/#/x", `this is no Topic Filter: "#" is not the last level`],
    ["$share/g/x", "this is no Topic Filter: shared subscriptions get no retained messages"],
  ];
  for (const [filter, reason] of cases) {
    assert.deepEqual(await runCli("inspect", "--retained", filter), {
      exitCode: 2,
      out: "",
      err: `error: '--retained ${filter}': ${reason}\n(see 'broker --help')\n`,
    });
  }
});

Deno.test("inspect does not take a file that follows --retained for a Topic Filter", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/copy.db`;
  await Deno.writeTextFile(file, "");
  const { exitCode, err } = await runCli("inspect", "--retained", file);
  assert.equal(exitCode, 2);
  assert.match(err, /': this is a file; write 'inspect .*copy\.db --retained'\n/);
  assert.deepEqual(namesIn(folder.path), ["copy.db"]);
});
