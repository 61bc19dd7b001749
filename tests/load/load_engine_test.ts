import assert from "node:assert/strict";
import { nowUs } from "../../src/load/clock.ts";
import { Counter, Counters } from "../../src/load/counters.ts";
import { LoadEngine } from "../../src/load/load_engine.ts";
import type { LoadSettings } from "../../src/load/load_settings.ts";
import { fanOut } from "../../src/load/load_shape.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { loadSettings, phaseOf, type Place, retainedTopics } from "./fixture.ts";

const MESSAGES = 500;

/** Resolves when so many messages have come and been acknowledged. */
async function settled(counters: Counters, received: number, completed: number): Promise<void> {
  while (
    counters.total(Counter.Received) < received || counters.total(Counter.Completed) < completed
  ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Sends so many messages and waits until all have come; what the engine has seen. */
async function load(place: Place, more: Partial<LoadSettings>) {
  const settings = loadSettings(place, more);
  const counters = Counters.create(1);
  const engine = new LoadEngine(settings, counters, 0, 1);
  try {
    await engine.connect();
    await engine.begin(phaseOf(MESSAGES, nowUs()));
    await engine.publish();
    const received = MESSAGES * fanOut(settings.shape);
    await settled(counters, received, settings.qos === 0 ? 0 : MESSAGES);
    const { latency, duplicated, outOfOrder, unsent, endings } = await engine.figures();
    const counted = [Counter.Sent, Counter.Received, Counter.Completed, Counter.Refused]
      .map((counter) => counters.total(counter));
    return { counted, timed: latency.count, duplicated, outOfOrder, unsent, endings };
  } finally {
    await engine.close();
  }
}

const PERFECT = { duplicated: 0, outOfOrder: 0, unsent: 0, endings: [] };

Deno.test("every message is sent once and received once, in every version and QoS", async () => {
  await using broker = await startTestBroker();
  for (const version of [3, 4, 5] as const) {
    for (const qos of [0, 1, 2] as const) {
      const { connect } = loadSettings(broker);
      const seen = await load(broker, { connect: { ...connect, version }, qos });
      const completed = qos === 0 ? 0 : MESSAGES;
      assert.deepEqual(seen, {
        counted: [MESSAGES, MESSAGES, completed, 0],
        timed: MESSAGES,
        ...PERFECT,
      });
    }
  }
});

Deno.test("every shape reaches the subscribers that it says", async () => {
  await using broker = await startTestBroker();
  const shapes = [
    { kind: "all", publishers: 3, subscribers: 4, topics: 3, times: 4 },
    { kind: "all", publishers: 4, subscribers: 2, topics: 9, times: 2 },
    { kind: "all", publishers: 2, subscribers: 0, topics: 2, times: 0 },
    { kind: "pairs", publishers: 5, subscribers: 5, topics: 5, times: 1 },
    { kind: "pairs", publishers: 2, subscribers: 6, topics: 3, times: 2 },
    { kind: "pairs", publishers: 2, subscribers: 3, topics: 40, times: 1 },
  ] as const;
  for (const { times, ...shape } of shapes) {
    const { counted, timed, ...rest } = await load(broker, { shape });
    assert.deepEqual(counted, [MESSAGES, MESSAGES * times, 0, 0], JSON.stringify(shape));
    assert.equal(timed, MESSAGES * times);
    assert.deepEqual(rest, PERFECT);
  }
});

Deno.test("a rate is kept, and payloads have the size that was asked for", async () => {
  await using broker = await startTestBroker();
  const shape = { kind: "all", publishers: 3, subscribers: 1, topics: 3 } as const;
  const { counted, unsent } = await load(broker, { shape, rate: 5000, size: 10_000 });
  assert.deepEqual([counted, unsent], [[MESSAGES, MESSAGES, 0, 0], 0]);
});

Deno.test("a new phase counts nothing of the one before", async () => {
  await using broker = await startTestBroker();
  const counters = Counters.create(1);
  const engine = new LoadEngine(loadSettings(broker), counters, 0, 1);
  await engine.connect();
  for (const tag of [1, 2]) {
    await engine.begin({ ...phaseOf(10, nowUs()), tag });
    await engine.publish();
    await settled(counters, 10, 0);
    assert.equal(counters.total(Counter.Sent), 10);
    assert.equal((await engine.figures()).latency.count, 10);
  }
  await engine.close();
});

Deno.test("stop() ends a phase that has no end of its own", async () => {
  await using broker = await startTestBroker();
  for (const rate of [0, 1000]) {
    const counters = Counters.create(1);
    const engine = new LoadEngine(loadSettings(broker, { rate }), counters, 0, 1);
    await engine.connect();
    await engine.begin(phaseOf(Infinity, nowUs()));
    const publishing = engine.publish();
    await settled(counters, 1, 0);
    engine.stop();
    await publishing;
    await engine.close();
    assert.ok(counters.total(Counter.Sent) > 0);
  }
});

Deno.test("a broker that grants less than was asked for is worth a note", async () => {
  await using broker = await startTestBroker({ listener: { maxQos: 1 } });
  const { connect } = loadSettings(broker);
  const settings = loadSettings(broker, { qos: 2, connect: { ...connect, version: 4 } });
  const engine = new LoadEngine(settings, Counters.create(1), 0, 1);
  const notes = await engine.connect();
  await engine.close();
  assert.deepEqual(notes, ["The broker granted QoS 1 where 2 was asked for."]);
});

Deno.test("what was retained is taken back in the end", async () => {
  await using broker = await startTestBroker();
  const shape = { kind: "pairs", publishers: 2, subscribers: 2, topics: 20 } as const;
  await load(broker, { shape, retain: true });
  assert.deepEqual(await retainedTopics(broker), []);
});
