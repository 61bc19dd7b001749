import assert from "node:assert/strict";
import { runCli } from "./store_fixture.ts";

Deno.test("check takes the file by an option, by itself, and before the command", async () => {
  for (
    const args of [["check", "no.yaml"], ["check", "-c", "no.yaml"], ["-c", "no.yaml", "check"]]
  ) {
    const { exitCode, err } = await runCli(...args);
    assert.equal(exitCode, 2);
    assert.match(err, /^no\.yaml: Cannot open the file: it does not exist\n/, args.join(" "));
  }
});

Deno.test("check takes one file alone", async () => {
  for (const args of [["check"], ["-c", "a", "check", "b"], ["check", "a", "--config", "b"]]) {
    assert.deepEqual(await runCli(...args), {
      exitCode: 2,
      out: "",
      err: "error: 'check' needs one file, as in 'broker check --config broker.yaml'\n" +
        "(see 'broker --help')\n",
    });
  }
});
