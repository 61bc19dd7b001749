import assert from "node:assert/strict";
import { PRESETS } from "../../src/cli/bench_presets.ts";
import { runCli } from "./store_fixture.ts";

Deno.test("the help names every load, and -h is the host as in the client tools", async () => {
  const { exitCode, out } = await runCli("bench", "--help");
  assert.equal(exitCode, 0);
  for (const { load, summary } of PRESETS) {
    assert.ok(out.includes(`${load.name} `) && out.includes(summary));
  }
  assert.match(out, /-h, --host <host>/);
  assert.match(out, /Examples:\n {2}broker bench/);
});

Deno.test("what cannot be is refused with what can", async () => {
  const cases: [string[], RegExp][] = [
    [["fan-ot"], /unknown load 'fan-ot'\. Allowed: one-to-one, .*\n\(Did you mean fan-out\?\)/],
    [["--qos", "3"], /Allowed: 0, 1, 2\./],
    [["--port", "70000"], /Allowed: a whole number from 1 to 65535\./],
    [["--pubs", "0"], /Allowed: a whole number from 1 to 1000000\./],
    [["--shape", "star"], /Allowed choices are all, pairs/],
    [["--duration", "2h"], /Allowed: a time up to 1h/],
    [["--warmup", "soon"], /Allowed: a time up to 1h/],
    [["--size", "1 GiB"], /Allowed: a size up to 64 MiB/],
    [["--rate", "0"], /Allowed: a number above 0\./],
    [["--host", ""], /It is empty/],
    [["--host", "a", "-h", "b"], /The option is given twice/],
    [["--thread", "2"], /Did you mean --threads\?/],
    [["one-to-one", "pairs"], /too many arguments/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli("bench", ...args);
    assert.deepEqual([exitCode, out], [2, ""], args.join(" "));
    assert.match(err, message);
  }
});

Deno.test("the options come to the load as they were given", async () => {
  const { exitCode, err } = await runCli("bench", "connections", "--warmup", "2s");
  assert.equal(exitCode, 2);
  assert.match(err, /'--warmup' does not go with 'connections'/);
  const refused = await runCli(
    "bench",
    "--size",
    "1KiB",
    "--subs",
    "3",
    "--shape",
    "pairs",
    "--topics",
    "2",
  );
  assert.match(refused.err, /3 subscribers cannot share 2 topics evenly/);
});
