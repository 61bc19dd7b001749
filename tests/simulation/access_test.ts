/**
 * No rule can be walked around: whatever clients do, nobody gets or publishes what the reference of
 * the rule semantics denies at that moment, and what it allows does arrive (`access_world.ts`).
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { AccessControl, ClientAccess } from "../../src/broker/access.ts";
import { everybody, rule } from "../access/rule_reference.ts";
import { carryOut, comeBack, type Operation, operations } from "./access_operations.ts";
import { type AccessSabotage, AccessWorld } from "./access_world.ts";
import { runCount, SEED } from "./run.ts";

const RUNS = runCount(400);

function simulate(steps: readonly Operation[], sabotage: AccessSabotage = {}): void {
  const world = new AccessWorld(sabotage);
  steps.forEach((operation, step) => carryOut(world, operation, step + 1));
  comeBack(world);
}

Deno.test(`no rule can be walked around in ${RUNS} runs from seed ${SEED}`, () => {
  fc.assert(fc.property(operations, (steps) => simulate(steps)), { numRuns: RUNS, seed: SEED });
});

/** Access that is as it should be but for what `change` says. */
function withAccess(
  change: (access: ClientAccess, accessOf: AccessControl["accessOf"]) => Partial<ClientAccess>,
): AccessSabotage {
  return {
    access: (access) => ({
      accessOf(clientIdentifier, identity) {
        const right = access.accessOf(clientIdentifier, identity);
        const asIt: ClientAccess = {
          mayPublish: (topicName) => right.mayPublish(topicName),
          mayReceive: (topicName) => right.mayReceive(topicName),
          maySubscribe: (topicFilter) => right.maySubscribe(topicFilter),
        };
        return { ...asIt, ...change(right, (...who) => access.accessOf(...who)) };
      },
    }),
  };
}

const CANARIES: [mistake: string, sabotage: AccessSabotage][] = [
  ["access that lets everybody receive", withAccess(() => ({ mayReceive: () => true }))],
  ["access that lets nobody receive", withAccess(() => ({ mayReceive: () => false }))],
  ["access that lets everybody publish", withAccess(() => ({ mayPublish: () => undefined }))],
  [
    "access that forgets a topic's first level",
    withAccess((access) => ({
      mayReceive: (topicName) => access.mayReceive(topicName.replace(/^a\//, "b/")),
    })),
  ],
  ["access that refuses what is allowed in part", {
    access: (access) => ({
      accessOf(clientIdentifier, identity) {
        const right = access.accessOf(clientIdentifier, identity);
        return {
          mayPublish: (topicName) => right.mayPublish(topicName),
          mayReceive: (topicName) => right.mayReceive(topicName),
          maySubscribe: (filter) =>
            filter === "#" ? right.maySubscribe("z/#") : right.maySubscribe(filter),
        };
      },
    }),
  }],
  ["routes that outlive the rules", {
    broker: ({ router }) => {
      router.accessChanged = () => {};
    },
  }],
  ["sessions that keep the rules they had", {
    broker: (broker) => {
      const createSession = broker.createSession.bind(broker);
      broker.createSession = (clientIdentifier, identity) => {
        const session = createSession(clientIdentifier, identity);
        session.judgeAnew = () => {};
        return session;
      };
    },
  }],
];

Deno.test("the check of access finds routes that outlive the identity of a session", () => {
  // It takes a session without a name that gets one, and no other change: chance seldom does that.
  const isNamed = (username?: string) => ({
    client: "c1",
    kind: "connect",
    username,
    version: 5,
    cleanStart: false,
    isKept: true,
    receiveMaximum: 20,
    acknowledges: true,
    will: undefined,
  } as const);
  const message = { topicName: "alice", qos: 0, retain: false } as const;
  const rules = ["allow readwrite #", "deny subscribe %u"].map(rule);
  const steps: Operation[] = [
    { client: "", kind: "rules", layers: everybody(...rules) },
    isNamed(),
    {
      client: "c1",
      kind: "subscribe",
      topicFilter: "#",
      qos: 0,
      isShared: false,
      noLocal: false,
      retainHandling: 0,
    },
    { client: "c1", kind: "publish", messages: [message], isEmpty: false },
    isNamed("alice"),
    { client: "c1", kind: "publish", messages: [message], isEmpty: false },
  ];
  simulate(steps);
  const broker: AccessSabotage["broker"] = ({ router }) => {
    router.sessionChanged = () => {};
  };
  assert.throws(() => simulate(steps, { broker }), /c1 of alice gets 'alice'/);
});

for (const [mistake, sabotage] of CANARIES) {
  Deno.test(`the check of access finds ${mistake}`, () => {
    const property = fc.property(operations, (steps) => simulate(steps, sabotage));
    const { failed } = fc.check(property, { numRuns: 2000, seed: 1, endOnFailure: true });
    assert.equal(failed, true);
  });
}
