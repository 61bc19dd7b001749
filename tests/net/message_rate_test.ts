import assert from "node:assert/strict";
import { MessageRate } from "../../src/net/message_rate.ts";
import { TokenBucket } from "../../src/net/rate_limit.ts";

Deno.test("MessageRate asks for the longer wait of the client's rate and its address's", () => {
  const slow = () => new TokenBucket(1, 0);
  const fast = () => new TokenBucket(10, 0);
  const first = (own?: TokenBucket, ofAddress?: TokenBucket) =>
    new MessageRate(own, ofAddress).count(0);
  assert.deepEqual(
    [first(slow(), fast()), first(fast(), slow()), first(fast()), first(undefined, slow())],
    [1000, 1000, 0, 1000],
  );
});

Deno.test("MessageRate counts the clients of one address together", () => {
  const ofAddress = new TokenBucket(10, 0);
  const [one, other] = [
    new MessageRate(undefined, ofAddress),
    new MessageRate(undefined, ofAddress),
  ];
  const waits = Array.from({ length: 5 }, () => [one.count(0), other.count(0)]).flat();
  assert.deepEqual(waits.map((wait) => wait > 0), [...new Array(9).fill(false), true]);
});
