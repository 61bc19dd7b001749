/**
 * Where the data is that a command works on.
 *
 * Owns the order: the file that was named, the configuration's, the default one. Opens nothing but
 * the configuration.
 */

import { defaultSettings } from "../../config/read.ts";
import type { Settings } from "../../config/settings.ts";
import { storePath } from "../../config/store_path.ts";
import { type Terminal, writeLines } from "../terminal.ts";

/** How the data was named on the command line; at most one of the two. */
export interface StoreFlags {
  readonly config?: string | undefined;
  readonly db?: string | undefined;
}

export interface StorePlace {
  readonly path: string;
  /** The file was named itself, and not found by the rules of the configuration. */
  readonly isNamed: boolean;
  /** False: by its configuration (`durability: off`) the broker neither reads nor writes it. */
  readonly isUsed: boolean;
}

/** Finds the place; undefined when the configuration is wrong, which has been reported then. */
export async function findStore(
  { config, db }: StoreFlags,
  terminal: Terminal,
): Promise<StorePlace | undefined> {
  if (db !== undefined) return { path: db, isNamed: true, isUsed: true };
  if (config === undefined) return placeIn(defaultSettings());
  const { loadSettings } = await import("../../config/load.ts");
  const loaded = await loadSettings(config);
  if (loaded.ok) return placeIn(loaded.settings);
  terminal.err(loaded.report);
  return undefined;
}

function placeIn({ persistence }: Settings): StorePlace {
  const isUsed = persistence.durability !== "off";
  return { path: storePath(persistence), isNamed: false, isUsed };
}

/** Tells that the broker of this configuration keeps no data, and `consequence`. */
export function warnOfUnused(place: StorePlace, consequence: string, terminal: Terminal): void {
  if (place.isUsed) return;
  const line =
    `Note: with 'durability: off' the broker neither reads nor writes data: ${consequence}`;
  writeLines([line], terminal.err);
}
