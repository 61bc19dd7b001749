/**
 * Broken YAML: own words, the right place, and nothing that only follows from it.
 */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/config/load.ts";
import { positionAt } from "../../src/config/problem.ts";

/** Each problem as "line:column message", in the order of the file. */
function problemsOf(text: string): string[] {
  const loaded = parseSettings("test.yaml", text);
  if (loaded.ok) return [];
  return loaded.problems.toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0)).map(
    ({ message, range }) => {
      if (range === undefined) return message;
      const { line, column } = positionAt(text, range.start);
      return `${line}:${column} ${message}`;
    },
  );
}

Deno.test("parseSettings() says what is wrong with the YAML, and where", () => {
  const expected: [string, string[]][] = [
    ["limits:\n\tmax_sessions: 1\n", [
      "2:1 Cannot parse YAML: a tab indents the line; allowed: spaces",
    ]],
    ["limits:\n  max_sessions: 5\n max_topic_alias: 3\n", [
      "3:1 Cannot parse YAML: the indentation does not fit the lines before",
    ]],
    ["limits\nfeatures: {}\n", [
      "1:1 Cannot parse YAML: a key goes over several lines; is a colon missing after it?",
    ]],
    ["sys_interval: 1s\n---\nsys_interval: 2s\n", [
      "2:1 Cannot parse YAML: a second document begins with '---'; a configuration is one",
    ]],
    ["sys_interval: @5\n", [
      "1:15 Cannot parse YAML: a value cannot begin with this character; put it into quotes",
    ]],
    ["sys_interval: !seconds 5\n", [
      "1:15 Cannot parse YAML: the only tags are !env, !file and !credential, each before one value",
    ]],
    ["limits: {<<: 5}\n", [
      "Cannot parse YAML: '<<' stands before something that is no section",
    ]],
    ["sys_interval: *usual\n", ["1:15 Cannot use '*usual': there is no '&usual' before it"]],
  ];
  assert.deepEqual(expected.map(([text]) => [text, problemsOf(text)]), expected);
});

Deno.test("a key that stands twice is reported at its repetition, beside other errors", () => {
  assert.deepEqual(problemsOf("sys_interval: 1s\nlimits:\n  max_sessions: x\nsys_interval: 2s\n"), [
    "3:17 Cannot read 'limits.max_sessions': 'x' is not a whole number; " +
    "allowed: a whole number from 1 to 10000000",
    "4:1 Cannot use 'sys_interval': the key stands here twice",
  ]);
});

Deno.test("errors of values before broken YAML are reported, those after it are not", () => {
  assert.deepEqual(
    problemsOf("sys_interval: x\nlimits:\n    max_sessions: 1\n  foo: 1\nbar: 2\n"),
    [
      "1:15 Cannot read 'sys_interval': 'x' is not a duration; allowed: a number of seconds or a " +
      'number with ms, s, m, h, d, w, from 1s to 1d, or "never" (0 means the same)',
      "4:1 Cannot parse YAML: the indentation does not fit the lines before",
    ],
  );
});

Deno.test("what is missing at the end of the file is shown after its last word", () => {
  const loaded = parseSettings("test.yaml", "sys_interval: '10s\n\n");
  assert.equal(loaded.ok, false);
  if (loaded.ok) return;
  assert.deepEqual(loaded.report.split("\n").slice(0, 3), [
    "test.yaml:1:19: Cannot parse YAML: something is missing here: a colon, a quote or a closing " +
    "bracket",
    "    1 | sys_interval: '10s",
    "      |                   ^",
  ]);
});

Deno.test("the caret stands below the right character after wide characters and tabs", () => {
  const text = "logging: {level: '\u{1f321}\u00fc', format:\txml}\n";
  const loaded = parseSettings("test.yaml", text);
  assert.equal(loaded.ok, false);
  if (loaded.ok) return;
  const lines = loaded.report.split("\n");
  const shown = lines.find((line) => line.includes("format: xml")) ?? "";
  const caret = lines.find((line) => line.endsWith("   ^^^")) ?? "";
  assert.equal([...shown].slice(caret.indexOf("^"), caret.length).join(""), "xml");
});

Deno.test("a long line is shown in part, with its error in sight", () => {
  const loaded = parseSettings("test.yaml", `limits: {${" ".repeat(300)}max_sessions: x}\n`);
  assert.equal(loaded.ok, false);
  if (loaded.ok) return;
  const [, shown = "", caret = ""] = loaded.report.split("\n");
  assert.ok(shown.length <= 120, `the line has ${shown.length} characters`);
  assert.equal(shown[caret.indexOf("^")], "x");
  assert.match(shown, / \| \.\.\. /);
});

Deno.test("files with CRLF line ends have the same positions", () => {
  assert.deepEqual(problemsOf("sys_interval: 10s\r\nfeatures:\r\n  max_qos: 3\r\n"), [
    "3:12 Cannot read 'features.max_qos': '3' is out of range; allowed: a whole number from 0 to 2",
  ]);
});

Deno.test("aliases that unfold without end are refused, not unfolded", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++) {
    const aliases = Array.from({ length: 9 }, () => `*a${level - 1}`);
    lines.push(`a${level}: &a${level} [${aliases.join(", ")}]`);
  }
  assert.deepEqual(problemsOf(lines.join("\n")), [
    "Cannot parse YAML: aliases unfold to more than 100 copies",
  ]);
});

Deno.test("an alias inside its own anchor is refused like any other wrong value", () => {
  const [problem] = problemsOf("sys_interval: &a [*a]\n");
  assert.match(problem ?? "", /^1:18 Cannot read 'sys_interval': a list is not a duration/);
});

Deno.test("brackets that are nested too deeply are refused without parsing them", () => {
  assert.deepEqual(problemsOf("[".repeat(100_000)), [
    "1:201 Cannot parse YAML: brackets are nested too deeply",
  ]);
});

Deno.test("a file of nothing but unknown keys is reported in part", () => {
  const text = Array.from({ length: 5000 }, (_, index) => `unknown_${index}: 1`).join("\n");
  assert.equal(problemsOf(text).length, 100);
});
