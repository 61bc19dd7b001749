import assert from "node:assert/strict";
import { runCli } from "../store_fixture.ts";

const COMMANDS = [["inspect"], ["backup", "file"], ["restore", "file"]];

Deno.test("the data is named by a configuration or by itself, not both", async () => {
  for (const command of COMMANDS) {
    for (
      const args of [
        [...command, "-c", "a", "--db", "b"],
        ["-c", "a", ...command, "--db", "b"],
      ]
    ) {
      assert.deepEqual(await runCli(...args), {
        exitCode: 2,
        out: "",
        err: "error: option '-c, --config <file>' cannot be used with option '--db <file>'\n" +
          "(see 'broker --help')\n",
      });
    }
  }
});

Deno.test("a configuration is named before the command or after it, not both", async () => {
  for (const command of COMMANDS) {
    const { exitCode, err } = await runCli("-c", "a", ...command, "-c", "b");
    assert.equal(exitCode, 2);
    assert.match(err, /^error: option '-c, --config <file>' is given twice\n/);
  }
});

Deno.test("a configuration counts wherever it is named", async () => {
  for (const command of COMMANDS) {
    for (const args of [["-c", "no.yaml", ...command], [...command, "--config=no.yaml"]]) {
      const { exitCode, err } = await runCli(...args);
      assert.equal(exitCode, 2);
      assert.match(err, /^no\.yaml: Cannot open the file: it does not exist\n/);
    }
  }
});
