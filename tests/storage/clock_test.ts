/**
 * A wall's clock that is wrong when the broker starts and is set while it runs, as on machines that
 * have none of their own.
 */
import assert from "node:assert/strict";
import { Core } from "../support/core.ts";
import { SimulatedDisk, SimulatedStore } from "../support/simulated_disk.ts";
import {
  Clocks,
  describeState,
  newMessage,
  newOutgoing,
  newSession,
  newSubscription,
  openFull,
  restore,
  temporaryFolder,
} from "./fixture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Lets everything be written that is to be. */
function settle(store: SimulatedStore): void {
  store.journal.checkClock();
  store.runToEnd();
}

/** A run of the broker, whose core has the clock of the store. */
function start(disk: SimulatedDisk, clocks: Clocks) {
  const store = new SimulatedStore(disk, clocks, "full");
  const core = new Core();
  core.nowMs = clocks.now;
  return { store, core };
}

/** An hour to live for a session, two messages that wait in it and elsewhere, and a retained one. */
function recordAll({ store: { journal }, core }: ReturnType<typeof start>): void {
  const [one, two] = [newSession("one", core), newSession("two", core)];
  const expiresAtMs = core.nowMs + HOUR_MS;
  journal.saveSession(one);
  journal.saveSubscription(newSubscription(two, "f"));
  journal.addOutgoing(one, newOutgoing(newMessage("t", "alone", 1, expiresAtMs)));
  const shared = newMessage("t", "shared", 1, expiresAtMs);
  for (const session of [one, two]) journal.addOutgoing(session, newOutgoing(shared));
  journal.addOutgoing(one, newOutgoing(newMessage("t", "lasting")));
  journal.saveRetained(newMessage("r", "expiring", 1, expiresAtMs));
}

const EVERYTHING = {
  sessions: {
    one: ["t=alone qos 1", "t=shared qos 1", "t=lasting qos 1"],
    two: ["filter f 1", "t=shared qos 1"],
  },
  retained: ["r=expiring"],
};

/** What a start `minutes` later finds. */
function foundLater(disk: SimulatedDisk, clocks: Clocks, minutes: number) {
  clocks.advance(minutes * MINUTE_MS);
  return describeState(start(disk, clocks).store.state);
}

for (const error of [-10 * HOUR_MS, 10 * HOUR_MS]) {
  const was = error < 0 ? "behind" : "ahead";
  Deno.test(`times that were written while the clock was ${was} are written again when it is set`, () => {
    const disk = new SimulatedDisk();
    const clocks = new Clocks();
    clocks.wall += error;
    const run = start(disk, clocks);
    recordAll(run);
    settle(run.store);
    clocks.advance(MINUTE_MS);
    clocks.wall -= error;
    settle(run.store);
    assert.deepEqual(foundLater(disk, clocks, 57), EVERYTHING);
    assert.deepEqual(foundLater(disk, clocks, 4), { sessions: {}, retained: [] });
  });
}

Deno.test("what follows the setting of the clock takes what was before along", () => {
  const disk = new SimulatedDisk();
  const clocks = new Clocks();
  clocks.wall -= 10 * HOUR_MS;
  const run = start(disk, clocks);
  recordAll(run);
  run.store.runToEnd();
  clocks.wall += 10 * HOUR_MS;
  run.store.journal.saveRetained(newMessage("other", "1"));
  run.store.runToEnd();
  const found = foundLater(disk, clocks, 50);
  assert.deepEqual(found, { ...EVERYTHING, retained: ["other=1", "r=expiring"] });
});

Deno.test("what an earlier run has written is right, and is not written again", () => {
  const disk = new SimulatedDisk();
  const clocks = new Clocks();
  const first = start(disk, clocks);
  recordAll(first);
  settle(first.store);
  // A start that takes it for earlier than it is, until the clock is set.
  clocks.now = 5000;
  clocks.wall -= 10 * MINUTE_MS;
  const second = start(disk, clocks);
  restore(second.store.state, second.store.journal, second.core);
  assert.equal([...second.store.state.retained].length, 1);
  second.store.journal.saveSession(newSession("new", second.core));
  settle(second.store);
  const rows = new Map(disk.rows);
  clocks.wall += 50 * MINUTE_MS;
  settle(second.store);
  const changed = [...disk.rows].filter(([key, bytes]) => rows.get(key) !== bytes);
  assert.deepEqual(changed.map(([key]) => key), ["session 3"]);
  // An hour since the beginning is nearly over; "new" has its hour before it.
  assert.deepEqual(foundLater(disk, clocks, 21).sessions, { new: [] });
});

Deno.test("a clock that is only kept right writes nothing", () => {
  const disk = new SimulatedDisk();
  const clocks = new Clocks();
  const run = start(disk, clocks);
  recordAll(run);
  settle(run.store);
  const rows = new Map(disk.rows);
  clocks.wall += 9000;
  settle(run.store);
  assert.deepEqual([...disk.rows], [...rows]);
});

Deno.test("a message that was done when the clock was set does not come back", () => {
  const disk = new SimulatedDisk();
  const clocks = new Clocks();
  const { store, core } = start(disk, clocks);
  const session = newSession("one", core);
  const outgoing = newOutgoing(newMessage("t", "1", 1, core.nowMs + HOUR_MS));
  store.journal.addOutgoing(session, outgoing);
  store.journal.saveRetained(newMessage("r", "1", 1, core.nowMs + HOUR_MS));
  settle(store);
  clocks.wall += HOUR_MS / 2;
  store.journal.removeOutgoing(session, outgoing);
  store.journal.deleteRetained("r");
  settle(store);
  assert.deepEqual(foundLater(disk, clocks, 1), { sessions: { one: [] }, retained: [] });
});

Deno.test("a store notices before it is closed that the clock was set", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const clocks = new Clocks();
  clocks.wall -= 10 * HOUR_MS;
  const store = await openFull(path, clocks);
  const core = new Core();
  core.nowMs = clocks.now;
  store.journal.saveSession(newSession("one", core));
  await store.journal.settled();
  clocks.wall += 10 * HOUR_MS;
  assert.equal(await store.close(), true);
  const again = await openFull(path, clocks);
  assert.deepEqual(Object.keys(describeState(again.state).sessions), ["one"]);
  await again.close();
});

Deno.test("it is told once when the wall's clock was set, for what the core has to save again", () => {
  const clocks = new Clocks();
  const { store } = start(new SimulatedDisk(), clocks);
  let told = 0;
  store.journal.onClockSet = () => told++;
  store.journal.saveRetained(newMessage("r", "1"));
  settle(store);
  clocks.advance(MINUTE_MS);
  store.journal.saveRetained(newMessage("r", "2"));
  settle(store);
  assert.equal(told, 0);
  clocks.wall += HOUR_MS;
  store.journal.saveRetained(newMessage("r", "3"));
  settle(store);
  settle(store);
  assert.equal(told, 1);
});
