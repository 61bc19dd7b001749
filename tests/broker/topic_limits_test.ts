import assert from "node:assert/strict";
import { checkTopicSize, topicSizeFault } from "../../src/broker/topic_limits.ts";
import { assertProtocolError } from "../protocol/vector.ts";

const LIMITS = { maximumTopicLength: 20, maximumTopicLevels: 3 };

Deno.test("checkTopicSize() and topicSizeFault() count a length that was measured in bytes", () => {
  assert.equal(topicSizeFault("a/b/c", 20, LIMITS), undefined);
  assert.equal(topicSizeFault("a", 21, LIMITS), "21 bytes, the limit is 20");
  assert.equal(topicSizeFault("a/b/c/d", 7, LIMITS), "4 levels, the limit is 3");
  checkTopicSize("a/b/c", 20, LIMITS);
  assertProtocolError(() => checkTopicSize("a", 21, LIMITS), 0x90);
});
