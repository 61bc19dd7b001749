/**
 * Things that become due at a time: a binary heap, earliest first.
 *
 * A cancelled entry lets go of its value at once and leaves the heap later: when it is due, or when
 * more than half of the heap is cancelled. So the heap is at most about twice as large as what is
 * awaited, however often things are put off.
 */

/** Handed out for `cancel`; nothing else is to be done with it. */
export interface Deadline<Value> {
  readonly dueMs: number;
  /** Undefined once it is cancelled or taken. */
  value: Value | undefined;
}

/** A heap smaller than this is not tidied up. */
const SMALL_HEAP = 64;

export class Deadlines<Value> {
  #heap: Deadline<Value>[] = [];
  #cancelled = 0;

  /** Entries in the heap, those that are cancelled included. */
  get size(): number {
    return this.#heap.length;
  }

  add(dueMs: number, value: Value): Deadline<Value> {
    const deadline = { dueMs, value };
    this.#heap.push(deadline);
    this.#rise(this.#heap.length - 1);
    return deadline;
  }

  /** Nothing happens when it is undefined, cancelled or taken already. */
  cancel(deadline: Deadline<Value> | undefined): void {
    if (deadline?.value === undefined) return;
    deadline.value = undefined;
    this.#cancelled++;
    if (this.#heap.length >= SMALL_HEAP && this.#cancelled * 2 > this.#heap.length) this.#tidy();
  }

  /** Takes out the earliest entry that is due at `nowMs`; undefined when none is. */
  takeDue(nowMs: number): Value | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.dueMs > nowMs) return undefined;
      const last = this.#heap.pop() as Deadline<Value>;
      if (this.#heap.length > 0) {
        this.#heap[0] = last;
        this.#sink(0);
      }
      const { value } = first;
      if (value !== undefined) {
        first.value = undefined;
        return value;
      }
      this.#cancelled--;
    }
  }

  #tidy(): void {
    this.#heap = this.#heap.filter(({ value }) => value !== undefined);
    this.#cancelled = 0;
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Deadline<Value>;
    let at = from;
    while (at > 0) {
      const parent = at - 1 >> 1;
      const above = heap[parent] as Deadline<Value>;
      if (above.dueMs <= entry.dueMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Deadline<Value>;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && right.dueMs < left.dueMs) child++;
      const smaller = heap[child] as Deadline<Value>;
      if (smaller.dueMs >= entry.dueMs) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = entry;
  }
}
