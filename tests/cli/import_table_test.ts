/** The table that an import ends with, for people and for programs. */

import assert from "node:assert/strict";
import { tableJson, tableLines } from "../../src/cli/import_table.ts";
import type { Finding } from "../../src/import/findings.ts";

const BASE = { place: { file: "m.conf", line: 1 }, value: "1", matters: false } as const;

const FINDINGS: readonly Finding[] = [
  { ...BASE, option: "a", result: "carried", text: "limits.a: 1" },
  { ...BASE, option: "b", result: "changed", text: "word ".repeat(20).trim() },
  { ...BASE, place: undefined, option: "c", result: "not_carried", text: "not needed" },
  { ...BASE, option: "d", value: "x".repeat(40), result: "not_carried", matters: true, text: "no" },
];

const DATABASE = {
  fileVersion: 6,
  retained: 3,
  sessions: 2,
  subscriptions: 4,
  queued: 5,
  inflight: 1,
  inbound: 1,
  changed: ["one thing"],
  lost: [],
  hints: ["stop it first"],
};

const SUMMARY = { source: "m.conf", written: ["/b.yaml"], findings: FINDINGS, database: DATABASE };

Deno.test("tableLines() groups options by what became of them, and counts them", () => {
  assert.deepEqual([...tableLines(SUMMARY)], [
    "Carried over",
    "m.conf:1  a 1  limits.a: 1",
    "",
    "Changed",
    "m.conf:1  b 1  word word word word word word word word word word word word word",
    "               word word word word word word word",
    "",
    "Left out",
    "(default)  c 1  not needed",
    "",
    "Left out, and it matters",
    "m.conf:1  d xxxxxxxxxxxxxxxxxxxxxxxxxxx...  no",
    "",
    "Of the database",
    "  retained messages: 3, sessions: 2, subscriptions: 4, messages that wait: 5, on their way: 2",
    "  changed: one thing",
    "  note: stop it first",
    "",
    "1 carried over, 1 changed, 2 left out, 1 of which matters",
  ]);
});

Deno.test("tableLines() has no groups that are empty", () => {
  const findings = FINDINGS.slice(0, 1);
  assert.deepEqual([...tableLines({ ...SUMMARY, findings, database: undefined })], [
    "Carried over",
    "m.conf:1  a 1  limits.a: 1",
    "",
    "1 carried over, 0 changed, 0 left out, none of which matters",
  ]);
});

Deno.test("tableJson() has every option with its place", () => {
  const json = JSON.parse(JSON.stringify(tableJson(SUMMARY)));
  assert.deepEqual(Object.keys(json), ["source", "written", "options", "database"]);
  assert.deepEqual(json.options[0], {
    file: "m.conf",
    line: 1,
    option: "a",
    value: "1",
    result: "carried",
    matters: false,
    text: "limits.a: 1",
  });
  assert.deepEqual([json.options[2].file, json.options[2].line], [null, null]);
  assert.deepEqual([json.written, json.database.retained], [["/b.yaml"], 3]);
});

Deno.test("tableLines() ends with a sentence, however many matter", () => {
  const lost = FINDINGS.slice(3);
  const last = (findings: readonly Finding[]) =>
    [...tableLines({ ...SUMMARY, findings })].at(-1)?.replace(/^.* left out, /, "");
  assert.deepEqual([[], lost, [...lost, ...lost]].map(last), [
    "none of which matters",
    "1 of which matters",
    "2 of which matter",
  ]);
});
