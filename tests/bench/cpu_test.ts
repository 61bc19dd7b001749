import assert from "node:assert/strict";
import { type Medians, ratio, type ShapeResult, verdict } from "./cpu.ts";
import { type Shape, SHAPES } from "./shapes.ts";

const shape: Shape = { name: "s", args: [], limit: 0.1, aim: 0.05, mustBeComplete: true };

function medians(cpuUs: number, more: Partial<Medians> = {}): Medians {
  return { cpuUs, p50Us: 10, p99Us: 20, outPerS: 1, missing: 0, ...more };
}

function result(ours: Medians, more: Partial<ShapeResult> = {}): ShapeResult {
  return { shape, ours, theirs: medians(1), ...more };
}

Deno.test("verdict() tells aim, limit and what is over it", () => {
  assert.equal(verdict(result(medians(0.05))), "aim");
  assert.equal(verdict(result(medians(0.06))), "ok");
  assert.equal(verdict(result(medians(0.11))), "CPU");
  assert.equal(ratio(result(medians(0.11))), 0.11);
});

Deno.test("verdict() counts missing messages only where none may be missing", () => {
  const ours = medians(0.05, { missing: 1 });
  assert.equal(verdict(result(ours)), "MISSING");
  assert.equal(verdict(result(ours, { shape: { ...shape, mustBeComplete: false } })), "aim");
});

Deno.test("verdict() compares the latency of the shape that asks for it", () => {
  const timed = { shape: { ...shape, comparesLatency: true } };
  assert.equal(verdict(result(medians(0.05, { p99Us: 21 }), timed)), "LATENCY");
  assert.equal(verdict(result(medians(0.05, { p50Us: 11 }), timed)), "LATENCY");
  assert.equal(verdict(result(medians(0.05), timed)), "aim");
});

Deno.test("verdict() gives none without Mosquitto", () => {
  assert.equal(verdict(result(medians(0.05), { theirs: undefined })), "-");
});

Deno.test("every shape has a name of its own and aims below its limit", () => {
  assert.equal(new Set(SHAPES.map(({ name }) => name)).size, SHAPES.length);
  assert.deepEqual(SHAPES.filter(({ aim, limit }) => aim >= limit), []);
});
