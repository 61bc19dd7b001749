/**
 * Runs the broker with a configuration until a signal comes.
 *
 * Owns the life of the process while it serves: what is opened before what, what a signal does, and
 * the exit code. The first SIGINT or SIGTERM stops gracefully, the second ends at once; SIGHUP, like
 * `broker reload`, reads the configuration again.
 */

import { messageOf } from "../error_text.ts";
import type { Configuration, ReadConfiguration } from "../config/configuration.ts";
import { controlPath } from "../config/control_path.ts";
import { describeListeners, describePersistence, describeWarnings } from "../config/policy.ts";
import { ControlServer } from "../control/control_server.ts";
import { getLogger } from "../log/logger.ts";
import { StoreInUseError } from "../storage/store.ts";
import { VERSION } from "../version.ts";
import { AccessSetup, type PreparedAccess } from "./access_setup.ts";
import { CertificateRenewal } from "./certificate_renewal.ts";
import { createServer, nowMs } from "./create_server.ts";
import { ControlCommands } from "./control/control_commands.ts";
import { CannotServeError } from "./listener.ts";
import { openPersistence, type Persistence } from "./persistence.ts";
import { ProcessSignals } from "./process_signals.ts";
import { Reloader, type ReloadReport } from "./reload.ts";
import type { Server } from "./server.ts";

const EXIT_CANNOT_LISTEN = 1;
const EXIT_CONFIGURATION = 2;
const EXIT_STORE_IN_USE = 3;

export interface RunOptions {
  readonly configuration: Configuration;
  /** Reads it again, for a reload. */
  read(): Promise<ReadConfiguration>;
  /** Puts the logging of a new configuration to use. */
  applyLogging(configuration: Configuration): void;
}

type Log = ReturnType<typeof getLogger>;

/** Runs until it is told to stop; resolves with the exit code. */
export async function runServer(options: RunOptions): Promise<number> {
  const log = getLogger("server");
  const { settings } = options.configuration;
  log.info("broker {version} starts", { version: VERSION });
  for (const line of describeListeners(settings)) log.info("{policy}", { policy: line });
  log.info("{policy}", { policy: describePersistence(settings) });
  for (const warning of describeWarnings(settings)) log.warning("{warning}", { warning });
  const access = new AccessSetup();
  const signals = new ProcessSignals();
  try {
    const prepared = await prepare(access, options.configuration, log);
    if (prepared === undefined) return EXIT_CONFIGURATION;
    const persistence = await open(options.configuration, log);
    if (persistence === undefined) return EXIT_STORE_IN_USE;
    const server = createServer(settings, { persistence, access: prepared });
    const { configuration } = options;
    const reloader = new Reloader({ ...options, server, access, configuration, prepared });
    const exitCode = await serve(server, persistence, reloader, signals);
    reloader.close();
    return exitCode;
  } finally {
    access.close();
    signals.close();
  }
}

/** Without users and rules nobody could be let in, or everybody would be: it does not start. */
async function prepare(
  access: AccessSetup,
  configuration: Configuration,
  log: Log,
): Promise<PreparedAccess | undefined> {
  try {
    const prepared = await access.prepare(configuration);
    for (const warning of prepared.warnings) log.warning("{warning}", { warning });
    return prepared;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    log.error("{reason}", { reason: error.message });
    return undefined;
  }
}

async function open(
  { settings }: Configuration,
  log: Log,
): Promise<Persistence | undefined> {
  try {
    return await openPersistence(settings, nowMs);
  } catch (error) {
    if (!(error instanceof StoreInUseError)) throw error;
    log.error("{reason}. Stop it, or give this one another persistence.path", {
      reason: error.message,
    });
    return undefined;
  }
}

/** When it says that it listens, it can be asked to reload and to stop already. */
async function serve(
  server: Server,
  persistence: Persistence,
  reloader: Reloader,
  signals: ProcessSignals,
): Promise<number> {
  const log = getLogger("server");
  const started = Promise.withResolvers<void>();
  const reload = async () => {
    await started.promise;
    const report = await reloader.reload();
    logReload(report, log);
    return report;
  };
  const configuration = () => reloader.configuration;
  const commands = new ControlCommands({ server, persistence, configuration, reload });
  const control = await openControl(reloader.configuration, commands, log);
  persistence.attach(server);
  const listeners = server.listeners.all.length;
  const errors = await server.start();
  started.resolve();
  const isHopeless = errors.length === listeners && errors.every(isPermanent);
  if (isHopeless) {
    log.error("No listener can be opened, and waiting would not help: the broker ends");
  } else {
    const renewal = new CertificateRenewal(() => reloader.configuration.settings);
    signals.onReload(() => void reload());
    await signals.stopped;
    renewal.close();
  }
  control?.close();
  await reloader.idle();
  persistence.hurry();
  await server.stop();
  await persistence.close();
  log.info("broker stopped");
  return isHopeless ? EXIT_CANNOT_LISTEN : 0;
}

/** Nothing to wait for: somebody has to act. */
function isPermanent(error: Error): boolean {
  return error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied ||
    error instanceof CannotServeError;
}

function logReload({ ok, lines }: ReloadReport, log: Log): void {
  for (const line of lines.filter((line) => line.trim() !== "")) {
    if (ok) log.info("Configuration reloaded: {line}", { line });
    else log.error("{line}", { line });
  }
}

/**
 * A broker that cannot be asked serves all the same. The socket stays where it is until the end, also
 * when a reload names another place for the data, which holds from the next start on.
 */
async function openControl(
  { settings }: Configuration,
  commands: ControlCommands,
  log: Log,
): Promise<ControlServer | undefined> {
  try {
    return await ControlServer.open(
      controlPath(settings.persistence),
      (request, stream) => commands.answer(request, stream),
    );
  } catch (error) {
    const reason = messageOf(error);
    log.warning(
      "'broker status', 'broker reload' and the like will not reach this broker, SIGHUP will: " +
        "{reason}",
      { reason },
    );
    return undefined;
  }
}
