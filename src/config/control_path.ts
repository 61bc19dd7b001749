/**
 * Where a running broker can be asked something by `broker reload` and the like.
 *
 * Owns the choice of the socket's path: beside the data, so that whoever names the configuration finds
 * the broker that uses it.
 */

import type { Settings } from "./settings.ts";
import { storePath } from "./store_path.ts";

/** The path of the control socket, absolute. */
export function controlPath(persistence: Settings["persistence"]): string {
  return `${storePath(persistence)}.control`;
}
