/**
 * Runs the simulation of full queues that disconnect. `SIMULATION_RUNS` and `SIMULATION_SEED` are
 * those of `simulation_test.ts`.
 */

import assert from "node:assert/strict";
import type { Session } from "../../src/broker/session.ts";
import type { Sabotage } from "./simulation.ts";
import { simulateTurmoil } from "./turmoil.ts";

const RUNS = Number(Deno.env.get("SIMULATION_RUNS") ?? 60);
const SEED = Number(Deno.env.get("SIMULATION_SEED") ?? Date.now() % 1_000_000_000);

Deno.test(`full queues that disconnect break nothing in ${RUNS} runs from seed ${SEED}`, () => {
  for (let run = 0; run < RUNS; run++) simulateTurmoil(SEED + run);
});

Deno.test("the runs do disconnect clients for full queues, and route Wills inside of deliveries", () => {
  const counts = [1, 2, 3, 4, 5].map((seed) => simulateTurmoil(seed));
  assert.ok(counts.reduce((sum, { overflows }) => sum + overflows, 0) > 100);
  assert.ok(counts.reduce((sum, { nested }) => sum + nested, 0) > 20);
});

/** Known mistakes; every one of them must be found in a few runs. */
const CANARIES: [mistake: string, sabotage: () => Sabotage][] = [
  ["a Will that is never published", () => ({
    session(session: Session) {
      Object.defineProperty(session, "will", { get: () => undefined, set: () => {} });
    },
  })],
  ["a delivery that gets lost", () => {
    let deliveries = 0;
    return {
      session(session: Session) {
        const deliver = session.deliver.bind(session);
        session.deliver = (...delivery) => {
          if (++deliveries % 20 !== 0) deliver(...delivery);
        };
      },
    };
  }],
  ["a Packet Identifier that is in use", () => ({
    client({ link }) {
      const publish = link.publish.bind(link);
      link.publish = (message, envelope) =>
        publish(message, { ...envelope, packetIdentifier: envelope.packetIdentifier && 1 });
    },
  })],
];

for (const [mistake, makeSabotage] of CANARIES) {
  Deno.test(`the check of full queues finds ${mistake}`, () => {
    let found = 0;
    for (let seed = 1; seed <= 5; seed++) {
      try {
        simulateTurmoil(seed, makeSabotage());
      } catch (error) {
        assert.match((error as Error).message, /^SIMULATION_SEED=\d fails after:/);
        found++;
      }
    }
    assert.ok(found > 0, "no run failed");
  });
}
