/**
 * What all simulations share: how often and from which seed they run, how a failure is told, and the
 * check that known mistakes are found. Owns nothing.
 *
 * `SIMULATION_RUNS` sets how many runs there are, `SIMULATION_SEED` the seed of the first; each run
 * takes the next seed.
 */

import assert from "node:assert/strict";

export const SEED = Number(Deno.env.get("SIMULATION_SEED") ?? Date.now() % 1_000_000_000);

export function runCount(byDefault: number): number {
  return Number(Deno.env.get("SIMULATION_RUNS") ?? byDefault);
}

/** Calls `run`; a failure names the seed that repeats it alone, and what was done last. */
export function runSeed(seed: number, log: readonly string[], run: () => void): void {
  try {
    run();
  } catch (error) {
    const last = log.slice(-12).join("\n  ");
    const message = error instanceof Error ? error.stack ?? error.message : String(error);
    throw new Error(
      `SIMULATION_SEED=${seed} fails in step ${log.length - 1}:\n  ${last}\n${message}`,
    );
  }
}

/** Tests that each mistake, made on purpose, is found in one of the first `runs` runs. */
export function testCanaries<Sabotage>(
  check: string,
  runs: number,
  mistakes: readonly (readonly [mistake: string, makeSabotage: () => Sabotage])[],
  simulate: (seed: number, sabotage: Sabotage) => void,
): void {
  for (const [mistake, makeSabotage] of mistakes) {
    Deno.test(`${check} finds ${mistake}`, () => {
      for (let seed = 1; seed <= runs; seed++) {
        try {
          simulate(seed, makeSabotage());
        } catch (error) {
          assert.match((error as Error).message, /^SIMULATION_SEED=\d+ fails in step \d+:/);
          return;
        }
      }
      assert.fail("no run failed");
    });
  }
}
