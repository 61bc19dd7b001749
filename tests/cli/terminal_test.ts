/**
 * The process's own streams: everything is written to the right one, and a reader that goes away is
 * no error.
 */

import assert from "node:assert/strict";
import { ExitCode, processTerminal } from "../../src/cli/terminal.ts";

type Stream = typeof Deno.stdout | typeof Deno.stderr;

/** Runs with another way to write to `stream`. */
function withWriteSync(stream: Stream, writeSync: Stream["writeSync"], run: () => void): void {
  const before = stream.writeSync;
  stream.writeSync = writeSync;
  try {
    run();
  } finally {
    stream.writeSync = before;
  }
}

/** What arrives on `stream` when it takes at most three bytes at a time. */
function arrivingOn(stream: Stream, run: () => void): string {
  const arrived: number[] = [];
  const writeSync = (bytes: Uint8Array) => {
    const taken = bytes.subarray(0, 3);
    arrived.push(...taken);
    return taken.length;
  };
  withWriteSync(stream, writeSync, run);
  return new TextDecoder().decode(Uint8Array.from(arrived));
}

Deno.test("processTerminal writes all of a text as UTF-8, however little the stream takes", () => {
  const text = "Cannot read '\u6e29\u5ea6': \u{1f321}\n";
  assert.equal(arrivingOn(Deno.stdout, () => processTerminal.out(text)), text);
  assert.equal(arrivingOn(Deno.stderr, () => processTerminal.err(text)), text);
});

Deno.test("processTerminal keeps what was asked for and what went wrong apart", () => {
  assert.equal(arrivingOn(Deno.stdout, () => arrivingOn(Deno.stderr, writeBoth)), "out");
  assert.equal(arrivingOn(Deno.stderr, () => arrivingOn(Deno.stdout, writeBoth)), "err");
});

function writeBoth(): void {
  processTerminal.out("out");
  processTerminal.err("err");
}

Deno.test("processTerminal throws what is not the end of the reader", () => {
  const failing = () => {
    throw new Deno.errors.PermissionDenied("no");
  };
  withWriteSync(Deno.stdout, failing, () => {
    assert.throws(() => processTerminal.out("x"), Deno.errors.PermissionDenied);
  });
});

Deno.test("a process goes on when the reader of its output has gone away", async () => {
  const module = new URL("../../src/cli/terminal.ts", import.meta.url);
  // Far more than a pipe holds, so that it is still writing when its reader goes.
  const program = `import { processTerminal } from ${JSON.stringify(module.href)};
    processTerminal.out("x".repeat(4_000_000));
    processTerminal.err("still here");`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", program],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  const err = await new Response(child.stderr).text();
  const { code } = await child.status;
  assert.match(err, /still here$/);
  assert.equal(code, ExitCode.Ok);
});
