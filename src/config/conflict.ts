/**
 * What a contradiction between settings is.
 *
 * Owns the type, and the words that several kinds of contradiction share.
 */

import { type PathStep, pathText } from "./path.ts";

/** A contradiction, and the key it is shown at. */
export interface Conflict {
  readonly path: readonly PathStep[];
  readonly message: string;
  readonly hint?: string;
}

/** A setting that does nothing, or the wrong thing, because another one is missing. */
export function useless(path: readonly PathStep[], reason: string, hint?: string): Conflict {
  const message = `Cannot use '${pathText(path)}': ${reason}`;
  return { path, message, ...(hint === undefined ? {} : { hint }) };
}
