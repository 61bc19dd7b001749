/**
 * Whether files exist, and when they were written: the little that the storage asks of the file
 * system besides SQLite.
 */

/** When the file was written last, in Unix milliseconds; undefined when there is none. */
export function changeMs(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

export function exists(path: string): boolean {
  return changeMs(path) !== undefined;
}
