import assert from "node:assert/strict";
import { writeLines, writePieces } from "../../src/cli/terminal.ts";

Deno.test("writePieces() writes everything in order, in few large blocks", () => {
  const blocks: string[] = [];
  const pieces = Array.from({ length: 10_000 }, (_, index) => `${index};`);
  writePieces(pieces, (text) => void blocks.push(text));
  assert.equal(blocks.join(""), pieces.join(""));
  assert.equal(blocks.length, 2);
});

Deno.test("writePieces() writes a block before it has asked for everything", () => {
  let asked = 0;
  function* pieces(): Generator<string> {
    for (; asked < 100; asked++) yield "x".repeat(1000);
  }
  const askedAtFirst: number[] = [];
  writePieces(pieces(), () => void askedAtFirst.push(asked));
  assert.ok((askedAtFirst[0] ?? Infinity) < 50, `${askedAtFirst}`);
});

Deno.test("writePieces() writes nothing when there is nothing", () => {
  writePieces([], () => assert.fail("something was written"));
});

Deno.test("writeLines() ends each line and lets no control character through", () => {
  let written = "";
  writeLines(["a\x1b[31m", "", "b\nc"], (text) => void (written += text));
  assert.equal(written, "a\\x1b[31m\n\nb\\nc\n");
});
