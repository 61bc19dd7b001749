/**
 * The levels of the log that is running, and how they are changed while it runs.
 *
 * Owns nothing: the levels are the loggers'. What is set here holds until the log is configured anew,
 * by a reload or the next start.
 */

import type { LogPart } from "../config/settings.ts";
import { LOG_PARTS } from "./configure.ts";
import { getLogger, type LogLevel } from "./logger.ts";

/** By part; undefined: silent. */
export function runningLevels(): Readonly<Record<LogPart, LogLevel | undefined>> {
  const entries = LOG_PARTS.map((part) => [part, getLogger(part).level]);
  return Object.fromEntries(entries) as Record<LogPart, LogLevel | undefined>;
}

/** `part` undefined: of all parts. */
export function setRunningLevel(level: LogLevel, part?: LogPart): void {
  for (const each of part === undefined ? LOG_PARTS : [part]) getLogger(each).setLevel(level);
}
