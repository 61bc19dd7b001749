import assert from "node:assert/strict";
import { Possibilities } from "./possibilities.ts";

const to = (value: string) => () => value;
const is = (value: string) => (state: string) => state === value;

Deno.test("a change that was sent may have been done or not", () => {
  const topic = new Possibilities("old");
  topic.apply(to("new"));
  assert.deepEqual(topic.states, ["old", "new"]);
});

Deno.test("an acknowledged change has been done, and every one before it", () => {
  const topic = new Possibilities("none");
  topic.apply(to("first"));
  const second = topic.apply(to("second"));
  topic.apply(to("third"));
  topic.acknowledge(second);
  assert.deepEqual(topic.states, ["second", "third"]);
  topic.acknowledge(second);
  assert.deepEqual(topic.states, ["second", "third"]);
});

Deno.test("what was seen is all that is possible from then on", () => {
  const topic = new Possibilities("none");
  const first = topic.apply(to("first"));
  topic.apply(to("second"));
  assert.equal(topic.observe(is("first"), "first"), true);
  assert.deepEqual(topic.states, ["first"]);
  topic.acknowledge(first);
  assert.deepEqual(topic.states, ["first"]);
  topic.acknowledge(topic.apply(to("third")));
  assert.deepEqual(topic.states, ["third"]);
});

Deno.test("what cannot be is reported, and believed", () => {
  const topic = new Possibilities("none");
  topic.acknowledge(topic.apply(to("first")));
  assert.equal(topic.observe(is("none"), "none"), false);
  assert.deepEqual(topic.states, ["none"]);
});

Deno.test("a change starts from every state that is possible before it", () => {
  const counter = new Possibilities(0);
  counter.apply(() => 10);
  assert.equal(counter.observe(() => true, 0), true);
  counter.acknowledge(counter.apply((count) => count + 1));
  assert.deepEqual(counter.states, [1, 11]);
});

Deno.test("a change that was interrupted may be missing under the next one", () => {
  const words = new Possibilities("a");
  words.apply((state) => state + "b");
  words.interrupt();
  words.acknowledge(words.apply((state) => state + "c"));
  assert.deepEqual(words.states, ["ac", "abc"]);
});
