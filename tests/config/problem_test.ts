/**
 * How problems are shown: place, line, caret, hint, and their order.
 */

import assert from "node:assert/strict";
import { LineIndex, positionAt, type Problem, renderProblems } from "../../src/config/problem.ts";

/** A problem at the first place where `marked` stands in `source`. */
function problemAt(source: string, marked: string, message = "Wrong"): Problem {
  const start = source.indexOf(marked);
  return { message, range: { start, end: start + marked.length } };
}

/** The lines of the report about one problem, without the last ones that count them. */
function linesOf(source: string, problem: Problem): string[] {
  return renderProblems("f", source, [problem]).split("\n\n")[0]?.split("\n") ?? [];
}

Deno.test("positionAt() counts lines and characters from 1, whatever ends a line", () => {
  const source = "ab\ncd\r\nef\rg\u{1f321}h\n";
  const expected: [string, number, number][] = [
    ["a", 1, 1],
    ["b", 1, 2],
    ["c", 2, 1],
    ["f", 3, 2],
    ["g", 4, 1],
    ["h", 4, 3],
  ];
  const found = expected.map(([text]) => {
    const { line, column } = positionAt(source, source.indexOf(text));
    return [text, line, column];
  });
  assert.deepEqual(found, expected);
});

Deno.test("renderProblems() shows the line with carets below all that is wrong, and the hint", () => {
  const source = "a: 1\nlimits: many\n";
  const problem = { ...problemAt(source, "many", "Cannot read 'limits'"), hint: "try a number" };
  assert.equal(
    renderProblems("broker.yaml", source, [problem]),
    "broker.yaml:2:9: Cannot read 'limits'\n" +
      "    2 | limits: many\n" +
      "      |         ^^^^\n" +
      "  hint: try a number\n\n" +
      "1 error in broker.yaml\n",
  );
});

Deno.test("renderProblems() sorts by place, what is about the whole file first, and counts", () => {
  const source = "first: 1\nsecond: 2\n";
  const report = renderProblems("f", source, [
    problemAt(source, "second", "B"),
    { message: "Whole", range: undefined },
    problemAt(source, "first", "A"),
  ]);
  assert.deepEqual(report.split("\n").filter((line) => line.startsWith("f") || /^\d/.test(line)), [
    "f: Whole",
    "f:1:1: A",
    "f:2:1: B",
    "3 errors in f",
  ]);
});

Deno.test("renderProblems() marks one character where a range is empty or ends in another line", () => {
  const source = "a:\n  b\nc\n";
  assert.deepEqual(linesOf(source, { message: "Wrong", range: { start: 5, end: 5 } }), [
    "f:2:3: Wrong",
    "    2 |   b",
    "      |   ^",
  ]);
  assert.deepEqual(linesOf(source, { message: "Wrong", range: { start: 0, end: 8 } }), [
    "f:1:1: Wrong",
    "    1 | a:",
    "      | ^^",
  ]);
});

Deno.test("renderProblems() shows what is missing at the end behind the last word", () => {
  const source = "limits: {\n\n\n";
  const range = { start: source.length, end: source.length };
  assert.deepEqual(linesOf(source, { message: "Wrong", range }), [
    "f:1:10: Wrong",
    "    1 | limits: {",
    "      |          ^",
  ]);
});

Deno.test("renderProblems() cuts a long line around what is wrong", () => {
  const source = `key: ${"a".repeat(200)}bad${"z".repeat(200)}\n`;
  const [place, line = "", carets = ""] = linesOf(source, problemAt(source, "bad"));
  assert.equal(place, "f:1:206: Wrong");
  assert.match(line, /^ {4}1 \| \.\.\.a+badz*\.\.\.$/);
  assert.ok(line.length <= "    1 | ".length + 100 + 3, `${line.length} characters`);
  assert.equal(carets.trimEnd().length - 3, line.indexOf("bad"));
  assert.match(carets, /^ {6}\| +\^{3}$/);
});

Deno.test("renderProblems() keeps the caret in its column below tabs, controls and wide text", () => {
  const source = 'a:\t"\x1b\u{1f321}" x: bad\n';
  assert.deepEqual(linesOf(source, problemAt(source, "bad")), [
    "f:1:12: Wrong",
    '    1 | a: "?\u{1f321}" x: bad',
    "      |            ^^^",
  ]);
});

Deno.test("renderProblems() leaves no control character in force, wherever it comes from", () => {
  const report = renderProblems("f\x1b.yaml", "a: \x1b[31m\x07\n", [
    { message: "Bad \x1b[0m", range: { start: 3, end: 5 }, hint: "not \x9b" },
    { message: "Whole \x00", range: undefined },
  ]);
  assert.deepEqual(report.replaceAll("\n", "").match(/\p{Cc}/gu), null);
  assert.match(report, /^f\\x1b\.yaml: Whole \\x00\n/);
});

Deno.test("LineIndex counts lines as positionAt() does", () => {
  for (const source of ["", "a", "a\nb\r\nc\rd\n\n", "\n\n"]) {
    const index = new LineIndex(source);
    for (let offset = 0; offset <= source.length; offset++) {
      // Between the two characters of one line end there is no line.
      if (source[offset - 1] === "\r" && source[offset] === "\n") continue;
      assert.equal(index.lineAt(offset), positionAt(source, offset).line, `${source} ${offset}`);
    }
  }
});
