import assert from "node:assert/strict";
import { describeCounts } from "../../../src/cli/store/store_text.ts";

Deno.test("describeCounts() names what there always is, and receptions where there are some", () => {
  const counts = { sessions: 12, subscriptions: 1, outgoing: 1204, inbound: 0, retained: 0 };
  const text = "12 sessions, 1 subscription, 1204 waiting messages, 0 retained messages";
  assert.equal(describeCounts(counts), text);
  assert.equal(
    describeCounts({ ...counts, inbound: 1 }),
    `${text}, 1 QoS 2 message being received`,
  );
});
