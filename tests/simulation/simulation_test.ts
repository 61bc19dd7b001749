/**
 * Runs the simulation of the core against its model (`run.ts` has the variables).
 */

import assert from "node:assert/strict";
import type { Session } from "../../src/broker/session.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { Random } from "./random.ts";
import { runCount, SEED, testCanaries } from "./run.ts";
import { type Sabotage, simulate } from "./simulation.ts";

const RUNS = runCount(100);

Deno.test(`the broker does what the model says in ${RUNS} runs from seed ${SEED}`, () => {
  for (let run = 0; run < RUNS; run++) simulate(SEED + run);
});

Deno.test("the same seed gives the same numbers", () => {
  const [one, other] = [new Random(7), new Random(7)];
  const numbers = one.several(100, () => one.below(1000));
  assert.deepEqual(other.several(100, () => other.below(1000)), numbers);
  assert.ok(new Set(numbers).size > 80);
  assert.ok(numbers.every((number) => number >= 0 && number < 1000));
});

/** Known mistakes; every one of them must be found in a few runs. */
const CANARIES: [mistake: string, makeSabotage: () => Sabotage][] = [
  ["a delivery that gets lost", () => {
    let deliveries = 0;
    return onDeliver((deliver) => {
      if (++deliveries % 20 !== 0) deliver();
    });
  }],
  ["a delivery that is made twice", () => {
    let deliveries = 0;
    return onDeliver((deliver) => {
      deliver();
      if (++deliveries % 20 === 0) deliver();
    });
  }],
  ["two deliveries in the wrong order", () => {
    let held: (() => void) | undefined;
    return onDeliver((deliver) => {
      if (held === undefined) held = deliver;
      else {
        deliver();
        held();
        held = undefined;
      }
    });
  }],
  ["a message that is sent again without DUP", () => ({
    client({ link }: FakeClient) {
      const publish = link.publish.bind(link);
      link.publish = (message, envelope) => publish(message, { ...envelope, duplicate: false });
    },
  })],
  ["a Packet Identifier that is in use", () => ({
    client({ link }: FakeClient) {
      const publish = link.publish.bind(link);
      link.publish = (message, envelope) =>
        publish(message, { ...envelope, packetIdentifier: envelope.packetIdentifier && 1 });
    },
  })],
  ["an acknowledgement that is forgotten", () => ({
    client({ link }: FakeClient) {
      let acknowledgements = 0;
      const acknowledge = link.acknowledge.bind(link);
      link.acknowledge = (type, packetIdentifier) => {
        if (++acknowledgements % 5 !== 0) acknowledge(type, packetIdentifier);
      };
    },
  })],
  ["a session that forgets an inbound QoS 2 message", () => ({
    session(session: Session) {
      session.inbound.start = () => {};
    },
  })],
  ["a Will that is never published", () => ({
    session(session: Session) {
      Object.defineProperty(session, "will", { get: () => undefined, set: () => {} });
    },
  })],
];

/** Stands between the router and every session; the message is kept, so it can be held. */
function onDeliver(act: (deliver: () => void) => void): Sabotage {
  return {
    session(session: Session) {
      const original = session.deliver.bind(session);
      session.deliver = (message, ...rest) => {
        const kept = message.keep();
        act(() => original(kept, ...rest));
      };
    },
  };
}

testCanaries("the check", 5, CANARIES, simulate);
