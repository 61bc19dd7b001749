/**
 * The text of a failure that was caught, for a line that says what it means.
 */

/** What is thrown need not be an `Error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
