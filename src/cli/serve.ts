/**
 * `broker [serve options]`: reads the configuration, starts the log, starts the server.
 *
 * Owns what the options change in the settings. Does not own the server: `net/run.ts` does. The
 * YAML parser and the schema library are loaded only when a file is named, for their memory.
 */

import { defaultSettings } from "../config/read.ts";
import type { ServeOptions } from "../config/serve_options.ts";
import { ALL_ADDRESSES, type ListenerSettings, type Settings } from "../config/settings.ts";
import { configureLogging } from "../log/configure.ts";
import { getLogger } from "../log/logger.ts";
import { ExitCode, type Terminal } from "./terminal.ts";

export type { ServeOptions } from "../config/serve_options.ts";

/** Runs the server until it is told to stop; resolves with the exit code. */
export type StartServer = (settings: Settings, options: ServeOptions) => Promise<number>;

/** Starts the broker, and returns the exit code when it has stopped. */
export async function serve(
  options: ServeOptions,
  terminal: Terminal,
  startServer: StartServer = startNetworkServer,
): Promise<number> {
  const configured = await configuredSettings(options, terminal);
  if (configured === undefined) return ExitCode.Usage;
  const settings = withServeOptions(configured, options);
  const log = configureLogging(settings.logging);
  try {
    if (options.configFile === undefined) {
      getLogger("config").info("No configuration: built-in defaults; use --config FILE");
    } else {
      getLogger("config").info("Configuration read from '{file}'", { file: options.configFile });
    }
    return await startServer(settings, options);
  } catch (error) {
    getLogger("server").error("Cannot go on: {error}", { error });
    return ExitCode.Failure;
  } finally {
    log.close();
  }
}

/** The settings with what the command line changes in them. Frozen like those it is given. */
export function withServeOptions(settings: Settings, options: ServeOptions): Settings {
  const listeners = options.ports.length === 0
    ? settings.listeners
    : Object.freeze(options.ports.map(listenerOnPort));
  const logging = options.verbose
    ? withLevel(settings, "debug")
    : options.quiet
    ? withLevel(settings, "error")
    : settings.logging;
  return Object.freeze({ ...settings, listeners, logging });
}

async function configuredSettings(
  options: ServeOptions,
  terminal: Terminal,
): Promise<Settings | undefined> {
  if (options.configFile === undefined) return defaultSettings();
  const { loadSettings } = await import("../config/load.ts");
  const loaded = await loadSettings(options.configFile);
  if (loaded.ok) return loaded.settings;
  terminal.err(loaded.report);
  return undefined;
}

async function startNetworkServer(settings: Settings): Promise<number> {
  const { runServer } = await import("../net/run.ts");
  return await runServer(settings);
}

/** Listens on all addresses, and keeps what the defaults say otherwise. */
function listenerOnPort(port: number): ListenerSettings {
  const [listener] = defaultSettings().listeners;
  if (listener === undefined) throw new Error("Cannot make a listener: there is no default one");
  return Object.freeze({ ...listener, address: ALL_ADDRESSES, port });
}

/** The command line decides for all parts, whatever the file says of single ones. */
function withLevel(settings: Settings, level: "debug" | "error"): Settings["logging"] {
  const { levels } = defaultSettings().logging;
  return Object.freeze({ ...settings.logging, level, levels });
}
