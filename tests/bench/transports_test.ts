import assert from "node:assert/strict";
import type { Medians, ShapeResult } from "./cpu.ts";
import { SHAPES } from "./shapes.ts";
import { TRANSPORT_HEAD, transportRow } from "./transports.ts";

const [shape] = SHAPES;

function medians(cpuUs: number, missing = 0): Medians {
  return { cpuUs, p50Us: 1, p99Us: 1, outPerS: 1, missing };
}

function result(ours: Medians, theirs?: Medians): ShapeResult {
  assert.ok(shape !== undefined);
  return { shape, ours, theirs };
}

Deno.test("transportRow() turns microseconds a message into messages a second", () => {
  const row = transportRow("tls", result(medians(0.4), medians(4.0321)));
  assert.deepEqual(row, ["TLS", "2,500,000", "248,000", "10.1", "3", "ok", "0"]);
  assert.equal(row.length, TRANSPORT_HEAD.length);
});

Deno.test("transportRow() asks for three times Mosquitto's messages", () => {
  const resultOf = (ours: number) => transportRow("ws", result(medians(ours), medians(3)))[5];
  assert.equal(resultOf(1), "ok");
  assert.equal(resultOf(1.01), "CPU");
});

Deno.test("transportRow() says that messages are missing, and compares with nothing", () => {
  assert.deepEqual(
    transportRow("wss", result(medians(1, 5), medians(4))).slice(5),
    ["MISSING", "5"],
  );
  assert.deepEqual(
    transportRow("tcp", result(medians(1))),
    ["TCP", "1,000,000", "-", "-", "3", "-", "0"],
  );
});
