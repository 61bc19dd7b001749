/**
 * `broker [serve options]`: reads the configuration, starts the log, starts the server.
 *
 * Owns what the options change in the settings. Does not own the server: `net/run.ts` does. The
 * YAML parser and the schema library are loaded only when a file is named, for their memory.
 */

import type { Configuration, ReadConfiguration } from "../config/configuration.ts";
import { listenerOnPort } from "../config/derived.ts";
import { defaultSettings } from "../config/read.ts";
import type { ServeOptions } from "../config/serve_options.ts";
import type { Settings } from "../config/settings.ts";
import { configureLogging } from "../log/configure.ts";
import { getLogger } from "../log/logger.ts";
import type { RunOptions } from "../net/run.ts";
import { ExitCode, type Terminal } from "./terminal.ts";

export type { ServeOptions } from "../config/serve_options.ts";

/** Runs the server until it is told to stop; resolves with the exit code. */
export type StartServer = (options: RunOptions) => Promise<number>;

/** Starts the broker, and returns the exit code when it has stopped. */
export async function serve(
  options: ServeOptions,
  terminal: Terminal,
  startServer: StartServer = startNetworkServer,
): Promise<number> {
  const read = () => readConfiguration(options);
  const first = await read();
  if (!first.ok) {
    terminal.err(first.report);
    return ExitCode.Usage;
  }
  const { configuration } = first;
  let log = configureLogging(configuration.settings.logging);
  const applyLogging = ({ settings }: Configuration) => {
    log.close();
    log = configureLogging(settings.logging);
  };
  try {
    if (options.configFile === undefined) {
      getLogger("config").info("No configuration: built-in defaults; use --config FILE");
    } else {
      getLogger("config").info("Configuration read from '{file}'", { file: options.configFile });
    }
    return await startServer({ configuration, read, applyLogging });
  } catch (error) {
    getLogger("server").error("Cannot go on: {error}", { error });
    return ExitCode.Failure;
  } finally {
    log.close();
  }
}

async function readConfiguration(options: ServeOptions): Promise<ReadConfiguration> {
  if (options.configFile === undefined) {
    const settings = withServeOptions(defaultSettings(), options);
    return { ok: true, configuration: { settings, places: undefined } };
  }
  const { loadSettings } = await import("../config/load.ts");
  const loaded = await loadSettings(options.configFile);
  if (!loaded.ok) return { ok: false, report: loaded.report };
  const settings = withServeOptions(loaded.settings, options);
  return { ok: true, configuration: { settings, places: loaded } };
}

/** The settings with what the command line changes in them. Frozen like those it is given. */
export function withServeOptions(settings: Settings, options: ServeOptions): Settings {
  const listeners = options.ports.length === 0
    ? settings.listeners
    : listenersOn(options.ports, settings);
  const logging = options.verbose
    ? withLevel(settings, "debug")
    : options.quiet
    ? withLevel(settings, "error")
    : settings.logging;
  return Object.freeze({ ...settings, listeners, logging });
}

async function startNetworkServer(options: RunOptions): Promise<number> {
  const { runServer } = await import("../net/run.ts");
  return await runServer(options);
}

/** Listens on all addresses, and keeps what the defaults say otherwise. */
function listenersOn(ports: readonly number[], settings: Settings): Settings["listeners"] {
  const [template] = defaultSettings().listeners;
  if (template === undefined) throw new Error("Cannot make a listener: there is no default one");
  return Object.freeze(ports.map((port) => listenerOnPort(template, settings, port)));
}

/** The command line decides for all parts, whatever the file says of single ones. */
function withLevel(settings: Settings, level: "debug" | "error"): Settings["logging"] {
  const { levels } = defaultSettings().logging;
  return Object.freeze({ ...settings.logging, level, levels });
}
