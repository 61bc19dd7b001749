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

Deno.test("check passes its options on", async () => {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(path, "listeners: [{allow_anonymous: always}]\n");
    const { exitCode, out } = await runCli("check", "--settings-only", "--strict", "--json", path);
    assert.equal(exitCode, 1);
    assert.deepEqual(JSON.parse(out).counts, { error: 0, warning: 1, info: 1 });
    const unknown = await runCli("check", "--user", "no-such-user", path);
    assert.equal(unknown.exitCode, 2);
    assert.equal(unknown.err, "There is no user 'no-such-user' in /etc/passwd\n");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("check looks at the machine for a user, or not at all", async () => {
  const { exitCode, err } = await runCli("check", "--settings-only", "--user", "pi", "b.yaml");
  assert.equal(exitCode, 2);
  assert.match(err, /^error: option '--user <name>' cannot be used with option '--settings-only'/);
});
