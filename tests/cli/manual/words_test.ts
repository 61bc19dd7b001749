import assert from "node:assert/strict";
import { nextWords, pathOf } from "../../../src/cli/manual/words.ts";
import { SAMPLE } from "./sample_manuals.ts";

Deno.test("nextWords() are those one level below", () => {
  assert.deepEqual(nextWords(SAMPLE, []).map(({ name }) => name), ["passwd", "retained"]);
  assert.deepEqual(nextWords(SAMPLE, ["retained"]), [
    { name: "list", summary: "list them" },
    { name: "clear", summary: "clear them" },
  ]);
  assert.deepEqual(nextWords(SAMPLE, ["passwd"]), []);
});

Deno.test("pathOf() joins words", () => {
  assert.equal(pathOf(["retained", "list"]), "retained list");
});
