/**
 * From the `logging:` settings to lines that are written.
 *
 * Owns the choice of format for each destination and what happens when one fails. Invariant:
 * whatever is wrong with a destination, the process starts and goes on, and says so on stderr.
 */

import { configureSync, disposeSync, type LogRecord, resetSync } from "@logtape/logtape";
import { INHERIT } from "../config/rows_logging.ts";
import { type LoggingSettings, type LogPart, settingsTable } from "../config/settings.ts";
import { journalFormat, jsonFormat, type LineFormat, textFormat } from "./format.ts";
import { BatchedWriter, type ByteSink, type LineWriter, StreamWriter } from "./line_writer.ts";
import { getLogger, LOG_ROOT, type LogLevel } from "./logger.ts";
import { RotatingFile } from "./rotating_file.ts";

/** A stream of the process. */
export interface LogStream extends ByteSink {
  isTerminal(): boolean;
}

/** What logging takes from the process; tests pass their own. */
export interface LogEnvironment {
  readonly stderr: LogStream;
  readonly stdout: LogStream;
  readonly nowMs: () => number;
  /** NO_COLOR is set. */
  readonly noColour: boolean;
  /** stderr goes to the journal of systemd. */
  readonly journal: boolean;
}

/** The log that is running. */
export interface RunningLog {
  /** Writes what waits. Call it before the process ends. */
  flush(): void;
  /** Writes what waits, closes the files, and makes every logger silent. */
  close(): void;
}

/** Starts logging as configured; what was configured before ends. */
export function configureLogging(
  settings: LoggingSettings,
  environment: LogEnvironment = processEnvironment(),
): RunningLog {
  const destinations = openDestinations(settings, environment);
  const flush = () => destinations.forEach(({ writer }) => writer.flush());
  configureSync({
    reset: true,
    sinks: { lines: (record: LogRecord) => writeRecord(record, destinations, flush) },
    loggers: [
      { category: LOG_ROOT, sinks: ["lines"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "error" },
    ],
  });
  for (const part of LOG_PARTS) getLogger(part).setLevel(levelOf(settings, part));
  return {
    flush,
    close: () => {
      for (const part of LOG_PARTS) getLogger(part).setLevel(undefined);
      disposeSync();
      resetSync();
      for (const { writer } of destinations) writer.close();
    },
  };
}

/** The parts of the broker that log. */
export const LOG_PARTS = Object.keys(settingsTable.rows.logging.rows.levels.rows) as LogPart[];

/** The level of a part: its own, or the one for all. */
export function levelOf(settings: LoggingSettings, part: LogPart): LogLevel {
  const level = settings.levels[part];
  return level === INHERIT ? settings.level : level;
}

/** What the running process has. */
export function processEnvironment(): LogEnvironment {
  return {
    stderr: Deno.stderr,
    stdout: Deno.stdout,
    nowMs: Date.now,
    noColour: (environmentVariable("NO_COLOR") ?? "") !== "",
    journal: isJournal(environmentVariable("JOURNAL_STREAM"), Deno.stderr.isTerminal()),
  };
}

/**
 * Whether stderr is the journal. systemd sets JOURNAL_STREAM to the device and inode of the
 * stream; a terminal that was started from a desktop inherits the variable, so the numbers are
 * compared where that is possible.
 */
export function isJournal(
  journalStream: string | undefined,
  terminal: boolean,
  stat: () => { dev: number; ino: number | null } = () => Deno.statSync("/proc/self/fd/2"),
): boolean {
  if (journalStream === undefined || journalStream === "" || terminal) return false;
  try {
    const { dev, ino } = stat();
    return journalStream === `${dev}:${ino}`;
  } catch {
    return true;
  }
}

interface Destination {
  readonly format: LineFormat;
  readonly writer: LineWriter;
}

function writeRecord(
  record: LogRecord,
  destinations: readonly Destination[],
  flush: () => void,
): void {
  for (const { format, writer } of destinations) writer.write(format(record));
  // After an error the process may not get to the end of this turn.
  if (record.level === "error" || record.level === "fatal") flush();
}

function openDestinations(settings: LoggingSettings, environment: LogEnvironment): Destination[] {
  const stderr = new StreamWriter(environment.stderr);
  const onStderr = streamFormat(settings, environment, "stderr");
  const fileFormat = plainFormat(settings);
  const lastResort = settings.destinations.includes("stderr") ? undefined : stderr;
  return settings.destinations.map((destination) => {
    if (destination === "stderr") return stream(onStderr, stderr);
    if (destination === "stdout") {
      const format = streamFormat(settings, environment, "stdout");
      return stream(format, new StreamWriter(environment.stdout));
    }
    const file = new RotatingFile({
      path: destination.file ?? "",
      maxSizeBytes: destination.maxSizeBytes,
      keep: destination.keep,
      nowMs: environment.nowMs,
      report: (sentence) => stderr.put(onStderr(warningRecord(sentence, environment.nowMs()))),
    });
    file.open();
    return { format: fileFormat, writer: new FileWriter(file, lastResort) };
  });
}

function stream(format: LineFormat, writer: StreamWriter): Destination {
  return { format, writer: new BatchedWriter((chunk) => writer.put(chunk)) };
}

/** What a file cannot take goes to stderr, unless it is there anyway. */
class FileWriter extends BatchedWriter {
  readonly #file: RotatingFile;

  constructor(file: RotatingFile, lastResort: StreamWriter | undefined) {
    super((chunk) => {
      if (!file.put(chunk)) lastResort?.put(chunk);
    });
    this.#file = file;
  }

  override close(): void {
    super.close();
    this.#file.close();
  }
}

function streamFormat(
  settings: LoggingSettings,
  environment: LogEnvironment,
  name: "stderr" | "stdout",
): LineFormat {
  if (settings.format === "json") return jsonFormat(settings.timestamps);
  if (name === "stderr" && environment.journal) return journalFormat;
  const colour = environment[name].isTerminal() && !environment.noColour;
  return textFormat({ timestamps: settings.timestamps, colour });
}

function plainFormat(settings: LoggingSettings): LineFormat {
  return settings.format === "json"
    ? jsonFormat(settings.timestamps)
    : textFormat({ timestamps: settings.timestamps, colour: false });
}

function warningRecord(sentence: string, nowMs: number): LogRecord {
  return {
    category: [LOG_ROOT, "server"],
    level: "warning",
    message: [sentence],
    rawMessage: sentence,
    timestamp: nowMs,
    properties: {},
  };
}

/** Without the permission to read it, a variable counts as not set. */
function environmentVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}
