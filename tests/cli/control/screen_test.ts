import assert from "node:assert/strict";
import { fitting, screenOn } from "../../../src/cli/control/screen.ts";

/** Standard input that gives these, and whether it and standard output are terminals. */
function streams(isInput: boolean, isOutput: boolean, ...reads: string[]) {
  return {
    stdin: {
      isTerminal: () => isInput,
      read(bytes: Uint8Array): Promise<number | null> {
        const next = reads.shift();
        if (next === undefined) return Promise.resolve(null);
        return Promise.resolve(new TextEncoder().encodeInto(next, bytes).written);
      },
    },
    stdout: { isTerminal: () => isOutput },
    consoleSize: () => {
      if (!isOutput) throw new Error("it is no terminal");
      return { columns: 80, rows: 24 };
    },
  };
}

Deno.test("screenOn() tells whether somebody can be asked, and whether somebody looks", () => {
  const { isTerminal, canAsk } = screenOn(streams(false, true));
  assert.deepEqual([isTerminal, canAsk], [true, false]);
});

Deno.test("readLine() gives what is typed, without its end", async () => {
  const screen = screenOn(streams(true, true, "yes\n", "\r\n"));
  assert.deepEqual(
    [await screen.readLine(), await screen.readLine(), await screen.readLine()],
    ["yes", "", undefined],
  );
});

Deno.test("pause() goes on", async () => {
  assert.equal(await screenOn(streams(true, true)).pause(1), true);
});

Deno.test("size() is that of the terminal, if there is one", () => {
  assert.deepEqual(screenOn(streams(true, true)).size(), { columns: 80, rows: 24 });
  assert.equal(screenOn(streams(true, false)).size(), undefined);
});

Deno.test("fitting() leaves out what would push the first lines off the screen", () => {
  const lines = ["one", "two", "x".repeat(15), "", "five"];
  assert.deepEqual(fitting(lines, undefined), lines);
  // The long one takes two rows, and the cursor one.
  assert.deepEqual(fitting(lines, { columns: 10, rows: 7 }), lines);
  assert.deepEqual(fitting(lines, { columns: 10, rows: 6 }), [
    ...lines.slice(0, 3),
    "... 2 more lines",
  ]);
  assert.deepEqual(fitting(lines, { columns: 10, rows: 5 }), ["one", "two", "... 3 more lines"]);
  assert.deepEqual(fitting(lines, { columns: 10, rows: 1 }), ["... 5 more lines"]);
});
