/**
 * Runs the simulation of the core on a disk that fails (`run.ts` has the variables).
 */

import assert from "node:assert/strict";
import type { Broker } from "../../src/broker/broker.ts";
import { recordAll } from "../../src/broker/record_all.ts";
import type { SqliteJournal } from "../../src/storage/journal.ts";
import type { FakeClient } from "../support/fake_client.ts";
import {
  type DurabilityCounts,
  type DurabilitySabotage,
  simulateDurability,
} from "./durability.ts";
import { runCount, SEED, testCanaries } from "./run.ts";

const RUNS = runCount(100);

Deno.test(`nothing acknowledged is lost in ${RUNS} runs from seed ${SEED}`, () => {
  for (let run = 0; run < RUNS; run++) simulateDurability(SEED + run);
});

Deno.test("the runs do lose power and files, refuse, hold back and repeat", () => {
  const least: DurabilityCounts = {
    powerLosses: 50,
    replacements: 5,
    totalLosses: 1,
    refusals: 50,
    held: 500,
    repetitions: 100,
  };
  const counts = Array.from({ length: 20 }, (_, seed) => simulateDurability(seed));
  const kinds = Object.keys(least) as (keyof DurabilityCounts)[];
  const rare = kinds.filter((kind) =>
    counts.reduce((sum, each) => sum + each[kind], 0) < least[kind]
  );
  assert.deepEqual(rare, []);
});

/** Known mistakes; every one of them must be found in a few runs. */
const CANARIES: [mistake: string, makeSabotage: () => DurabilitySabotage][] = [
  ["a link that holds nothing back", () => ({
    client({ link }: FakeClient) {
      link.waitsForCommits = false;
    },
  })],
  ["a PUBLISH of QoS 2 that is sent before its identifier is stored", () => ({
    client({ link }: FakeClient) {
      holdOnlyAnswers(link);
    },
  })],
  ["acknowledgements that are let go when the disk fails", () => ({
    journal(journal: SqliteJournal) {
      const writeFailed = journal.writeFailed.bind(journal);
      journal.writeFailed = (reason) => {
        writeFailed(reason);
        journal.onCommitted(journal.pendingCommit);
      };
    },
  })],
  ["a disk that fails and is taken for one that works", () => ({
    journal(journal: SqliteJournal) {
      journal.writeFailed = () => {};
    },
  })],
  ...forgotten("saveSession", "deleteSession", "saveSubscription", "deleteSubscription"),
  ...forgotten("addOutgoing", "updateOutgoing", "removeOutgoing", "addInbound", "removeInbound"),
  ...forgotten("saveRetained", "deleteRetained"),
  ["a message that is put back and not adopted", () => {
    let adoptions = 0;
    return {
      journal(journal: SqliteJournal) {
        const adoptOutgoing = journal.adoptOutgoing.bind(journal);
        journal.adoptOutgoing = (...adoption) => {
          if (++adoptions % 5 !== 0) adoptOutgoing(...adoption);
        };
      },
    };
  }],
  ["a start that forgets inbound QoS 2 identifiers", () => ({
    restored({ sessions }: Broker) {
      for (const session of sessions.values()) session.inbound.clear();
    },
  })],
  ["a start that gives every session its full time again", () => ({
    restored(broker: Broker) {
      for (const session of broker.sessions.values()) session.disconnectedAtMs = broker.nowMs();
    },
  })],
  ["a new file that gets $SYS messages", () => ({
    recordAll(broker: Broker) {
      recordAll(broker);
      for (const message of broker.retained.values()) broker.journal.saveRetained(message);
    },
  })],
  ["a new file that gets the sessions and not what they have", () => ({
    recordAll({ sessions, journal }: Broker) {
      for (const session of sessions.values()) if (session.isDurable) journal.saveSession(session);
    },
  })],
];

/** A journal that does not record every fifth of these changes, though it says so. */
function forgotten(
  ...changes: (
    & keyof SqliteJournal
    & `${"save" | "delete" | "add" | "update" | "remove"}${string}`
  )[]
): [string, () => DurabilitySabotage][] {
  return changes.map((change) => [`a journal that forgets ${change}()`, () => {
    let count = 0;
    return {
      journal(journal: SqliteJournal) {
        const record: (...args: never[]) => void = journal[change].bind(journal);
        Object.defineProperty(journal, change, {
          value: (...args: never[]) => ++count % 5 === 0 ? journal.recorded() : record(...args),
        });
      },
    };
  }]);
}

/** Messages do not wait for the gate before them; what is no message does. */
function holdOnlyAnswers(link: FakeClient["link"]): void {
  const gate = link.gate.bind(link);
  const send = link.send.bind(link);
  const acknowledge = link.acknowledge.bind(link);
  let commit = 0;
  link.gate = (number) => commit = number;
  link.send = (packet) => {
    gate(commit);
    send(packet);
  };
  link.acknowledge = (type, packetIdentifier) => {
    gate(commit);
    acknowledge(type, packetIdentifier);
  };
}

testCanaries("the check of the disk", 40, CANARIES, simulateDurability);
