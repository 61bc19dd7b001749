import assert from "node:assert/strict";
import { PowerLoss, SimulatedDisk, SimulatedStore } from "./simulated_disk.ts";
import { Clocks, describeState, newMessage, newOutgoing, newSession } from "../storage/fixture.ts";

function stored(disk: SimulatedDisk): Record<string, string[]> {
  return describeState(new SimulatedStore(disk, new Clocks(), "full").state).sessions;
}

Deno.test("what is committed outlives the power, what is not does not", () => {
  const disk = new SimulatedDisk();
  const store = new SimulatedStore(disk, new Clocks(), "full");
  const session = newSession("a");
  const committed: number[] = [];
  store.journal.onCommitted = (number) => void committed.push(number);
  store.journal.addOutgoing(session, newOutgoing(newMessage("t", "1")));
  store.runToEnd();
  assert.equal(store.hasWork, false);
  store.journal.addOutgoing(session, newOutgoing(newMessage("t", "2")));
  store.nextFault = () => "lostPower";
  assert.throws(() => store.runToEnd(), PowerLoss);
  assert.deepEqual([committed, stored(disk)], [[1], { a: ["t=1 qos 1"] }]);
});

Deno.test("the power may fail when a batch is on the disk and nobody was told", () => {
  const disk = new SimulatedDisk();
  const store = new SimulatedStore(disk, new Clocks(), "full");
  store.journal.addOutgoing(newSession("a"), newOutgoing(newMessage("t", "1")));
  store.nextFault = () => "lostPowerAfter";
  assert.throws(() => store.runToEnd(), PowerLoss);
  assert.deepEqual([store.journal.pendingCommit, stored(disk)], [1, { a: ["t=1 qos 1"] }]);
});

Deno.test("of a batch that was being written when the power failed, nothing is there", () => {
  const disk = new SimulatedDisk();
  const store = new SimulatedStore(disk, new Clocks(), "full");
  store.journal.addOutgoing(newSession("a"), newOutgoing(newMessage("t", "1")));
  store.journal.addOutgoing(newSession("b"), newOutgoing(newMessage("t", "2")));
  store.nextFault = () => "torn";
  assert.throws(() => store.runToEnd(), PowerLoss);
  assert.deepEqual([stored(disk), disk.rows.size], [{}, 0]);
});

Deno.test("a disk that is full for a while takes the batch in the end", () => {
  const disk = new SimulatedDisk();
  const store = new SimulatedStore(disk, new Clocks(), "full");
  const told: boolean[] = [];
  store.journal.onWritable = (isWritable) => void told.push(isWritable);
  let attempts = 0;
  store.nextFault = () => ++attempts < 4 ? "full" : "none";
  store.journal.addOutgoing(newSession("a"), newOutgoing(newMessage("t", "1")));
  store.runToEnd();
  assert.deepEqual([attempts, told, stored(disk)], [4, [false, true], { a: ["t=1 qos 1"] }]);
});
