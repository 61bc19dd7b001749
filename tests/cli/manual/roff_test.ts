import assert from "node:assert/strict";
import { escapeRoff, manPage, pageName } from "../../../src/cli/manual/roff.ts";
import type { CommandManual } from "../../../src/cli/manual/manual.ts";
import { option } from "./sample_manuals.ts";
import { hasProgram, runShell } from "./shell.ts";

const MANUAL: CommandManual = {
  words: ["retained", "clear"],
  summary: "clear retained messages",
  usage: ["[options] <filter>"],
  paragraphs: ["One -t 'x'\n.not a request", "  kept   as\n  it is \\n"],
  options: [
    option(["-o", "--older-than"], { values: ["time"], description: "age", group: "Which" }),
    option(["--format"], { values: ["f"], description: "how", choices: ["a", "b"], group: "How" }),
  ],
  examples: [{ command: "broker retained clear 'a/#'", comment: "all below" }, {
    command: "broker retained clear b",
    comment: "",
  }],
};
const FACTS = { version: "1.2.3", pages: ["broker", "broker-retained-clear", "broker-retained"] };
const hasGroff = await hasProgram("groff");

Deno.test("manPage() has every section", () => {
  const page = manPage(MANUAL, FACTS);
  const sections = page.split("\n").filter((line) => /^\.S[HS] /.test(line));
  assert.deepEqual(sections, [
    ".SH NAME",
    ".SH SYNOPSIS",
    ".SH DESCRIPTION",
    ".SH OPTIONS",
    ".SS Which",
    ".SS How",
    ".SH EXAMPLES",
    ".SH SEE ALSO",
  ]);
  assert.ok(page.includes("\\fB\\-o\\fR, \\fB\\-\\-older\\-than\\fR \\fItime\\fR\nage\n"));
  assert.ok(page.includes("\nhow (a, b)\n"));
  assert.ok(page.includes("\n\\&.not a request\n"));
  assert.ok(page.endsWith(".BR broker (1),\n.BR broker\\-retained (1)\n"));
});

Deno.test("escapeRoff() lets nothing be an escape or a request", () => {
  assert.equal(escapeRoff("'a \\n"), "\\&'a \\(rsn");
  assert.equal(escapeRoff('-x "\u221e"'), "\\-x \\(dq\\[u221E]\\(dq");
});

Deno.test("pageName() joins the words", () => {
  assert.equal(pageName({ words: [] }), "broker");
  assert.equal(pageName(MANUAL), "broker-retained-clear");
});

Deno.test({ name: "groff warns of nothing", ignore: !hasGroff }, async () => {
  const page = manPage(MANUAL, FACTS);
  const text = await runShell("groff", ["-man", "-ww", "-Tutf8", "-P-cbou", "-"], page);
  for (const shown of ["-o, --older-than time", ".not a request", "  it is \\n", "-t 'x'"]) {
    assert.ok(text.includes(shown), shown);
  }
});
