/**
 * Topic Aliases in both directions.
 */

import assert from "node:assert/strict";
import { InboundTopicAliases, OutboundTopicAliases } from "../../src/net/topic_aliases.ts";
import { newEnvelope, PublishFrame } from "../../src/protocol/publish_frame.ts";
import { ProtocolError, ReasonCode } from "../../src/protocol/reason_code.ts";

const decoder = new TextDecoder();

/** A frame whose Topic Name lies in the middle of a read buffer. */
function frameWith(topicName: string): PublishFrame {
  const frame = new PublishFrame();
  frame.topicBytes = new TextEncoder().encode(`..${topicName}..`);
  frame.topicStart = 2;
  frame.topicEnd = frame.topicBytes.length - 2;
  return frame;
}

function topicNameOf(frame: PublishFrame): string {
  return decoder.decode(frame.topicBytes.subarray(frame.topicStart, frame.topicEnd));
}

/** What `aliases` makes of a PUBLISH without Topic Name. */
function resolved(aliases: InboundTopicAliases, alias: number): string {
  const frame = frameWith("");
  aliases.resolve(frame, alias);
  return topicNameOf(frame);
}

Deno.test("InboundTopicAliases.resolve() puts in the name that was given last for the alias", () => {
  const aliases = new InboundTopicAliases(2);
  aliases.resolve(frameWith("a/b"), 1);
  aliases.resolve(frameWith("c"), 2);
  assert.deepEqual([resolved(aliases, 1), resolved(aliases, 2)], ["a/b", "c"]);
  aliases.resolve(frameWith("d"), 1);
  assert.deepEqual([resolved(aliases, 1), resolved(aliases, 2)], ["d", "c"]);
});

Deno.test("InboundTopicAliases.resolve() leaves a Topic Name as it is", () => {
  const frame = frameWith("a/b");
  new InboundTopicAliases(1).resolve(frame, 1);
  assert.equal(topicNameOf(frame), "a/b");
});

Deno.test("InboundTopicAliases.resolve() keeps names when the read buffer is filled again", () => {
  const aliases = new InboundTopicAliases(1);
  const frame = frameWith("a/b");
  aliases.resolve(frame, 1);
  frame.topicBytes.fill(0x78);
  assert.equal(resolved(aliases, 1), "a/b");
});

Deno.test(
  "InboundTopicAliases.resolve() rejects 0 and more than the maximum [MQTT-3.3.2-8] [MQTT-3.3.2-9]",
  () => {
    for (const [maximum, alias] of [[10, 0], [10, 11], [0, 1], [65_534, 65_535]] as const) {
      const aliases = new InboundTopicAliases(maximum);
      assert.throws(() => aliases.resolve(frameWith("a"), alias), {
        name: "ProtocolError",
        reasonCode: ReasonCode.TopicAliasInvalid,
        message: `Cannot accept Topic Alias ${alias}: allowed are 1 to ${maximum}`,
      });
    }
  },
);

Deno.test("InboundTopicAliases.resolve() rejects an alias that no name was given for", () => {
  const aliases = new InboundTopicAliases(2);
  aliases.resolve(frameWith("a"), 1);
  assert.throws(
    () => aliases.resolve(frameWith(""), 2),
    (error) =>
      error instanceof ProtocolError && error.reasonCode === ReasonCode.ProtocolError &&
      error.message === "Cannot accept Topic Alias 2: no Topic Name was given for it",
  );
});

/** The alias that `topicName` gets, and whether its name is left out. */
function applied(aliases: OutboundTopicAliases, topicName: string): [number, boolean] {
  const envelope = newEnvelope();
  aliases.apply(topicName, envelope);
  return [envelope.topicAlias, envelope.topicNameKnown];
}

Deno.test("OutboundTopicAliases.apply() introduces an alias at the second time, then uses it", () => {
  const aliases = new OutboundTopicAliases(2);
  const inTurn = ["a", "b", "a", "a", "b", "b", "a"].map((name) => applied(aliases, name));
  assert.deepEqual(inTurn, [
    [0, false],
    [0, false],
    [1, false],
    [1, true],
    [2, false],
    [2, true],
    [1, true],
  ]);
});

Deno.test("OutboundTopicAliases.apply() gives no alias above the client's maximum [MQTT-3.1.2-26]", () => {
  const aliases = new OutboundTopicAliases(3);
  const names = Array.from({ length: 50 }, (_, number) => `t${number}`);
  const given = new Set<number>();
  for (let round = 0; round < 4; round++) {
    for (const name of names.slice(0, 10)) given.add(applied(aliases, name)[0]);
  }
  for (const name of names) given.add(applied(aliases, name)[0]);
  assert.deepEqual(given, new Set([0, 1, 2, 3]));
});

Deno.test("OutboundTopicAliases.apply() forgets names that come once, so that memory is bounded", () => {
  const aliases = new OutboundTopicAliases(1);
  applied(aliases, "rare");
  for (let number = 0; number < 100; number++) applied(aliases, `once${number}`);
  assert.deepEqual(applied(aliases, "rare"), [0, false]);
  assert.deepEqual(applied(aliases, "rare"), [1, false]);
});

Deno.test("OutboundTopicAliases.forget() frees the alias of a PUBLISH that was not sent", () => {
  const aliases = new OutboundTopicAliases(1);
  applied(aliases, "a");
  assert.deepEqual(applied(aliases, "a"), [1, false]);
  aliases.forget("a");
  applied(aliases, "b");
  assert.deepEqual([applied(aliases, "b"), applied(aliases, "b")], [[1, false], [1, true]]);
});

Deno.test("OutboundTopicAliases.forget() ignores a name without alias", () => {
  const aliases = new OutboundTopicAliases(2);
  applied(aliases, "a");
  applied(aliases, "a");
  aliases.forget("b");
  assert.deepEqual(applied(aliases, "a"), [1, true]);
});
