import assert from "node:assert/strict";
import {
  type BenchFlags,
  type LoadRequest,
  type MessageRequest,
  requestsOf,
} from "../../src/cli/bench_request.ts";
import { SERIES } from "../../src/cli/bench_presets.ts";

/** The only request that comes of it. */
function requestOf(preset: string | undefined, flags: BenchFlags): LoadRequest {
  const [request, ...others] = requestsOf(preset, flags);
  assert.deepEqual(others, []);
  assert.ok(request !== undefined);
  return request;
}

const FAN_OUT: MessageRequest = {
  kind: "messages",
  name: "fan-out",
  shape: { kind: "all", publishers: 1, subscribers: 100, topics: 1 },
  qos: 0,
  retain: false,
  size: 64,
  rate: 0,
  window: undefined,
  durationMs: 5000,
  messages: Infinity,
  warmupMs: 1000,
  threads: 1,
};

Deno.test("without anything a series is run, with what the options say for each", () => {
  assert.deepEqual(
    requestsOf(undefined, {}).map(({ name }) => name),
    SERIES.map(({ name }) => name),
  );
  for (const request of requestsOf(undefined, { qos: 2, size: 100, durationMs: 7 })) {
    assert.ok(request.kind === "messages");
    assert.deepEqual([request.qos, request.size, request.durationMs], [2, 100, 7]);
  }
});

Deno.test("a preset has its numbers, and the options come before them", () => {
  assert.deepEqual(requestOf("fan-out", {}), FAN_OUT);
  const changed = {
    subs: 7,
    qos: 1,
    rate: 50,
    count: 9,
    warmupMs: 0,
    window: 3,
    retain: true,
  } as const;
  assert.deepEqual(requestOf("fan-out", changed), {
    ...FAN_OUT,
    shape: { ...FAN_OUT.shape, subscribers: 7 },
    qos: 1,
    rate: 50,
    durationMs: undefined,
    messages: 9,
    warmupMs: 0,
    window: 3,
    retain: true,
  });
  assert.deepEqual(requestOf("fan-out", { count: 9, durationMs: 8 }), {
    ...FAN_OUT,
    durationMs: 8,
    messages: 9,
  });
});

Deno.test("publishers and subscribers make a load of their own", () => {
  const many = requestOf(undefined, { pubs: 3, subs: 2 });
  assert.deepEqual(many, {
    ...FAN_OUT,
    name: "3 to 2",
    shape: { kind: "all", publishers: 3, subscribers: 2, topics: 3 },
  });
  const pairs = requestOf(undefined, { pubs: 3, subs: 6, shape: "pairs" });
  assert.deepEqual(pairs, {
    ...FAN_OUT,
    name: "pairs",
    shape: { kind: "pairs", publishers: 3, subscribers: 6, topics: 6 },
  });
});

Deno.test("clients that only connect have their own options", () => {
  const connections = {
    kind: "connections",
    name: "connections",
    clients: 5,
    isStorm: false,
    atOnce: 100,
    holdMs: 2000,
  };
  assert.deepEqual(requestOf(undefined, { connections: 5 }), connections);
  assert.deepEqual(requestOf("reconnect", { connections: 5, atOnce: 2, durationMs: 0 }), {
    ...connections,
    name: "reconnect",
    isStorm: true,
    atOnce: 2,
    holdMs: 0,
  });
});

Deno.test("what does not go together is said", () => {
  const cases: [string | undefined, BenchFlags, RegExp][] = [
    ["nothing", {}, /there is no load 'nothing'/],
    ["fan-in", { connections: 3 }, /'--connections' does not go with 'fan-in'/],
    ["connections", { qos: 1 }, /'--qos' does not go with 'connections': no messages are sent/],
    ["reconnect", { warmupMs: 1 }, /'--warmup' does not go/],
    [undefined, { size: 15 }, /'--size' must be 16 bytes at least/],
    [undefined, { subs: 3, topics: 2, shape: "pairs" }, /3 subscribers cannot share 2 topics/],
    ["one-to-one", { threads: 3 }, /'--threads' must not be more/],
  ];
  for (const [preset, flags, message] of cases) {
    assert.throws(() => requestsOf(preset, flags), message);
  }
});
