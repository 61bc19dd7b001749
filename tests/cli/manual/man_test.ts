import assert from "node:assert/strict";
import { printMan, writeManPages } from "../../../src/cli/manual/man.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { hasProgram, runShell } from "./shell.ts";

const silent: Terminal = { out: () => {}, err: () => {} };
const program = createProgram(silent, () => {}, undefined);

function outcome(run: (terminal: Terminal) => number) {
  let out = "";
  let err = "";
  const exitCode = run({
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  });
  return { exitCode, out, err };
}

Deno.test("printMan() prints the page of a command", () => {
  const { exitCode, out, err } = outcome((terminal) => printMan(["passwd"], program, terminal));
  assert.deepEqual([exitCode, err], [0, ""]);
  assert.ok(out.startsWith(".TH BROKER-PASSWD 1 "));
});

Deno.test("printMan() without a command prints the broker's page, which leads to the others", () => {
  const { out } = outcome((terminal) => printMan([], program, terminal));
  assert.ok(out.startsWith(".TH BROKER 1 "));
  assert.ok(out.includes(".BR broker\\-pub (1)"));
});

Deno.test("printMan() names the nearest command", () => {
  assert.deepEqual(outcome((terminal) => printMan(["passwrd"], program, terminal)), {
    exitCode: 2,
    out: "",
    err: "Cannot print the man page: there is no command 'passwrd'; did you mean 'passwd'?\n",
  });
});

const ignore = !await hasProgram("groff");
Deno.test({ name: "groff warns of nothing in any page", ignore }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(await writeManPages(`${folder}/man1`, program, silent), 0);
    const entries = await Array.fromAsync(Deno.readDir(`${folder}/man1`));
    const names = entries.map(({ name }) => name);
    assert.ok(names.includes("broker.1") && names.includes("broker-sub.1"));
    const pages = names.map((name) => `${folder}/man1/${name}`);
    const script = 'groff -man -ww -Tutf8 "$@" 2>&1 >/dev/null';
    assert.equal(await runShell("sh", ["-c", script, "sh", ...pages]), "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeManPages() says where it cannot write, and ends with 1", async () => {
  let err = "";
  const terminal = { out: () => {}, err: (text: string) => void (err += text) };
  assert.equal(await writeManPages("/dev/null/man", program, terminal), 1);
  assert.match(err, /^Cannot write the man pages to '\/dev\/null\/man': /);
});
