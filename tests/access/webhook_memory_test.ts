import assert from "node:assert/strict";
import type { Proven } from "../../src/access/login_method.ts";
import { type MemoryOptions, WebhookMemory } from "../../src/access/webhook_memory.ts";

const ANN: Proven = { kind: "proven", username: "ann", groups: ["home"] };

function newMemory(options: Partial<MemoryOptions> = {}) {
  const clock = { nowMs: 1000 };
  const memory = new WebhookMemory({ rememberedMs: 100, now: () => clock.nowMs, ...options });
  return { memory, clock };
}

Deno.test("what was allowed is remembered for a while", () => {
  const { memory, clock } = newMemory();
  memory.remember("a", ANN);
  clock.nowMs += 99;
  assert.deepEqual(memory.get("a"), ANN);
  assert.equal(memory.get("b"), undefined);
  clock.nowMs += 1;
  assert.equal(memory.get("a"), undefined);
  assert.equal(memory.size, 0);
});

Deno.test("what holds for a shorter time is remembered for that, and tells what is left", () => {
  const { memory, clock } = newMemory();
  memory.remember("short", { ...ANN, validForMs: 50 });
  memory.remember("long", { ...ANN, validForMs: 5000 });
  clock.nowMs += 49;
  assert.deepEqual(memory.get("short"), { ...ANN, validForMs: 1 });
  assert.deepEqual(memory.get("long"), { ...ANN, validForMs: 4951 });
  clock.nowMs += 1;
  assert.equal(memory.get("short"), undefined);
});

Deno.test("no other answer is remembered, and nothing when nothing shall be", () => {
  const { memory } = newMemory();
  for (const kind of ["refused", "unknown", "unavailable"] as const) {
    memory.remember("a", { kind, cause: "" });
  }
  assert.equal(memory.size, 0);
  const without = newMemory({ rememberedMs: 0 }).memory;
  without.remember("a", ANN);
  assert.equal(without.get("a"), undefined);
});

Deno.test("the oldest is forgotten when there is no room, and those whose time is over", () => {
  const { memory, clock } = newMemory({ maximumRemembered: 2 });
  for (const mark of ["a", "b", "c"]) memory.remember(mark, ANN);
  assert.deepEqual(["a", "b", "c"].map((mark) => memory.get(mark) !== undefined), [
    false,
    true,
    true,
  ]);
  clock.nowMs += 100;
  memory.remember("d", ANN);
  assert.equal(memory.size, 1);
  memory.forget();
  assert.equal(memory.size, 0);
});
