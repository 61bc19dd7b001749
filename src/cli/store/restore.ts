/**
 * `broker restore FILE`: puts a backup in the place of the broker's data.
 *
 * Owns what is printed. Does not own the putting back: `storage/offline.ts` does, and sees to it
 * that no broker runs and nothing is lost.
 */

import { reportFailure } from "./store_failure.ts";
import { findStore, type StoreFlags, warnOfUnused } from "./store_place.ts";
import { describeCounts } from "./store_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";

export interface RestoreOptions {
  /** The backup. */
  readonly file: string;
  readonly store: StoreFlags;
}

/** Puts back, and prints what, and where that is now which was there before. */
export async function restore(
  { file, store }: RestoreOptions,
  terminal: Terminal,
): Promise<number> {
  const place = await findStore(store, terminal);
  if (place === undefined) return ExitCode.Usage;
  const { path } = place;
  const { restoreStore } = await import("../../storage/offline.ts");
  try {
    const { counts, setAsideAs, notGivenTo } = await restoreStore(file, path, Date.now());
    const lines = [`Put back ${describeCounts(counts)} from '${file}' to '${path}'`];
    if (setAsideAs !== undefined) lines.push(`What was there before is kept as '${setAsideAs}'`);
    writeLines(lines, terminal.out);
    if (notGivenTo !== undefined) {
      const { uid, gid } = notGivenTo;
      writeLines([
        `Note: '${path}' belongs to you now. If the broker runs as another user, give it to that ` +
        `one: sudo chown ${uid}:${gid} '${path}' '${path}.lock'`,
      ], terminal.err);
    }
    warnOfUnused(place, "set it to 'full' or 'relaxed' before you start it", terminal);
    return ExitCode.Ok;
  } catch (error) {
    return await reportFailure(
      {
        cannot: `Cannot restore '${file}' to '${path}'`,
        ifDamaged: "Nothing was changed. 'broker inspect FILE' shows what can be read of a file",
      },
      error,
      terminal,
    );
  }
}
