/**
 * `broker reload`: asks the running broker to read its configuration again, and prints what it says.
 *
 * Checks the configuration itself first, so that mistakes are shown where they were made.
 */

import { controlPath } from "../config/control_path.ts";
import { defaultSettings } from "../config/read.ts";
import { askBroker, NoBrokerError } from "../control/control_client.ts";
import { type ControlFlags, socketBeside } from "./control/control_options.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

export async function reload(
  { config, socket }: ControlFlags,
  terminal: Terminal,
): Promise<number> {
  let path = socket;
  if (config !== undefined) {
    const { loadSettings } = await import("../config/load.ts");
    const loaded = await loadSettings(config);
    if (!loaded.ok) {
      terminal.err(loaded.report);
      return ExitCode.Usage;
    }
    path ??= await socketBeside(loaded.settings.persistence, config);
  }
  path ??= controlPath(defaultSettings().persistence);
  try {
    const { ok, lines } = await askBroker(path, { command: "reload" });
    writeLines(lines, ok ? terminal.out : terminal.err);
    return ok ? ExitCode.Ok : ExitCode.Failure;
  } catch (error) {
    if (!(error instanceof NoBrokerError)) throw error;
    writeLines([error.message], terminal.err);
    return ExitCode.Failure;
  }
}
