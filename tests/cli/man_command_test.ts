import assert from "node:assert/strict";
import { runProgram } from "../../src/cli/program.ts";

async function run(...args: string[]) {
  let out = "";
  let err = "";
  const exitCode = await runProgram(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { exitCode, out, err };
}

Deno.test("man prints the page of a command", async () => {
  const { exitCode, out } = await run("man", "pub");
  assert.equal(exitCode, 0);
  assert.ok(out.startsWith(".TH BROKER-PUB 1 "));
});

Deno.test("man --output writes all pages, and takes no command", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal((await run("man", "--output", folder)).exitCode, 0);
    assert.ok((await Deno.readTextFile(`${folder}/broker.1`)).startsWith(".TH BROKER 1 "));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const { exitCode, err } = await run("man", "pub", "--output", "x");
  assert.equal(exitCode, 2);
  assert.match(err, /'--output' writes all pages/);
});
