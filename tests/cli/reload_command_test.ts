/**
 * `reload` on the command line.
 */

import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/command_line.ts";

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const exitCode = await runCommandLine(args, {
    out: (text) => written.out += text,
    err: (text) => written.err += text,
  });
  return { exitCode, ...written };
}

Deno.test("'broker reload --socket PATH' asks there, and says that no broker runs", async () => {
  const { exitCode, err } = await run("reload", "--socket", "/nonexistent/control");
  assert.equal(exitCode, 1);
  assert.match(err, /none listens at '\/nonexistent\/control'/);
});

Deno.test("'broker reload' takes one configuration", async () => {
  const { exitCode, err } = await run("-c", "a.yaml", "reload", "-c", "b.yaml");
  assert.equal(exitCode, 2);
  assert.match(err, /is given twice/);
});

Deno.test("'broker reload --help' says what becomes of clients", async () => {
  const { exitCode, out } = await run("reload", "--help");
  assert.equal(exitCode, 0);
  assert.match(out, /Clients\nstay connected unless the new configuration would not let them in/);
});
