import assert from "node:assert/strict";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { runCli } from "./store_fixture.ts";

Deno.test("passwd needs a file and a user, and knows its options", async () => {
  const cases: [string[], RegExp][] = [
    [["passwd"], /^error: 'passwd' needs a file and a user, as in 'broker passwd passwords ann'/],
    [["passwd", "p"], /^error: 'passwd' needs a file and a user/],
    [["passwd", "p", ""], /^error: 'passwd' needs a file and a user/],
    [["passwd", "p", "--delete"], /^error: 'passwd' needs a file and a user/],
    [["passwd", "--list"], /^error: 'passwd' needs a file and a user/],
    [["passwd", "--list", "p", "ann"], /^error: '--list' takes no user/],
    [["passwd", "p", "ann", "secret"], /^error: too many arguments for 'passwd'/],
    [["passwd", "p", "a", "--delete", "--create"], /^error: option '--delete' cannot be used with/],
    [["passwd", "p", "--list", "--format", "argon2id"], /^error: option '--list' cannot be used/],
    [["passwd", "--scram"], /^error: '--scram' takes a user and no file, as in 'broker passwd --s/],
    [["passwd", "--scram", ""], /^error: '--scram' takes a user and no file/],
    [["passwd", "--scram", "p", "ann"], /^error: '--scram' takes a user and no file/],
    [["passwd", "--scram", "a", "--create"], /^error: option '--scram' cannot be used with/],
    [["passwd", "--scram", "a", "--format", "argon2id"], /^error: option '--scram' cannot be used/],
    [["passwd", "p", "a", "--format", "md5"], /Allowed: argon2id, pbkdf2-sha512\./],
    [["passwd", "p", "a:b"], /^Cannot use the user name 'a:b': it contains ':'/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli(...args);
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, message);
  }
});

Deno.test("passwd lists and deletes", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  await Deno.writeTextFile(file, `ann:${MADE_ELSEWHERE[2].hash}\n`, { mode: 0o600 });
  assert.deepEqual(await runCli("passwd", "--list", file), {
    exitCode: 0,
    out: "USER  FORMAT\nann   sha512\n",
    err: "",
  });
  const { exitCode, out } = await runCli("passwd", file, "ann", "--delete");
  assert.deepEqual([exitCode, out], [0, `Deleted user 'ann' in '${file}'\n`]);
  assert.equal(await Deno.readTextFile(file), "");
});
