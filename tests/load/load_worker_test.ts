import assert from "node:assert/strict";
import { nowUs } from "../../src/load/clock.ts";
import { Counter, Counters } from "../../src/load/counters.ts";
import { RemoteThread } from "../../src/load/remote_thread.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { loadSettings, phaseOf } from "./fixture.ts";

Deno.test("a worker does its part of a load, and counts in the shared memory", async () => {
  await using broker = await startTestBroker();
  const shape = { kind: "pairs", publishers: 4, subscribers: 4, topics: 4 } as const;
  const counters = Counters.create(2);
  // The other thread is not there, so only every second message is sent.
  const thread = new RemoteThread(loadSettings(broker, { shape, qos: 1 }), counters, 1, 2);
  assert.deepEqual(await thread.connect(), []);
  assert.equal(counters.total(Counter.Connected), 4);
  await thread.begin(phaseOf(100, nowUs()));
  await thread.publish();
  while (counters.total(Counter.Received) < 50) await new Promise((done) => setTimeout(done, 1));
  assert.equal(counters.total(Counter.Sent), 50);
  assert.equal((await thread.figures()).latency.count, 50);
  await thread.close();
});

Deno.test("what goes wrong in a worker is an error here", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const settings = loadSettings({ hostname: "127.0.0.1", port });
  const thread = new RemoteThread(settings, Counters.create(1), 0, 1);
  await assert.rejects(thread.connect(), /^LoadError: Cannot connect to 127\.0\.0\.1:/);
  await thread.close();
});
