import assert from "node:assert/strict";
import { bench, type BenchTerminal } from "../../src/cli/bench.ts";
import type { BenchFlags } from "../../src/cli/bench_request.ts";
import { startTestBroker, type TestBroker } from "../support/test_broker.ts";

/** A terminal that keeps what is written, and whose Ctrl-C the test can type. */
function terminalOf() {
  const written = { out: "", err: "" };
  let interrupt: (() => void) | undefined;
  const terminal: BenchTerminal = {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    isTerminal: false,
    hasColor: false,
    columns: () => 80,
    onInterrupt(listener) {
      interrupt = listener;
      return () => void (interrupt = undefined);
    },
  };
  return { terminal, written, interrupt: () => interrupt?.(), isReleased: () => !interrupt };
}

function flagsOf({ hostname, port }: TestBroker, more: BenchFlags = {}): BenchFlags {
  return { host: hostname, port, warmupMs: 0, count: 50, ...more };
}

Deno.test("bench prints a table and who was at the limit", async () => {
  await using broker = await startTestBroker();
  const { terminal, written, isReleased } = terminalOf();
  const flags = flagsOf(broker, { pubs: 2, subs: 3 });
  assert.equal(await bench(undefined, flags, terminal), 0);
  assert.match(written.out, new RegExp(`^127\\.0\\.0\\.1:${broker.port}.*, MQTT 5, generator on `));
  assert.match(written.out, /\|\s+\| +2 to 3 \|\n\| -+ \| -+: \|\n\| QoS/);
  assert.match(written.out, /\n\| lost +\| +0 \|\n/);
  assert.match(written.out, /\n- [A-Z][^\n]*\.\n$/);
  assert.equal(written.err, "");
  assert.equal(isReleased(), true);
});

Deno.test("--json is one value with everything", async () => {
  await using broker = await startTestBroker();
  const { terminal, written } = terminalOf();
  const flags = flagsOf(broker, { json: true, pw: "secret", username: "u", qos: 1 });
  assert.equal(await bench("one-to-one", flags, terminal), 0);
  const { broker: told, loads: [load, ...others] } = JSON.parse(written.out);
  assert.deepEqual([told.place, told.protocolVersion], [`127.0.0.1:${broker.port}`, "5"]);
  assert.deepEqual(others, []);
  assert.deepEqual([load.load.name, load.load.messages, load.load.qos], ["one-to-one", 50, 1]);
  const { sent, completed, received, lost } = load.outcome.figures;
  assert.deepEqual([sent, completed, received, lost], [50, 50, 50, 0]);
  assert.ok("limit" in load.judgement);
  assert.ok(!written.out.includes("secret"));
});

Deno.test("clients that only connect have their table", async () => {
  await using broker = await startTestBroker();
  const { hostname: host, port } = broker;
  const { terminal, written } = terminalOf();
  const flags = { host, port, connections: 12, durationMs: 0 };
  assert.equal(await bench("reconnect", flags, terminal), 0);
  assert.match(written.out, /\| clients +\| +12 \| +12 \|/);
  assert.match(written.out, /- All 12 clients were back after /);
});

Deno.test("what goes wrong ends with 1, what is wrongly asked with 2", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const nobody = terminalOf();
  assert.equal(await bench("latency", { host: "127.0.0.1", port }, nobody.terminal), 1);
  assert.deepEqual(nobody.written, {
    out: "",
    err:
      `error: Cannot connect to 127.0.0.1:${port}: connection refused; is a broker running there?\n`,
  });
  const wrong = terminalOf();
  assert.equal(await bench(undefined, { size: 1 }, wrong.terminal), 2);
  assert.match(wrong.written.err, /^error: '--size' must be 16 bytes/);
  const file = terminalOf();
  assert.equal(await bench(undefined, { cafile: "/nowhere" }, file.terminal), 2);
  assert.match(file.written.err, /^error: Cannot read '\/nowhere'/);
});

Deno.test("the first Ctrl-C prints what was measured, and ends with 130", async () => {
  await using broker = await startTestBroker();
  const { terminal, written, interrupt } = terminalOf();
  const { count: _count, ...endless } = flagsOf(broker, { durationMs: 60_000 });
  const running = bench(undefined, endless, terminal);
  while (broker.server.broker.statistics.publishReceived < 1000) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  interrupt();
  assert.equal(await running, 130);
  assert.match(written.out, /\| one-to-one \|/);
  assert.match(written.out, /- Stopped early/);
  assert.ok(!written.out.includes("fan-out"));
});

Deno.test("Ctrl-C before anything was measured says so", async () => {
  await using broker = await startTestBroker();
  const { terminal, written, interrupt } = terminalOf();
  const flags = flagsOf(broker, { warmupMs: 60_000 });
  const running = bench("pairs", flags, terminal);
  while (broker.server.broker.statistics.publishReceived < 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  interrupt();
  assert.equal(await running, 130);
  assert.deepEqual(written, { out: "", err: "Stopped before anything was measured\n" });
});
