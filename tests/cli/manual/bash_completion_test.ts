import assert from "node:assert/strict";
import { bashCompletion } from "../../../src/cli/manual/bash_completion.ts";
import { SAMPLE } from "./sample_manuals.ts";
import { runShell } from "./shell.ts";

/** What bash offers after these words; the last one is the one that is being typed. */
async function complete(...words: string[]): Promise<readonly string[]> {
  const script = `${bashCompletion(SAMPLE)}
compopt() { echo "no files"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_broker
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = await runShell("bash", ["--norc", "-c", script, "bash", ...words]);
  return out.split("\n").filter((line) => line !== "");
}

Deno.test("bash completes commands, at every level", async () => {
  assert.deepEqual(await complete("broker", ""), ["passwd", "retained"]);
  assert.deepEqual(await complete("broker", "re"), ["retained"]);
  assert.deepEqual(await complete("broker", "retained", ""), ["list", "clear"]);
  assert.deepEqual(await complete("broker", "passwd", ""), []);
});

Deno.test("bash completes the options of the command that is typed", async () => {
  assert.deepEqual(await complete("broker", "-"), ["-h", "--help"]);
  assert.deepEqual(await complete("broker", "passwd", "x", "--"), [
    "--format",
    "--config",
    "--topic",
    "--help",
  ]);
  assert.deepEqual(await complete("broker", "retained", "clear", "--"), ["--yes"]);
});

Deno.test("bash completes values: a list of words, files by itself, nothing for a topic", async () => {
  assert.deepEqual(await complete("broker", "passwd", "--format", "a"), ["argon2id"]);
  assert.deepEqual(await complete("broker", "passwd", "-c", ""), []);
  assert.deepEqual(await complete("broker", "passwd", "--topic", ""), ["no files"]);
});
