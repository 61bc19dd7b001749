/**
 * What a log line looks like: text for people, JSON for programs, and text with a priority for
 * the journal of systemd.
 *
 * Owns the layout. Does not write anything. Invariant: whatever a client put into its name or its
 * topic, one record is one line (an error's stack adds indented lines below it) without control
 * characters, so that nobody can forge a line.
 */

import type { LogRecord } from "@logtape/logtape";
import { escapeControls } from "../config/escape.ts";
import { isoLocal, isoUtc } from "./time.ts";

/** Turns a record into its line or lines, each with its line end. */
export type LineFormat = (record: LogRecord) => string;

/** How text lines are to look. */
export interface TextOptions {
  readonly timestamps: "iso" | "iso_utc" | "none";
  /** Whether to colour the level, for a terminal. */
  readonly colour: boolean;
}

const COLOURS: Readonly<Record<string, string>> = {
  error: "\x1b[31m",
  warning: "\x1b[33m",
  debug: "\x1b[2m",
};

/** The priorities of syslog, which the journal takes from the beginning of a line. */
const PRIORITIES: Readonly<Record<string, number>> = { error: 3, warning: 4, info: 6, debug: 7 };

/** The widest level and the widest part, so that messages stand below each other. */
const LEVEL_WIDTH = "warning".length;
const PART_WIDTH = "protocol".length;

/** "2026-11-23T08:00:00.123+01:00 info    server   Listening on port 1883". */
export function textFormat(options: TextOptions): LineFormat {
  return (record) => {
    const time = timeText(record.timestamp, options.timestamps);
    const level = coloured(record.level, record.level.padEnd(LEVEL_WIDTH), options.colour);
    const start = `${time}${level} ${partOf(record).padEnd(PART_WIDTH)} `;
    return `${start}${messageOf(record)}\n${
      stackLines(record).map((line) => `${line}\n`).join("")
    }`;
  };
}

/** "<6>server: Listening on port 1883"; the journal adds the time itself. */
export function journalFormat(record: LogRecord): string {
  const priority = `<${PRIORITIES[record.level] ?? 6}>`;
  const lines = [`${partOf(record)}: ${messageOf(record)}`, ...stackLines(record)];
  return lines.map((line) => `${priority}${line}\n`).join("");
}

/**
 * One JSON object a line: time, level, part, message, and the values by name under `properties`.
 */
export function jsonFormat(timestamps: TextOptions["timestamps"]): LineFormat {
  return (record) => {
    const properties = jsonProperties(record.properties);
    const line = JSON.stringify({
      ...(timestamps === "none" ? {} : { time: timeText(record.timestamp, timestamps).trimEnd() }),
      level: record.level,
      part: partOf(record),
      message: record.message.map(valueText).join(""),
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
    }, jsonValue);
    // JSON escapes the control characters up to U+001F itself; the others are written as it
    // writes those.
    return `${line.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu, jsonEscape)}\n`;
  };
}

/** The part of the broker that logs: the second name of the category. */
export function partOf(record: LogRecord): string {
  return record.category[1] ?? record.category[0] ?? "";
}

/** The message with its values filled in, safe to show. */
function messageOf(record: LogRecord): string {
  return escapeControls(record.message.map(valueText).join(""));
}

/**
 * LogTape puts the fixed text and the values of a message in turns; fixed text is a string like
 * any other.
 */
function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.message;
  if (typeof value === "object" && value !== null) return JSON.stringify(value, jsonValue);
  return String(value);
}

/**
 * The stack of an `error` among the values, each line indented so that it cannot be taken for a
 * record.
 */
function stackLines(record: LogRecord): string[] {
  const error = record.properties["error"];
  if (!(error instanceof Error) || error.stack === undefined) return [];
  return error.stack.split("\n").map((line) => `    ${escapeControls(line.trim())}`);
}

function timeText(ms: number, timestamps: TextOptions["timestamps"]): string {
  switch (timestamps) {
    case "iso":
      return `${isoLocal(ms)} `;
    case "iso_utc":
      return `${isoUtc(ms)} `;
    case "none":
      return "";
  }
}

function coloured(level: string, text: string, colour: boolean): string {
  const start = COLOURS[level];
  return colour && start !== undefined ? `${start}${text}\x1b[0m` : text;
}

/**
 * LogTape allows a function that makes the properties; by the time a line is written they are
 * values.
 */
function jsonProperties(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined),
  );
}

/** What JSON has no form for. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value instanceof Error) return value.stack ?? value.message;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value;
}

function jsonEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
