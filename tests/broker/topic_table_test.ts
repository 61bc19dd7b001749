import assert from "node:assert/strict";
import { Route } from "../../src/broker/route.ts";
import { Topic, TopicTable } from "../../src/broker/topic_table.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { assertProtocolError } from "../protocol/vector.ts";
import { asBytes } from "../support/packet_text.ts";

const LIMITS = { maximumTopicLength: 20, maximumTopicLevels: 3 };
const SEED = 0x5eed;

const tableOf = (capacity = 1000) => new TopicTable(capacity, SEED, LIMITS);

/** Finds a name the way a PUBLISH does: in the middle of a buffer. */
function find(table: TopicTable, name: string): Topic {
  const bytes = asBytes(name);
  const buffer = new Uint8Array(bytes.length + 7).fill(0x41);
  buffer.set(bytes, 3);
  return table.find(buffer, 3, 3 + bytes.length);
}

Deno.test("find() gives the same topic for the same bytes, wherever they lie", () => {
  const table = tableOf();
  const topic = find(table, "home/\u00e9");
  assert.equal(topic.name, "home/\u00e9");
  assert.deepEqual([...topic.encodedName], [0, 7, ...asBytes("home/\u00e9")]);
  assert.equal(find(table, "home/\u00e9"), topic);
  assert.equal(table.findByName("home/\u00e9"), topic);
  for (const other of ["home/e", "home/", "home/\u00e9x", "Home/\u00e9"]) {
    assert.notEqual(find(table, other), topic);
  }
  assert.equal(table.size, 5);
});

Deno.test("find() refuses a new name that is not a valid Topic Name", () => {
  const table = tableOf();
  for (const name of ["", "a/+", "a#"]) assertProtocolError(() => find(table, name), 0x90);
  assertProtocolError(() => find(table, "a\0b"), 0x81);
  assertProtocolError(() => table.find(Uint8Array.of(0xc3, 0x28), 0, 2), 0x81);
  assert.equal(table.size, 0);
});

Deno.test("find() holds new names to the limits on length and levels", () => {
  const table = tableOf();
  assert.equal(find(table, "a".repeat(20)).name.length, 20);
  assert.equal(find(table, "a/b/").name, "a/b/");
  assert.equal(
    assertProtocolError(() => find(table, "\u00e9".repeat(11)), 0x90),
    "Cannot accept Topic Name: 22 bytes, the limit is 20",
  );
  assert.equal(
    assertProtocolError(() => find(table, "a/b//"), 0x90),
    "Cannot accept Topic Name: 4 levels, the limit is 3",
  );
  assert.equal(table.findByName("$SYS/broker/load/x").name, "$SYS/broker/load/x");
});

Deno.test("the table finds every one of ten thousand topics again", () => {
  const table = tableOf(20_000);
  const names = Array.from({ length: 10_000 }, (_, index) => `n/${index}`);
  const topics = new Map(names.map((name) => [name, find(table, name)]));
  let same = 0;
  for (const name of names) {
    const again = find(table, name);
    assert.equal(again.name, name);
    if (again === topics.get(name)) same++;
  }
  assert.ok(table.size <= 10_000);
  // Crowded neighbourhoods may cost a topic its place, but only very few.
  assert.ok(same >= 9_990, `${10_000 - same} topics were lost`);
});

Deno.test("the table keeps to its capacity and keeps what is in use", () => {
  const table = tableOf(64);
  const busy = Array.from({ length: 8 }, (_, index) => `busy/${index}`);
  const topics = busy.map((name) => find(table, name));
  for (let index = 0; index < 2000; index++) {
    find(table, `once/${index}`);
    assert.ok(table.size <= 64, `${table.size} topics`);
    if (index === 40) { for (const topic of topics) topic.used = true; }
  }
  for (const name of busy) assert.equal(find(table, name).name, name);
});

Deno.test("a sweep forgets the route of every topic that it drops", () => {
  const table = tableOf(16);
  const route = new Route([], [], 0);
  const topics = Array.from({ length: 16 }, (_, index) => find(table, `t/${index}`));
  for (const topic of topics) topic.route = route;
  find(table, "one/more");
  const kept = topics.filter((topic) => topic.route === route);
  assert.ok(kept.length > 0 && kept.length < 16);
  assert.equal(table.size, kept.length + 1, "the others are not in the table any more");
  for (const topic of kept) assert.equal(find(table, topic.name), topic);
});

Deno.test("names that collide are told apart, and cost no more than a bounded search", () => {
  const names = collidingNames(24);
  const table = tableOf();
  for (const name of names) assert.equal(find(table, name).name, name);
  for (const name of names) assert.equal(find(table, name).name, name);
  assert.ok(table.size < 24, "a crowded neighbourhood gave places up");
  const route = new Route([], [], 0);
  const topics = names.map((name) => {
    const topic = find(table, name);
    topic.route = route;
    return topic;
  });
  for (const topic of topics) {
    if (table.findByName(topic.name) !== topic) assert.equal(topic.route, undefined);
  }
});

/** Names whose hashes agree in the bits that pick the slot, found with the table's own function. */
function collidingNames(count: number): string[] {
  const names: string[] = [];
  for (let index = 0; names.length < count; index++) {
    const name = `c/${index}`;
    let hash = SEED;
    for (const byte of asBytes(name)) hash = Math.imul(hash ^ byte, 0x01000193);
    if (((hash ^ hash >>> 15) & 0xff) === 0) names.push(name);
  }
  return names;
}

Deno.test("dropRoute() forgets the route of exactly that topic, known or not", () => {
  const table = tableOf();
  const route = new Route([], [], 0);
  const [one, other] = [find(table, "a/b"), find(table, "a/c")];
  one.route = other.route = route;
  table.dropRoute("a/b");
  table.dropRoute("never/seen");
  assert.equal(one.route, undefined);
  assert.equal(other.route, route);
  assert.equal(table.size, 2);
});

Deno.test("writeName() writes the encoded name, whether that was made already or not", () => {
  const topic = new Topic("a/\u00e4");
  const first = new Writer();
  topic.writeName(first);
  const { encodedName } = topic;
  const second = new Writer();
  topic.writeName(second);
  assert.deepEqual([first.written().slice(), second.written().slice()], [encodedName, encodedName]);
});
