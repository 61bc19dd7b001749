import assert from "node:assert/strict";
import { KeepAlive } from "../../src/client/keep_alive.ts";

Deno.test("KeepAlive.check() asks for PINGREQ after silence in either direction [MQTT-3.1.2-20]", () => {
  const keepAlive = new KeepAlive(10, 1000);
  assert.equal(keepAlive.nextCheckMs, 11_000);
  keepAlive.sent(5000);
  assert.deepEqual([keepAlive.nextCheckMs, keepAlive.check(10_999)], [11_000, "wait"]);
  keepAlive.received(6000);
  assert.deepEqual([keepAlive.nextCheckMs, keepAlive.check(14_999)], [15_000, "wait"]);
  assert.equal(keepAlive.check(15_000), "ping");
});

Deno.test("KeepAlive.check() gives the server up when PINGRESP does not come", () => {
  const keepAlive = new KeepAlive(10, 0);
  assert.equal(keepAlive.check(10_000), "ping");
  keepAlive.sent(10_000);
  keepAlive.received(12_000);
  assert.deepEqual([keepAlive.check(19_999), keepAlive.check(20_000)], ["wait", "dead"]);
});

Deno.test("KeepAlive.check() goes on after PINGRESP", () => {
  const keepAlive = new KeepAlive(10, 0);
  assert.equal(keepAlive.check(10_000), "ping");
  keepAlive.sent(10_000);
  keepAlive.received(10_001);
  keepAlive.answered();
  assert.deepEqual([keepAlive.nextCheckMs, keepAlive.check(20_000)], [20_000, "ping"]);
});

Deno.test("KeepAlive of 0 seconds never asks", () => {
  const keepAlive = new KeepAlive(0, 0);
  assert.deepEqual([keepAlive.nextCheckMs, keepAlive.check(1e12)], [Infinity, "wait"]);
});
