import assert from "node:assert/strict";
import { WallClock } from "../../../src/net/control/wall_clock.ts";

Deno.test("WallClock tells times of the broker's clock by the wall's", () => {
  const clock = new WallClock(5000, Date.parse("2026-11-23T08:00:00Z"));
  assert.equal(clock.iso(5000), "2026-11-23T08:00:00.000Z");
  assert.equal(clock.iso(-55_000), "2026-11-23T07:59:00.000Z");
  assert.equal(clock.iso(Infinity), null);
});
