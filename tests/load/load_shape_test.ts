import assert from "node:assert/strict";
import {
  fanOut,
  type LoadShape,
  type NumberRange,
  shapeProblem,
  streamCount,
  streamsOfPublisher,
  streamsOfSubscriber,
  topicFilter,
  topicName,
  topicOfStream,
} from "../../src/load/load_shape.ts";
import { topicMatches } from "../../src/protocol/topic.ts";

function shape(kind: "all" | "pairs", publishers: number, subscribers: number, topics: number) {
  return { kind, publishers, subscribers, topics };
}

const SHAPES: readonly LoadShape[] = [
  shape("all", 1, 1, 1),
  shape("all", 10, 3, 10),
  shape("all", 10, 3, 4),
  shape("all", 3, 2, 11),
  shape("all", 1, 0, 1),
  shape("pairs", 5, 5, 5),
  shape("pairs", 2, 4, 4),
  shape("pairs", 4, 2, 4),
  shape("pairs", 3, 3, 100),
  shape("pairs", 7, 3, 20),
  shape("pairs", 2, 12, 4),
  shape("pairs", 9, 2, 3),
];

function numbers({ first, count }: NumberRange): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function upTo(count: number): number[] {
  return numbers({ first: 0, count });
}

Deno.test("every stream belongs to one publisher, in ascending order", () => {
  for (const each of SHAPES) {
    const streams = upTo(each.publishers).flatMap((index) =>
      numbers(streamsOfPublisher(each, index))
    );
    assert.deepEqual(streams, upTo(streamCount(each)), JSON.stringify(each));
  }
});

Deno.test("a subscriber's Topic Filter matches the topics of its streams and no others", () => {
  for (const each of SHAPES) {
    for (const subscriber of upTo(each.subscribers)) {
      const filter = topicFilter(each, "bench/run", subscriber);
      const matching = upTo(streamCount(each)).filter((stream) =>
        topicMatches(filter, topicName(each, "bench/run", topicOfStream(each, stream)))
      );
      const expected = numbers(streamsOfSubscriber(each, subscriber));
      assert.deepEqual(matching, expected, `${JSON.stringify(each)} ${filter}`);
    }
  }
});

Deno.test("every stream reaches as many subscribers as fanOut() says", () => {
  for (const each of SHAPES) {
    for (const stream of upTo(streamCount(each))) {
      const receivers = upTo(each.subscribers).filter((subscriber) =>
        numbers(streamsOfSubscriber(each, subscriber)).includes(stream)
      );
      assert.equal(receivers.length, fanOut(each), `${JSON.stringify(each)} ${stream}`);
    }
  }
});

Deno.test("all topic names of a shape have the same length and are different", () => {
  for (const each of SHAPES) {
    const names = upTo(each.topics).map((topic) => topicName(each, "b", topic));
    assert.equal(new Set(names).size, each.topics);
    assert.equal(new Set(names.map((name) => name.length)).size, 1, JSON.stringify(each));
  }
});

Deno.test("subscribers that cannot share the topics evenly are a problem", () => {
  assert.equal(shapeProblem(shape("pairs", 1, 4, 2)), undefined);
  assert.equal(shapeProblem(shape("pairs", 1, 2, 5)), undefined);
  assert.equal(shapeProblem(shape("all", 1, 5, 2)), undefined);
  assert.equal(
    shapeProblem(shape("pairs", 1, 5, 2)),
    "5 subscribers cannot share 2 topics evenly",
  );
});
