import assert from "node:assert/strict";
import { NO_JOURNAL } from "../../src/broker/journal.ts";
import { saveRetainedAgain } from "../../src/net/save_retained_again.ts";
import { Core } from "../support/core.ts";

/** A broker with messages that were retained at 900, 1000 and 1100 s, and what it saves. */
function brokerWithMessages() {
  const saved: string[] = [];
  const journal = {
    ...NO_JOURNAL,
    saveRetained: ({ topic }: { topic: { name: string } }) => void saved.push(topic.name),
  };
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  for (const seconds of [900, 1000, 1100]) {
    core.nowMs = seconds * 1000;
    publisher.publish(`t/${seconds}`, "x", { retain: true });
  }
  saved.splice(0);
  return { core, saved };
}

Deno.test("saveRetainedAgain() saves what came since the start", async () => {
  const { core, saved } = brokerWithMessages();
  await saveRetainedAgain(core.broker, 1000, () => false);
  assert.deepEqual(saved.sort(), ["t/1000", "t/1100"]);
});

Deno.test("saveRetainedAgain() ends when the broker does", async () => {
  const { core, saved } = brokerWithMessages();
  await saveRetainedAgain(core.broker, 0, () => true);
  assert.equal(saved.length, 1);
});
