/**
 * `broker backup FILE`: copies the data of a running or stopped broker.
 *
 * Owns the rules for FILE and what is printed. Does not own the copying: `storage/offline.ts` does.
 */

import { dirname, join } from "node:path";
import { reportFailure, reportNoData } from "./store_failure.ts";
import { findStore, type StoreFlags, warnOfUnused } from "./store_place.ts";
import { roughSize } from "../quantity_text.ts";
import { describeCounts } from "./store_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";

export interface BackupOptions {
  /** Where the copy goes. */
  readonly file: string;
  readonly store: StoreFlags;
  /** A file that is there is replaced. */
  readonly force: boolean;
}

const IF_DAMAGED = "A broker that is started on it keeps the damaged file under another name and " +
  "goes on with what can be read. 'broker inspect' shows what that is";

/** Copies, and prints what was copied. */
export async function backup(
  { file, store, force }: BackupOptions,
  terminal: Terminal,
): Promise<number> {
  const place = await findStore(store, terminal);
  if (place === undefined) return ExitCode.Usage;
  const { path } = place;
  const task = { cannot: `Cannot back up '${path}' to '${file}'`, ifDamaged: IF_DAMAGED };
  const problem = await targetProblem(file, force);
  if (problem !== undefined) {
    writeLines([`${task.cannot}: ${problem}`], terminal.err);
    return ExitCode.Failure;
  }
  const { backupStore } = await import("../../storage/offline.ts");
  try {
    const counts = await backupStore(path, file);
    const { size } = await Deno.stat(file);
    writeLines(
      [`Copied ${describeCounts(counts)} from '${path}' to '${file}' (${roughSize(size)})`],
      terminal.out,
    );
    warnOfUnused(place, "what was copied is from before", terminal);
    return ExitCode.Ok;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return reportNoData(place, terminal);
    return await reportFailure(task, error, terminal);
  }
}

/** Why nothing may be written under this name. */
async function targetProblem(file: string, force: boolean): Promise<string | undefined> {
  const target = await kindOf(file);
  if (target === "folder") {
    return `it is a folder: name a file in it, as '${join(file, "broker-backup.db")}'`;
  }
  if (target === "file" && !force) return "the file exists already: --force replaces it";
  if (await kindOf(dirname(file)) !== "folder") {
    return `the folder '${dirname(file)}' does not exist`;
  }
  return undefined;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    return (await Deno.stat(path)).isDirectory ? "folder" : "file";
  } catch {
    // What else is wrong with it shows when it is written.
    return undefined;
  }
}
