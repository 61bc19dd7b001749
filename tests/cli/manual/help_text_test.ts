import assert from "node:assert/strict";
import { parseHelpText } from "../../../src/cli/manual/help_text.ts";

Deno.test("parseHelpText() takes paragraphs and examples apart", () => {
  const text = `First line,
second line.

  A list   of something

Examples:
  broker check a       one
  broker check b
                       and more of it
  broker long \\
      --option`;
  assert.deepEqual(parseHelpText(text), {
    paragraphs: ["First line,\nsecond line.", "  A list   of something"],
    examples: [
      { command: "broker check a", comment: "one" },
      { command: "broker check b and more of it", comment: "" },
      { command: "broker long --option", comment: "" },
    ],
  });
});

Deno.test("parseHelpText() goes on with the comment of the line before", () => {
  const text = "Example:\n  broker a     does this\n               and that";
  assert.deepEqual(parseHelpText(text), {
    paragraphs: [],
    examples: [{ command: "broker a", comment: "does this and that" }],
  });
});

Deno.test("parseHelpText() of nothing is nothing", () => {
  assert.deepEqual(parseHelpText(""), { paragraphs: [], examples: [] });
});
