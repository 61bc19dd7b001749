import assert from "node:assert/strict";
import { Counter, Counters } from "../../src/load/counters.ts";
import { FlowWindow } from "../../src/load/flow_window.ts";
import { Histogram } from "../../src/load/histogram.ts";
import { LoadClients, topicPrefix } from "../../src/load/load_clients.ts";
import type { LoadSettings } from "../../src/load/load_settings.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { loadSettings } from "./fixture.ts";

function clientsOf(settings: LoadSettings, thread: number, counters: Counters): LoadClients {
  return new LoadClients({
    settings,
    thread,
    threads: 3,
    batchPackets: 1,
    counters,
    flow: new FlowWindow({ counters, fanOut: 1, messages: 1 }),
    latency: new Histogram(),
    lateness: new Histogram(),
    onPublisherDone: () => {},
  });
}

Deno.test("the threads share publishers and subscribers among them", async () => {
  await using broker = await startTestBroker();
  const shape = { kind: "all", publishers: 7, subscribers: 4, topics: 7 } as const;
  const settings = loadSettings(broker, { shape });
  const counters = Counters.create(3);
  const found: unknown[] = [];
  for (const thread of [0, 1, 2]) {
    const clients = clientsOf(settings, thread, new Counters(counters.buffer, thread));
    await clients.connect(new AbortController().signal);
    found.push([clients.publishers.map(({ index }) => index), clients.subscribers.length]);
    await clients.close();
  }
  assert.deepEqual(found, [[[0, 3, 6], 2], [[1, 4], 1], [[2, 5], 1]]);
});

Deno.test("a connection that the broker ends is counted, with the reason", async () => {
  await using broker = await startTestBroker();
  const counters = Counters.create(1);
  const clients = clientsOf(loadSettings(broker), 0, counters);
  await clients.connect(new AbortController().signal);
  assert.deepEqual([counters.total(Counter.Connected), clients.endings], [2, []]);
  const usurper = clientsOf(loadSettings(broker), 0, Counters.create(1));
  await usurper.connect(new AbortController().signal);
  while (counters.total(Counter.Ended) < 2) await new Promise((done) => setTimeout(done, 1));
  assert.deepEqual(clients.endings.toSorted(), [
    "bench-t-p0: the broker disconnected it (0x8e Session taken over)",
    "bench-t-s0: the broker disconnected it (0x8e Session taken over)",
  ]);
  assert.deepEqual([counters.total(Counter.Connected), clients.publishers[0]?.publisher.isDone], [
    0,
    true,
  ]);
  await clients.close();
  await usurper.close();
});

Deno.test("topics of a run begin with a prefix of its own", () => {
  assert.equal(topicPrefix("1a2b3c"), "bench/1a2b3c");
});
