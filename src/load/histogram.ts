/**
 * Durations in a histogram whose buckets grow with the value, as HdrHistogram does it.
 *
 * Owns the counters. A value below 256 us has a bucket of its own, every power of two above has 128:
 * a quantile is too high by 0.8 % at most. `max` is exact. Takes 26 KB, however many values there are.
 */

/** Each power of two has this many buckets, 2 ** 7. */
const SUB_BUCKETS = 128;
const SUB_BITS = 7;
/** Values below this are their own index. */
const LINEAR = 2 * SUB_BUCKETS;
const LARGEST = 2 ** 32 - 1;
const BUCKETS = LINEAR + (32 - SUB_BITS - 1) * SUB_BUCKETS;

/** What goes from thread to thread. */
export interface HistogramData {
  readonly counts: Float64Array<ArrayBuffer>;
  readonly count: number;
  readonly sum: number;
  readonly max: number;
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Values so far. */
  get count(): number {
    return this.#count;
  }

  /** The largest value, exact; 0 without values. */
  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  /** Takes a duration in microseconds; what is below 0 counts as 0, over 71 minutes as 71 minutes. */
  record(us: number): void {
    const value = us <= 0 ? 0 : us >= LARGEST ? LARGEST : us >>> 0;
    const index = bucketOf(value);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /** Adds what another thread has counted. */
  add(data: HistogramData): void {
    data.counts.forEach((count, index) => {
      this.#counts[index] = (this.#counts[index] as number) + count;
    });
    this.#count += data.count;
    this.#sum += data.sum;
    this.#max = Math.max(this.#max, data.max);
  }

  data(): HistogramData {
    return { counts: this.#counts.slice(), count: this.#count, sum: this.#sum, max: this.#max };
  }

  /** The value that the share `q` (0 to 1) of all values does not exceed; 0 without values. */
  quantile(q: number): number {
    let rest = Math.max(1, Math.ceil(q * this.#count));
    for (let index = 0; index < BUCKETS; index++) {
      rest -= this.#counts[index] as number;
      if (rest <= 0) return Math.min(highestOf(index), this.#max);
    }
    return this.#max;
  }
}

function bucketOf(value: number): number {
  if (value < LINEAR) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return LINEAR + (shift - 1) * SUB_BUCKETS + (value >>> shift) - SUB_BUCKETS;
}

/** The largest value that falls into the bucket. */
function highestOf(index: number): number {
  if (index < LINEAR) return index;
  const shift = Math.floor((index - LINEAR) / SUB_BUCKETS) + 1;
  const within = (index - LINEAR) % SUB_BUCKETS + SUB_BUCKETS;
  return (within + 1) * 2 ** shift - 1;
}
