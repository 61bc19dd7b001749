/**
 * Things that become due at a time: a binary heap, earliest first.
 *
 * An entry is never moved or removed early; whoever takes one out checks whether it still holds.
 */

interface Entry<Value> {
  readonly dueMs: number;
  readonly value: Value;
}

export class Deadlines<Value> {
  #heap: Entry<Value>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  add(dueMs: number, value: Value): void {
    const heap = this.#heap;
    let at = heap.length;
    const entry = { dueMs, value };
    heap.push(entry);
    while (at > 0) {
      const parent = at - 1 >> 1;
      const above = heap[parent] as Entry<Value>;
      if (above.dueMs <= dueMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes out the earliest entry that is due at `nowMs`; undefined when none is. */
  takeDue(nowMs: number): Value | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#heap.pop() as Entry<Value>;
    if (this.#heap.length > 0) this.#sink(last);
    return first.value;
  }

  /** Puts `entry` at the top and lets it sink to its place. */
  #sink(entry: Entry<Value>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && right.dueMs < left.dueMs) child++;
      const smaller = heap[child] as Entry<Value>;
      if (smaller.dueMs >= entry.dueMs) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = entry;
  }
}
