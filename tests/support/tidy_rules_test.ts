/**
 * Every rule of the tidy test complains about a bad sample, and about nothing in a good one.
 */

import assert from "node:assert/strict";
import type { SourceFile } from "./source_text.ts";
import * as tidy from "./tidy_rules.ts";

function file(path: string, ...lines: string[]): SourceFile {
  return { path, text: lines.join("\n") };
}

Deno.test("importDirection() complains about imports against the direction", () => {
  const files = [
    file("src/protocol/a.ts", 'import { b } from "../broker/b.ts";', 'import "node:buffer";'),
    file(
      "src/broker/b.ts",
      'import type { A } from "../protocol/a.ts";',
      'export * from "./c.ts";',
    ),
    file("src/broker/c.ts", 'import {\n  net,\n} from "../net/n.ts";', 'import("../config/c.ts");'),
    file("src/net/n.ts", 'import { b } from "../broker/b.ts";', 'import { z } from "zod";'),
    file("src/net/w.ts", 'new Worker(new URL("../cli/w.ts", import.meta.url));'),
    file("src/cli/w.ts", 'import { t } from "../../tests/t.ts";', '// import "../main.ts";'),
    file("src/new/x.ts", 'import { a } from "./y.ts";'),
    file("src/version.ts", 'import config from "../deno.json" with { type: "json" };'),
  ];
  assert.deepEqual(tidy.importDirection(files), [
    'src/protocol/a.ts: "protocol" imports "broker"',
    'src/protocol/a.ts: imports "node:buffer" from outside',
    'src/broker/c.ts: "broker" imports "net"',
    'src/broker/c.ts: "broker" imports "config"',
    'src/net/w.ts: "net" imports "cli"',
    'src/cli/w.ts: imports "../../tests/t.ts" from outside src/',
    'src/new/x.ts: "new" has no row in MAY_IMPORT',
  ]);
});

Deno.test("purity() complains about system, waiting, clock, randomness and timers", () => {
  const lines = [
    "Deno.exit();",
    "async () => await 1;",
    "Date.now() + performance.now();",
    "new Date(0);",
    "Math.random();",
    "setTimeout(() => {});",
    '"Deno"; // await',
    "const createdMs = date.now;",
  ];
  assert.deepEqual(
    tidy.purity([file("src/broker/a.ts", ...lines), file("src/net/a.ts", ...lines)]),
    [
      "src/broker/a.ts:1: names the operating system",
      "src/broker/a.ts:2: names waiting",
      "src/broker/a.ts:3: names the clock",
      "src/broker/a.ts:5: names randomness",
      "src/broker/a.ts:6: names timers",
    ],
  );
});

Deno.test("functionSizes() complains about a function of 71 lines, not of 70", () => {
  const ofLines = (count: number) => ["function f() {", ...Array(count - 2).fill("  f();"), "}"];
  assert.deepEqual(tidy.functionSizes([file("a.ts", ...ofLines(70))]), []);
  assert.deepEqual(tidy.functionSizes([file("a.ts", ...ofLines(71))]), [
    "a.ts:1: 71 lines in function f() {",
  ]);
});

Deno.test("fileSizes() complains about a file of 401 lines, not of 400", () => {
  assert.deepEqual(tidy.fileSizes([file("a.ts", ...Array(400).fill("a;"), "")]), []);
  assert.deepEqual(tidy.fileSizes([file("a.ts", ...Array(401).fill("a;"))]), ["a.ts: 401 lines"]);
});

Deno.test("fileHeaders() complains about a file that opens with anything but a sentence", () => {
  const files = [
    file("a.ts", "/**", " * What it owns.", " */"),
    file("b.ts", "/** Words */", "/** A sentence. */"),
    file("c.ts", 'import "a";', "/** Too late. */"),
    file("d.ts", "// No block comment."),
  ];
  assert.deepEqual(
    tidy.fileHeaders(files).map((complaint) => complaint.split(":")[0]),
    ["b.ts", "c.ts", "d.ts"],
  );
});

Deno.test("testFiles() complains about untested modules and exceptions without need", () => {
  const f = "export function f() {\n  f();\n}";
  const files = [
    file("src/a/x.ts", f),
    file("src/a/x_y.ts", f),
    file("src/a/z.ts", f),
    file("src/a/types.ts", "export type T = { a: number };"),
    file("src/main.ts", f),
  ];
  const tests = ["tests/a/x_y_test.ts", "tests/a/z_part_test.ts", "tests/a/z.ts"];
  const exceptions = { "src/main.ts": "reason", "src/a/z.ts": "stale", "src/gone.ts": "stale" };
  assert.deepEqual(tidy.testFiles(files, tests, exceptions), [
    "src/a/x.ts: has no test file",
    "src/a/z.ts: needs no exception",
    "src/gone.ts: needs no exception",
  ]);
});

Deno.test("untestedRules() complains about ids that only comments of tests name", () => {
  const sources = [file("src/a.ts", "// [MQTT-1.0.0-1] [MQTT-1.0.0-2]", "// [MQTT-1.0.0-2]")];
  const tests = [file("tests/a_test.ts", 'Deno.test("a [MQTT-1.0.0-1]");', "// [MQTT-1.0.0-2]")];
  assert.deepEqual(tidy.untestedRules(sources, tests), ["src/a.ts: no test names [MQTT-1.0.0-2]"]);
});

Deno.test("leftovers() complains about comments, not about code", () => {
  const word = "TO" + "DO";
  assert.deepEqual(tidy.leftovers([file("a.ts", `const ${word} = "${word}";`, `// ${word}: x`)]), [
    `a.ts:2: // ${word}: x`,
  ]);
});

Deno.test("skippedTests() complains about constants, not about conditions", () => {
  const lines = ["Deno.test.only(() => {});", "ignore: true,", "ignore: !hasSignals,", '".only("'];
  assert.deepEqual(tidy.skippedTests([file("a.ts", ...lines)]), [
    "a.ts:1: Deno.test.only(() => {});",
    "a.ts:2: ignore: true,",
  ]);
});

Deno.test("silencedChecks() complains about comments that switch checks off", () => {
  const comment = "// @ts-" + "ignore";
  const samples = [file("a.ts", comment, '"@ts-nocheck"')];
  assert.deepEqual(tidy.silencedChecks(samples), [`a.ts:1: ${comment}`]);
});
