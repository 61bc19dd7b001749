/**
 * Why a command could not do its work on a store, and what helps.
 *
 * Owns the wording and the exit code. What is no trouble with files, and so a mistake of this
 * program, is thrown on, to be seen with its stack.
 */

import { messageOf } from "../../error_text.ts";
import type { StorePlace } from "./store_place.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";

/** What a command was about to do. */
export interface StoreTask {
  /** "Cannot back up 'a' to 'b'". */
  readonly cannot: string;
  /** What to do about a file that is damaged. */
  readonly ifDamaged: string;
}

const IF_DENIED = [
  "If it belongs to another user, as to that of the broker, try it with sudo. The file of a broker",
  "(no backup) on a read-only disk has to be copied to another disk first",
];

/** Reports the error and returns the exit code. */
export async function reportFailure(
  task: StoreTask,
  error: unknown,
  terminal: Terminal,
): Promise<number> {
  const { failureKind, StoreInUseError } = await import("../../storage/errors.ts");
  const text = messageOf(error);
  const report = (reason: string, ...advice: string[]): number => {
    writeLines([`${task.cannot}: ${reason}`, ...advice], terminal.err);
    return ExitCode.Failure;
  };
  if (error instanceof StoreInUseError) {
    report(
      `a broker uses '${error.path}'`,
      "Stop the broker first, as with 'sudo systemctl stop broker', and start it again afterwards",
    );
    return ExitCode.StoreInUse;
  }
  if (isMistake(error)) throw error;
  switch (failureKind(error)) {
    case "damaged":
      return report(text, task.ifDamaged);
    case "full":
      return report("the disk is full", "Nothing was changed. Make room, or use another disk");
    default:
      if (text.startsWith("Cannot ")) {
        writeLines([text], terminal.err);
        return ExitCode.Failure;
      }
      return isDenied(error, text) ? report(text, ...IF_DENIED) : report(text);
  }
}

/** SQLite says no more than that it cannot. */
function isDenied(error: unknown, text: string): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    /readonly database|unable to open database|not permitted/i.test(text);
}

/** Errors of files are plain ones, ours, or Deno's. */
function isMistake(error: unknown): boolean {
  return !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError ||
    error instanceof ReferenceError;
}

/** No data where a command looked for it. */
export function reportNoData(place: StorePlace, terminal: Terminal): number {
  const lines = [`Cannot find the broker's data: there is no file '${place.path}'`];
  if (!place.isUsed) {
    lines.push("With 'durability: off', as in this configuration, the broker writes none");
  } else if (!place.isNamed) {
    lines.push(
      "Name the configuration of the broker (--config broker.yaml) or the file itself",
      "(--db /var/lib/broker/broker.db). A path in the configuration that is relative starts from",
      "the folder that the broker is started in, or from $STATE_DIRECTORY if systemd starts it",
    );
  }
  writeLines(lines, terminal.err);
  return ExitCode.Failure;
}
