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
    [["passwd", "-b", "p", "ann"], /^error: '--batch' needs a password, as in 'broker passwd -b/],
    [["passwd", "-b", "-D", "p", "ann", "x"], /^error: option '--delete' cannot be used with/],
    [["passwd", "-U", "p", "ann"], /^error: '--hash-passwords' takes no user/],
    [["passwd", "-U", "-c", "p"], /^error: option '--hash-passwords' cannot be used with/],
    [["passwd", "p", "a", "-H", "sha512"], /One round of SHA-512 is no protection/],
    [["passwd", "p", "a", "--format", "md5"], /Allowed: argon2id, pbkdf2-sha512\./],
    [["passwd", "p", "a", "-I", "0"], /Allowed: 1 to 2000000\./],
    [["passwd", "p", "a", "-I", "9", "-H", "argon2id"], /'--iterations' is for pbkdf2-sha512/],
    [["passwd", "p", "a", "-I", "9", "-D"], /^error: option '--delete' cannot be used with/],
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

Deno.test("passwd takes the flags of mosquitto_passwd", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  const made = await runCli("passwd", "-c", "-H", "sha512-pbkdf2", "-b", file, "ann", "s3cret");
  assert.deepEqual(made, { exitCode: 0, out: `Added user 'ann' in '${file}'\n`, err: "" });
  assert.match(await Deno.readTextFile(file), /^ann:\$7\$/);
  await Deno.writeTextFile(file, "bob:plain\n");
  assert.equal((await runCli("passwd", "-U", file)).exitCode, 0);
  assert.match(await Deno.readTextFile(file), /^bob:\$argon2id\$/);
  assert.equal((await runCli("passwd", "-D", file, "bob")).exitCode, 0);
  assert.equal(await Deno.readTextFile(file), "");
});

Deno.test("passwd takes the iterations, and prints a line in place of writing a file", async () => {
  const { exitCode, out, err } = await runCli("passwd", "-c", "-b", "-I", "5000", "-", "ann", "x");
  assert.deepEqual([exitCode, err], [0, ""]);
  assert.match(out, /^ann:\$7\$5000\$[\w+/]{16}\$[\w+/]{86}==\n$/);
  using folder = temporaryFolder();
  const file = `${folder.path}/p`;
  await Deno.writeTextFile(file, "bob:plain\n", { mode: 0o600 });
  assert.equal((await runCli("passwd", "-U", "-I", "7", file)).exitCode, 0);
  assert.match(await Deno.readTextFile(file), /^bob:\$7\$7\$/);
});
