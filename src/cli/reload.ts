/**
 * `broker reload`: asks the running broker to read its configuration again, and prints what it says.
 *
 * Checks the configuration itself first, so that mistakes are shown where they were made.
 */

import { controlPath } from "../config/control_path.ts";
import { defaultSettings } from "../config/read.ts";
import { askBroker, NoBrokerError } from "../control/control_client.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

export interface ReloadRequest {
  readonly config: string | undefined;
  /** Undefined: beside the data that the configuration names. */
  readonly socket: string | undefined;
}

export async function reload(
  { config, socket }: ReloadRequest,
  terminal: Terminal,
): Promise<number> {
  let { persistence } = defaultSettings();
  if (config !== undefined) {
    const { loadSettings } = await import("../config/load.ts");
    const loaded = await loadSettings(config);
    if (!loaded.ok) {
      terminal.err(loaded.report);
      return ExitCode.Usage;
    }
    persistence = loaded.settings.persistence;
  }
  try {
    const path = socket ?? controlPath(persistence);
    const { ok, lines } = await askBroker(path, { command: "reload" });
    writeLines(lines, ok ? terminal.out : terminal.err);
    return ok ? ExitCode.Ok : ExitCode.Failure;
  } catch (error) {
    if (!(error instanceof NoBrokerError)) throw error;
    writeLines([error.message], terminal.err);
    return ExitCode.Failure;
  }
}
