/**
 * Full collections of V8's heap, made when there is time instead of when V8 needs room.
 *
 * Owns the call. It is there only with the V8 flag `--expose-gc`, and concerns the thread that calls.
 */

export type Collect = () => void;

/** Gives up all that can be given up; undefined without the flag. */
export function exposedCollect(): Collect | undefined {
  const { gc } = globalThis as { gc?: (options: Record<string, string>) => void };
  if (gc === undefined) return undefined;
  return () => gc({ type: "major", execution: "sync", flavor: "last-resort" });
}

/** Twice: the buffers that the first frees go back to the system with the second. */
export function collectTwice(): void {
  const pass = exposedCollect();
  pass?.();
  pass?.();
}
