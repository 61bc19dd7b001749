/**
 * What the commands of the same executable ask a running broker, over its control socket.
 *
 * Owns the form of the lines. A request is one line of JSON. The answer is any number of lines with
 * an item each, `{"item": {...}}`, and at the end one with how it went, `{"ok": ..., "lines": [...]}`;
 * then the connection ends. What is asked and what items look like is in `items.ts`. Whoever may open
 * the socket (its owner) may ask everything.
 */

import { LineReader } from "./line_reader.ts";

/**
 * Grows when requests or items change such that those of another number would be misread. `reload`
 * has none: it is understood by every version.
 */
export const CONTROL_PROTOCOL = 1;

export type ControlArguments = Readonly<Record<string, string | number | boolean>>;

export interface ControlRequest {
  readonly command: string;
  /** `CONTROL_PROTOCOL` of who asks; undefined: it is of no account. */
  readonly protocol?: number;
  readonly arguments?: ControlArguments;
}

export interface ControlReply {
  readonly ok: boolean;
  /** For people, one line each: what was done, or why nothing was. */
  readonly lines: readonly string[];
}

/** Data of an answer: an object of JSON. */
export type ControlItem = Readonly<Record<string, unknown>>;

/** A request that is longer is not for us. */
export const MAX_LINE_BYTES = 1024 * 1024;

export function encodeLine(
  value: ControlRequest | ControlReply | { readonly item: ControlItem },
): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(lineOf(value));
}

/** The same as text, its line end included. */
export function lineOf(
  value: ControlRequest | ControlReply | { readonly item: ControlItem },
): string {
  return `${JSON.stringify(value)}\n`;
}

/** Throws an `Error` that says what is wrong with the line. */
export function parseRequest(line: string): Required<ControlRequest> {
  const { command, protocol = CONTROL_PROTOCOL, arguments: given = {} } = parseObject(line);
  if (typeof command !== "string" || typeof protocol !== "number" || !isArguments(given)) {
    throw new Error("Cannot read the request: it is of another version, or not of this program");
  }
  return { command, protocol, arguments: given };
}

function isArguments(value: unknown): value is ControlArguments {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((each) => ["string", "number", "boolean"].includes(typeof each));
}

/** A line of an answer: an item, or its end. Throws an `Error` when it is neither. */
export function parseAnswer(line: string): { readonly item: ControlItem } | ControlReply {
  const { item, ok, lines } = parseObject(line);
  if (typeof item === "object" && item !== null) return { item: { ...item } };
  if (typeof ok !== "boolean" || !Array.isArray(lines)) {
    throw new Error("Cannot read the broker's answer: it is of another version");
  }
  return { ok, lines: lines.map(String) };
}

function parseObject(line: string): { readonly [key: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error("Cannot read the line: it is not JSON");
  }
  if (typeof value === "object" && value !== null) return { ...value };
  throw new Error("Cannot read the line: it is not a JSON object");
}

/** Reads up to the first line's end. Throws when there is none within the limit. */
export async function readLine(
  conn: { read(buffer: Uint8Array): Promise<number | null> },
): Promise<string> {
  return await new LineReader(conn, MAX_LINE_BYTES, "the request").next();
}
