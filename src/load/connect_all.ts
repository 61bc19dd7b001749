/**
 * Does the same for many, some at a time: connecting a thousand clients at once would measure the
 * network's queue and not the broker.
 */

/**
 * Calls `action` for every index below `count`, at most `atOnce` at a time. After the first that
 * rejects, or an abort, no more are begun; rejects with the first failure when those that were begun
 * have ended.
 */
export async function forEachSome(
  count: number,
  atOnce: number,
  signal: AbortSignal | undefined,
  action: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < count && failure === undefined && !signal?.aborted) {
      try {
        await action(next++);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  if (failure !== undefined) throw failure.error;
}
