import assert from "node:assert/strict";
import { type LoadOptions, LoadRun } from "../../src/load/load_run.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { loadSettings, type Place, UNKNOWN_PROCESS } from "./fixture.ts";

function options(place: Place, more: Partial<LoadOptions> = {}): LoadOptions {
  return {
    settings: loadSettings(place),
    threads: 1,
    warmupMs: 20,
    durationMs: undefined,
    messages: 300,
    process: UNKNOWN_PROCESS,
    ...more,
  };
}

Deno.test("the warm-up is not counted, and everything that was measured is", async () => {
  await using broker = await startTestBroker();
  const shape = { kind: "all", publishers: 2, subscribers: 3, topics: 2 } as const;
  const settings = loadSettings(broker, { shape, qos: 1 });
  const outcome = await new LoadRun(options(broker, { settings })).run();
  assert.ok(outcome !== undefined);
  const { figures, isStopped, notes, usage } = outcome;
  const { sent, completed, expected, received, lost, duplicated, outOfOrder } = figures;
  assert.deepEqual(
    { sent, completed, expected, received, lost, duplicated, outOfOrder, isStopped, notes },
    {
      sent: 300,
      completed: 300,
      expected: 900,
      received: 900,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
      isStopped: false,
      notes: [],
    },
  );
  assert.equal(figures.sentPerSecond, 300 / figures.sendSeconds);
  assert.deepEqual([usage.broker, usage.brokerUnknown], [undefined, "it is not looked at"]);
});

Deno.test("at a fixed rate the generator's own delay is told", async () => {
  await using broker = await startTestBroker();
  const settings = loadSettings(broker, { rate: 2000 });
  const outcome = await new LoadRun(options(broker, { settings, warmupMs: 0 })).run();
  assert.equal(outcome?.figures.received, 300);
  assert.ok((outcome?.ownDelayUs ?? 0) > 0);
});

Deno.test("threads together do the same load", async () => {
  await using broker = await startTestBroker();
  const shape = { kind: "all", publishers: 3, subscribers: 2, topics: 3 } as const;
  const settings = loadSettings(broker, { shape });
  const outcome = await new LoadRun(options(broker, { settings, threads: 2 })).run();
  const { sent, received, lost } = outcome?.figures ?? {};
  assert.deepEqual([sent, received, lost], [300, 600, 0]);
});

Deno.test("a stop gives the figures until then; before anything is measured, none", async () => {
  await using broker = await startTestBroker();
  const endless = { durationMs: 60_000, messages: Infinity };
  const run = new LoadRun(options(broker, { ...endless, warmupMs: 1 }));
  const running = run.run();
  while (run.progress.stage !== "measuring" || run.progress.received === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  run.stop();
  const outcome = await running;
  assert.equal(outcome?.isStopped, true);
  assert.ok((outcome?.figures.received ?? 0) > 0);
  const early = new LoadRun(options(broker, { ...endless, warmupMs: 60_000 }));
  const nothing = early.run();
  while (early.progress.stage !== "warming up") {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  early.stop();
  assert.equal(await nothing, undefined);
});

Deno.test("what the broker does not allow is an error that says so", async () => {
  await using broker = await startTestBroker({ listener: { maxQos: 0 } });
  const settings = loadSettings(broker, { qos: 1 });
  await assert.rejects(
    new LoadRun(options(broker, { settings })).run(),
    /^LoadError: Cannot use QoS 1: the broker allows QoS 0 at most$/,
  );
});
