/**
 * The sources keep to the rules of this repository (tests/support/tidy_rules.ts): the direction of
 * imports, pure protocol and core, sizes, headers, a test file for each module, a test for each rule
 * of the specification that the sources cite, nothing left over or switched off.
 */

import assert from "node:assert/strict";
import { readSources } from "./support/source_text.ts";
import * as tidy from "./support/tidy_rules.ts";

const src = readSources("src");
const tests = readSources("tests");
const build = readSources("build");
const everything = [...src, ...tests, ...build];

/** Modules that are tested in another way than by a file of their name. */
const TESTED_ELSEWHERE: Record<string, string> = {
  "src/main.ts": "has no logic; tests/e2e/process_test.ts runs it",
};

Deno.test("imports run one way", () => {
  assert.deepEqual(tidy.importDirection(src), []);
});

Deno.test("protocol and broker name neither system, clock, randomness, timers nor waiting", () => {
  assert.deepEqual(tidy.purity(src), []);
});

Deno.test(`no function is longer than ${tidy.MAX_FUNCTION_LINES} lines`, () => {
  assert.deepEqual(tidy.functionSizes(everything), []);
});

Deno.test(`no file is longer than ${tidy.MAX_FILE_LINES} lines`, () => {
  assert.deepEqual(tidy.fileSizes(everything), []);
});

Deno.test("every file opens with what it owns, but for tests that are named after a module", () => {
  const files = everything.filter(({ path }) => !path.endsWith("_test.ts"));
  assert.deepEqual(tidy.fileHeaders(files), []);
});

Deno.test("every module has a test file", () => {
  const testPaths = tests.map(({ path }) => path);
  assert.deepEqual(tidy.testFiles(src, testPaths, TESTED_ELSEWHERE), []);
});

Deno.test("every rule of the specification that the sources cite is named by a test", () => {
  assert.deepEqual(tidy.untestedRules(src, tests), []);
});

Deno.test("no comment speaks of work left over", () => {
  assert.deepEqual(tidy.leftovers(everything), []);
});

Deno.test("no test is skipped or runs alone", () => {
  assert.deepEqual(tidy.skippedTests(tests), []);
});

Deno.test("no comment switches a check off", () => {
  assert.deepEqual(tidy.silencedChecks(everything), []);
});
