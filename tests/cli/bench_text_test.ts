import assert from "node:assert/strict";
import {
  connectRemarks,
  type ConnectRow,
  connectTable,
  duration,
  grouped,
  megabytes,
  messageRemarks,
  type MessageRow,
  messageTable,
} from "../../src/cli/bench_text.ts";
import { requestsOf } from "../../src/cli/bench_request.ts";
import type { BrokerUsage, Usage } from "../../src/load/usage_watch.ts";

Deno.test("durations have the unit that fits", () => {
  assert.deepEqual([0, 999, 1000, 9949, 9950, 99_400, 999_000, 1e6, 12.4e6].map(duration), [
    "0 us",
    "999 us",
    "1.0 ms",
    "9.9 ms",
    "10 ms",
    "99 ms",
    "999 ms",
    "1.0 s",
    "12 s",
  ]);
});

Deno.test("numbers are grouped, sizes are in MB", () => {
  assert.deepEqual([0, 999, 1000, 1_234_567.8].map(grouped), ["0", "999", "1,000", "1,234,568"]);
  assert.deepEqual([undefined, 1_500_000, 25e6].map(megabytes), ["-", "1.5 MB", "25 MB"]);
});

const QUANTILES = { p50: 1, p90: 2000, p99: 3_000_000, p999: 4, max: 5 };
const BROKER: BrokerUsage = {
  pid: 5,
  program: "broker",
  cpuSeconds: 0.003,
  processors: 0.5,
  rssBytes: 50e6,
  peakRssBytes: 60e6,
};
const USAGE: Usage = {
  broker: BROKER,
  brokerUnknown: undefined,
  generatorProcessors: 0.25,
  generatorCpuSeconds: 1,
  otherProcessors: 0,
  processors: 4,
};

function messageRow(preset: string, usage: Usage = USAGE): MessageRow {
  const [request] = requestsOf(preset, {});
  assert.ok(request?.kind === "messages");
  return {
    request,
    outcome: {
      figures: {
        sendSeconds: 1,
        deliverySeconds: 1,
        sent: 1000,
        sentPerSecond: 1000,
        completed: 0,
        refused: 0,
        unsent: 0,
        expected: 2000,
        received: 1999,
        receivedPerSecond: 1999,
        lost: 1,
        duplicated: 0,
        outOfOrder: 0,
        latencyUs: QUANTILES,
        latenessUs: QUANTILES,
        ended: 0,
        endings: [],
      },
      usage,
      notes: ["A note."],
      ownDelayUs: undefined,
      isStopped: false,
    },
    judgement: { limit: "broker", remarks: ["It was."] },
  };
}

Deno.test("the table has a column for each load and is Markdown", () => {
  assert.equal(
    messageTable([messageRow("fan-out"), messageRow("pairs")]),
    `|        | fan-out |  pairs |
| ------ | ------: | -----: |
| QoS    |       0 |      0 |
| bytes  |      64 |     64 |
| in/s   |   1,000 |  1,000 |
| out/s  |   1,999 |  1,999 |
| lost   |       1 |      1 |
| p50    |    1 us |   1 us |
| p90    |  2.0 ms | 2.0 ms |
| p99    |   3.0 s |  3.0 s |
| p99.9  |    4 us |   4 us |
| max    |    5 us |   5 us |
| CPU    |    0.50 |   0.50 |
| us/msg |     1.0 |    1.0 |
| RSS    |   50 MB |  50 MB |
| peak   |   60 MB |  60 MB |
| limit  |  broker | broker |`,
  );
});

Deno.test("what is not known is a dash, what is known as at most has a '<'", () => {
  const lines = (usage: Usage): string[] =>
    messageTable([messageRow("pairs", usage)]).split("\n").slice(12, 16)
      .map((line) => line.split("|")[2]?.trim() ?? "");
  assert.deepEqual(lines({ ...USAGE, broker: undefined }), ["-", "-", "-", "-"]);
  const rest = { ...BROKER, pid: undefined, rssBytes: undefined, peakRssBytes: undefined };
  assert.deepEqual(lines({ ...USAGE, broker: rest }), ["<0.50", "<1.0", "-", "-"]);
});

Deno.test("remarks name their load where there are several", () => {
  const row = messageRow("pairs");
  assert.deepEqual(messageRemarks([row]), ["It was.", "A note."]);
  assert.deepEqual(messageRemarks([row, row]).slice(2), ["pairs: It was.", "pairs: A note."]);
  const stopped = { ...row, outcome: { ...row.outcome, isStopped: true, ownDelayUs: 45 } };
  assert.deepEqual(messageRemarks([stopped]), [
    "Stopped early: these are the figures until then.",
    "It was.",
    "Of each latency the generator's own part is about 45 us (the median between two of its own " +
    "sockets).",
    "A note.",
  ]);
});

function connectRow(more: Partial<ConnectRow["outcome"]>): ConnectRow {
  const [request] = requestsOf("reconnect", {});
  assert.ok(request?.kind === "connections");
  const figures = {
    connected: 990,
    failed: 10,
    retries: 2,
    seconds: 0.5,
    perSecond: 1980,
    latencyUs: QUANTILES,
  };
  const outcome = {
    first: figures,
    storm: undefined,
    usage: USAGE,
    bytesPerClient: 8200,
    ended: 0,
    reasons: [],
    isStopped: false,
  };
  return { request, outcome: { ...outcome, ...more } };
}

Deno.test("clients that connect have a table of their own", () => {
  assert.equal(
    connectTable(connectRow({})),
    `1000 clients, 100 at once

|            | connect |
| ---------- | ------: |
| clients    |     990 |
| failed     |      10 |
| retries    |       2 |
| seconds    |    0.50 |
| per s      |   1,980 |
| p50        |    1 us |
| p90        |  2.0 ms |
| p99        |   3.0 s |
| max        |    5 us |
| CPU        |    0.50 |
| RSS        |   50 MB |
| per client |  8.2 kB |`,
  );
});

Deno.test("what went wrong with clients is said, and when all were back", () => {
  const storm = { ...connectRow({}).outcome.first, failed: 0, connected: 990, seconds: 2.5 };
  assert.deepEqual(connectRemarks(connectRow({ storm, ended: 3, reasons: ["full"] })), [
    "10 clients could not connect.",
    "The broker cut off 3 clients.",
    "Reasons: full.",
    "All 990 clients were back after 2.5 s.",
  ]);
});
