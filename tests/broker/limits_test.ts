import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../support/default_limits.ts";

Deno.test("the default limits are frozen and within what the protocol can express", () => {
  const limits = DEFAULT_LIMITS;
  assert.ok(Object.isFrozen(limits));
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === "number") assert.ok(value >= 0, name);
  }
  assert.ok(limits.receiveMaximum >= 1 && limits.receiveMaximum <= 65_535);
  assert.ok(limits.maximumInflightMessages >= 1 && limits.maximumInflightMessages <= 65_535);
  assert.ok(limits.topicAliasMaximum <= 65_535);
  assert.ok(limits.maximumTopicLength <= 65_535);
  assert.ok(limits.maximumPacketSize <= 268_435_460);
  assert.ok(limits.maximumQueuedBytes >= limits.maximumPacketSize);
});
