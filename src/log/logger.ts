/**
 * The loggers of the parts of the broker.
 *
 * Owns the level of each part as a number that is compared before anything else is done, so that
 * a line that is not wanted costs a comparison. Does not know where lines go: `configure.ts`
 * tells LogTape. Invariant: a part has one logger for the life of the process; changing the
 * levels changes that one.
 */

import { getLogger as getLogTapeLogger, type Logger as LogTapeLogger } from "@logtape/logtape";
import type { LoggingSettings, LogPart } from "../config/settings.ts";

/** How much is logged, from the least to the most. */
export type LogLevel = LoggingSettings["level"];

/** The name all categories begin with. */
export const LOG_ROOT = "broker";

/**
 * What a line says besides its text: values for `{name}` in it, and properties of the JSON line.
 */
export type LogValues = Readonly<Record<string, unknown>>;

const SILENT = -1;
const WEIGHT: Readonly<Record<LogLevel, number>> = { error: 0, warning: 1, info: 2, debug: 3 };
const LEVELS = Object.keys(WEIGHT) as LogLevel[];

/**
 * Writes the lines of one part. Messages are sentences without a final full stop, with `{name}`
 * for a value: `log.info("Client '{client}' connected from {address}", { client, address })`.
 * Values that came from a client go into `values`, never into the text. An `error` among the
 * values adds its stack.
 */
export class Logger {
  readonly part: LogPart;
  readonly #target: LogTapeLogger;
  #weight = SILENT;

  constructor(part: LogPart) {
    this.part = part;
    this.#target = getLogTapeLogger([LOG_ROOT, part]);
  }

  /** Whether a line of this level would be written. Ask before building expensive values. */
  isEnabled(level: LogLevel): boolean {
    return WEIGHT[level] <= this.#weight;
  }

  /**
   * Whether debug lines are written; for hot paths, where even the call with its values costs too
   * much.
   */
  get isDebugEnabled(): boolean {
    return this.#weight >= WEIGHT.debug;
  }

  /** Undefined: silent. */
  get level(): LogLevel | undefined {
    return LEVELS.find((level) => WEIGHT[level] === this.#weight);
  }

  /** Sets the level; undefined writes nothing. Only `configure.ts` and `levels.ts` call it. */
  setLevel(level: LogLevel | undefined): void {
    this.#weight = level === undefined ? SILENT : WEIGHT[level];
  }

  /** Something failed that somebody must look at. */
  error(message: string, values: LogValues = {}): void {
    if (this.#weight >= WEIGHT.error) this.#target.error(message, { ...values });
  }

  /** Something was refused or lost, or will fail if nothing is done. */
  warning(message: string, values: LogValues = {}): void {
    if (this.#weight >= WEIGHT.warning) this.#target.warning(message, { ...values });
  }

  /** What an operator wants to read later. */
  info(message: string, values: LogValues = {}): void {
    if (this.#weight >= WEIGHT.info) this.#target.info(message, { ...values });
  }

  /** What helps to understand one client or one message. */
  debug(message: string, values: LogValues = {}): void {
    if (this.#weight >= WEIGHT.debug) this.#target.debug(message, { ...values });
  }
}

const loggers = new Map<LogPart, Logger>();

/** The logger of a part. Writes nothing until `configureLogging` has been called. */
export function getLogger(part: LogPart): Logger {
  let logger = loggers.get(part);
  if (logger === undefined) {
    logger = new Logger(part);
    loggers.set(part, logger);
  }
  return logger;
}
