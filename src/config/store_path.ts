/**
 * Where the broker's data is.
 *
 * Owns the choice of the folder that a relative path starts from.
 */

import { resolve } from "node:path";
import type { Settings } from "./settings.ts";

/**
 * The path of the store, absolute. `stateDirectory` is the value of `$STATE_DIRECTORY`: the folder
 * that systemd made for the service (`StateDirectory=`; the first, if it made several).
 */
export function storePath(
  { path }: Settings["persistence"],
  stateDirectory: string | undefined = Deno.env.get("STATE_DIRECTORY"),
): string {
  return resolve(stateDirectory?.split(":")[0] ?? "", path);
}
