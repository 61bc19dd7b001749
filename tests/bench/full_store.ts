/**
 * A store with much in it, made by the broker's own core in this process.
 *
 * Owns the content: sessions whose clients are away, each with one subscription and some messages
 * that wait.
 */

import { openStore } from "../../src/storage/store.ts";
import { Core } from "../support/core.ts";

/** Sessions after which the disk is waited for. */
const SESSIONS_AT_ONCE = 1000;

export interface Filling {
  readonly sessions: number;
  readonly messagesPerSession: number;
  readonly payloadBytes: number;
}

/** Makes the store at `path`, where there is none yet. */
export async function fillStore(path: string, filling: Filling): Promise<void> {
  const clock = { nowMs: 0 };
  const store = await openStore({
    path,
    durability: "full",
    commitIntervalMs: 0,
    nowMs: () => clock.nowMs,
    wallMs: Date.now,
  });
  // The limits of waiting messages would leave out half of a million.
  const limits = { maximumSessions: filling.sessions + 1, maximumTotalQueuedBytes: Infinity };
  const core = new Core(limits, store.journal);
  clock.nowMs = core.nowMs;
  const publisher = core.connect("publisher");
  const payload = "x".repeat(filling.payloadBytes);
  for (let number = 0; number < filling.sessions; number++) {
    const client = core.connectKept(`client-${number}`);
    client.subscribed({ topicFilter: `device/${number}`, qos: 1 }).lose();
    for (let message = 0; message < filling.messagesPerSession; message++) {
      publisher.publish(`device/${number}`, payload, { qos: 1, packetIdentifier: 1 });
    }
    publisher.received();
    core.events.take();
    if (number % SESSIONS_AT_ONCE === 0) await store.journal.settled();
  }
  if (!await store.close()) throw new Error(`Cannot fill '${path}': the disk takes nothing`);
}
