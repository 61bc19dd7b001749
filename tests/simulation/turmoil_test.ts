/**
 * Runs the simulation of full queues that disconnect (`run.ts` has the variables).
 */

import assert from "node:assert/strict";
import type { Session } from "../../src/broker/session.ts";
import { runCount, SEED, testCanaries } from "./run.ts";
import type { Sabotage } from "./simulation.ts";
import { simulateTurmoil } from "./turmoil.ts";

const RUNS = runCount(60);

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

testCanaries("the check of full queues", 5, CANARIES, simulateTurmoil);
