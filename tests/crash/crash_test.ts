/**
 * Nothing acknowledged is lost, whenever the broker is killed: rounds of publishing, SIGKILL at a
 * random moment, restart on the same data, comparison (`rounds.ts`).
 *
 * CRASH_ROUNDS=N runs N rounds instead of 5 (`.ci/run`: 50). CRASH_SEED=N takes N instead of a random
 * seed: the same decisions of every client and of who is killed when, counted in packets, though not
 * the same interleaving. A failure prints the seed. SIGKILL takes the process and leaves the operating
 * system: what a power cut does to the disk is the matter of tests/storage.
 *
 *     CRASH_ROUNDS=500 deno test -A tests/crash
 *     CRASH_SEED=123 deno test -A tests/crash
 */

import assert from "node:assert/strict";
import { type Durability, ourBroker } from "./brokers.ts";
import type { FindingKind, Findings } from "./findings.ts";
import { Rounds } from "./rounds.ts";

const ROUNDS = Number(Deno.env.get("CRASH_ROUNDS") ?? 5);
const SEED = Number(Deno.env.get("CRASH_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const SHOWN_FINDINGS = 20;
const SHOWN_LINES = 30;

/** Rounds after which everything has happened, however early many of them end. */
const MORE_ROUNDS = 20;
/** What no broker can hide that forgets everything. */
const CERTAIN_FINDINGS: readonly FindingKind[] = [
  "message lost",
  "session not as acknowledged",
  "subscription not as acknowledged",
  "retained message not as acknowledged",
  "Will not as acknowledged",
];

interface Run {
  readonly rounds: Rounds;
}

/** Runs `body` with a broker of its own; an error says with which seed, and what the broker said. */
async function crashRun(
  { durability, commitInterval }: { durability: Durability; commitInterval?: string },
  body: (run: Run) => Promise<void>,
): Promise<void> {
  await using broker = await ourBroker(durability, commitInterval);
  await using rounds = new Rounds(broker, SEED);
  try {
    await rounds.begin();
    await body({ rounds });
  } catch (error) {
    const lines = broker.lines.slice(-SHOWN_LINES).map((line) => `\n  ${line}`).join("");
    throw new Error(`With CRASH_SEED=${SEED}. The broker has printed:${lines}`, { cause: error });
  }
}

function assertNothingFound({ sentences }: Findings, round: number): void {
  const shown = sentences.slice(0, SHOWN_FINDINGS);
  assert.deepEqual(shown, [], `round ${round}: ${sentences.length} findings`);
}

function neverChecked({ checked }: Findings): string[] {
  return Object.entries(checked).filter(([, count]) => count === 0).map(([what]) => what);
}

function notFound(findings: Findings): FindingKind[] {
  return CERTAIN_FINDINGS.filter((kind) => findings.count(kind) === 0);
}

/** Runs `rounds`, and more until everything was checked; nothing may be found. */
async function checkRounds(rounds: Rounds, count: number): Promise<void> {
  const { findings } = rounds;
  // Rounds may end before anything is done.
  for (let round = 1; round <= count || neverChecked(findings).length > 0; round++) {
    assert.ok(round <= count + MORE_ROUNDS, `never checked: ${neverChecked(findings)}`);
    await rounds.next();
    assertNothingFound(findings, round);
  }
}

Deno.test(`nothing acknowledged is lost in ${ROUNDS} rounds that end with SIGKILL`, async () => {
  assert.ok(Number.isSafeInteger(ROUNDS) && ROUNDS > 0, "CRASH_ROUNDS is not a number of rounds");
  assert.ok(Number.isSafeInteger(SEED), "CRASH_SEED is not a number");
  await crashRun({ durability: "full" }, ({ rounds }) => checkRounds(rounds, ROUNDS));
});

Deno.test("nothing acknowledged is lost either when commits keep a distance", async () => {
  await crashRun(
    { durability: "full", commitInterval: "200ms" },
    ({ rounds }) => checkRounds(rounds, Math.ceil(ROUNDS / 5)),
  );
});

Deno.test("the crash test finds what a broker loses that keeps everything in memory", async () => {
  await crashRun({ durability: "off" }, async ({ rounds }) => {
    for (let round = 1; notFound(rounds.findings).length > 0; round++) {
      assert.ok(round <= MORE_ROUNDS, `never found: ${notFound(rounds.findings)}`);
      await rounds.next();
    }
  });
});
