import assert from "node:assert/strict";
import { Histogram } from "../../src/load/histogram.ts";

/** What the histogram says of values, beside what sorting them says. */
function compare(
  values: readonly number[],
  q: number,
): { readonly got: number; readonly right: number } {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  const sorted = values.toSorted((a, b) => a - b);
  const right = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] as number;
  return { got: histogram.quantile(q), right };
}

Deno.test("a histogram without values says 0", () => {
  const histogram = new Histogram();
  assert.deepEqual([histogram.count, histogram.max, histogram.mean, histogram.quantile(0.5)], [
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("values below 256 us are exact, and so is the largest", () => {
  const values = Array.from({ length: 256 }, (_, index) => index);
  for (const q of [0, 0.1, 0.5, 0.9, 0.99, 1]) {
    const { got, right } = compare(values, q);
    assert.equal(got, right, String(q));
  }
  assert.equal(compare([1, 123_456_789], 1).got, 123_456_789);
});

Deno.test("a quantile is never too low, and too high by 0.8 % at most", () => {
  let seed = 1;
  const random = (): number => (seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0) / 2 ** 32;
  const values = Array.from({ length: 5000 }, () => Math.floor(Math.exp(random() * 22)));
  for (const q of [0.01, 0.25, 0.5, 0.9, 0.99, 0.999]) {
    const { got, right } = compare(values, q);
    assert.ok(got >= right && got <= right * 1.008, `${q}: ${got} for ${right}`);
  }
});

Deno.test("every power of two falls into a bucket that contains it", () => {
  for (let power = 0; power < 32; power++) {
    const value = 2 ** power;
    const histogram = new Histogram();
    histogram.record(value);
    histogram.record(2 ** 32 - 1);
    const got = histogram.quantile(0.5);
    assert.ok(got >= value && got <= value * 1.008, `${got} for ${value}`);
  }
});

Deno.test("what is below 0 counts as 0, what is over 71 minutes as 71 minutes", () => {
  const histogram = new Histogram();
  histogram.record(-5);
  histogram.record(1e12);
  assert.deepEqual([histogram.quantile(0.5), histogram.max], [0, 2 ** 32 - 1]);
});

Deno.test("histograms of two threads add up to that of one", () => {
  const parts = [new Histogram(), new Histogram()] as const;
  const whole = new Histogram();
  for (let value = 1; value < 100_000; value += 37) {
    parts[value % 2 === 0 ? 0 : 1].record(value);
    whole.record(value);
  }
  const together = new Histogram();
  for (const part of parts) together.add(part.data());
  assert.deepEqual(together.data(), whole.data());
  assert.equal(together.mean, whole.mean);
});

Deno.test("clear() forgets everything", () => {
  const histogram = new Histogram();
  histogram.record(1000);
  histogram.clear();
  assert.deepEqual(histogram.data(), new Histogram().data());
});
