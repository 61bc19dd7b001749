/**
 * Settings together with where they stand, and where they come from again.
 *
 * Owns the types that the start and a reload share.
 */

import type { LoadedSettings } from "./load.ts";
import type { Settings } from "./settings.ts";

export interface Configuration {
  readonly settings: Settings;
  /** Undefined for the defaults, which stand in no file. */
  readonly places: Pick<LoadedSettings, "file" | "lineOf"> | undefined;
}

/** A configuration, or a report for people on everything that is wrong with it. */
export type ReadConfiguration =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly report: string };
