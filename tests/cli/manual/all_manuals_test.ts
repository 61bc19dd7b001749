import assert from "node:assert/strict";
import { createProgram } from "../../../src/cli/program.ts";
import { allManuals } from "../../../src/cli/manual/all_manuals.ts";
import { pathOf } from "../../../src/cli/manual/words.ts";

const silent = { out: () => {}, err: () => {} };
const manuals = allManuals(createProgram(silent, () => {}, undefined));

Deno.test("allManuals() begins with the broker, and has the client tools' own options", () => {
  assert.deepEqual(manuals[0]?.words, []);
  const pub = manuals.find(({ words }) => pathOf(words) === "pub");
  assert.ok(pub?.options.some(({ flags }) => flags.includes("--will-topic")));
});

Deno.test("every command has a summary, an example that calls it, and described options", () => {
  const wrong = manuals.filter(({ words, summary, examples, options }) =>
    summary === "" || options.some(({ description }) => description === "") ||
    !examples.some(({ command }) => command.includes(["broker", ...words].join(" ")))
  );
  assert.deepEqual(wrong.map(({ words }) => pathOf(words)), []);
});

Deno.test("no option stands twice in a command", () => {
  for (const { words, options } of manuals) {
    const flags = options.flatMap((option) => option.flags);
    assert.deepEqual(flags.length, new Set(flags).size, pathOf(words));
  }
});
