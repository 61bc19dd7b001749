import assert from "node:assert/strict";
import { RateByAddress, TokenBucket } from "../../src/net/rate_limit.ts";

Deno.test("TokenBucket.take() allows the rate, with a burst of one second", () => {
  const bucket = new TokenBucket(5, 0);
  const taken = (nowMs: number) => Array.from({ length: 10 }, () => bucket.take(nowMs));
  assert.equal(taken(0).filter(Boolean).length, 5);
  assert.equal(taken(399).filter(Boolean).length, 1);
  assert.equal(taken(60_000).filter(Boolean).length, 5);
});

Deno.test("TokenBucket.spend() says how long to wait, so that the rate is kept in the long run", () => {
  const bucket = new TokenBucket(10, 0);
  let nowMs = 0;
  let spent = 0;
  while (nowMs < 60_000) {
    nowMs += bucket.spend(nowMs);
    spent++;
  }
  assert(spent >= 600 && spent <= 612, `${spent} in a minute`);
});

Deno.test("TokenBucket.spend() lets a fast client wait seldom, not for every message", () => {
  const bucket = new TokenBucket(10_000, 0);
  let nowMs = 0;
  let waits = 0;
  for (let spent = 0; spent < 20_000; spent++) {
    const waitMs = bucket.spend(nowMs);
    if (waitMs > 0) waits++;
    nowMs += waitMs;
  }
  assert(waits <= 25, `${waits} waits`);
  assert(nowMs >= 950 && nowMs <= 1050, `${nowMs} ms`);
});

Deno.test("TokenBucket.isEmpty() looks and takes nothing", () => {
  const bucket = new TokenBucket(1, 0);
  assert.deepEqual([bucket.isEmpty(0), bucket.isEmpty(0)], [false, false]);
  bucket.take(0);
  assert.deepEqual([bucket.isEmpty(999), bucket.isEmpty(1000)], [true, false]);
});

Deno.test("RateByAddress.find() makes no bucket", () => {
  const rates = new RateByAddress(1);
  assert.equal(rates.find("192.0.2.1"), undefined);
  const bucket = rates.bucketOf("192.0.2.1", 0);
  assert.deepEqual([rates.find("192.0.2.1"), rates.find("192.0.2.2")], [bucket, undefined]);
  assert.equal(rates.size, 1);
});

Deno.test("RateByAddress keeps addresses apart, and a /64 together, in a bounded table", () => {
  const rates = new RateByAddress(1, 3);
  assert.notEqual(rates.bucketOf("192.0.2.1", 0), rates.bucketOf("192.0.2.2", 0));
  assert.equal(rates.bucketOf("2001:db8::1", 0), rates.bucketOf("2001:db8::2", 0));
  for (let host = 0; host < 100; host++) rates.bucketOf(`192.0.2.${host}`, 0);
  assert.equal(rates.size, 3);
});
