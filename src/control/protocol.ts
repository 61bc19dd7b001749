/**
 * What the commands of the same executable ask a running broker, over its control socket: one line of
 * JSON there, one line back, and the connection ends.
 *
 * Owns the form of both lines. Whoever may open the socket (its owner) may ask everything.
 */

/** What can be asked. */
export const CONTROL_COMMANDS = ["reload"] as const;

export type ControlCommand = typeof CONTROL_COMMANDS[number];

export interface ControlRequest {
  readonly command: ControlCommand;
}

export interface ControlReply {
  readonly ok: boolean;
  /** For people, one line each: what was done, or why nothing was. */
  readonly lines: readonly string[];
}

/** A line that is longer is not for us. */
export const MAX_LINE_BYTES = 1024 * 1024;

export function encodeLine(value: ControlRequest | ControlReply): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

/** Throws an `Error` that says what is wrong with the line. */
export function parseRequest(line: string): ControlRequest {
  const { command } = parseObject(line);
  const known = CONTROL_COMMANDS.find((name) => name === command);
  if (known === undefined) {
    throw new Error(`Cannot do '${String(command)}': allowed is ${CONTROL_COMMANDS.join(", ")}`);
  }
  return { command: known };
}

/** Throws an `Error` that says what is wrong with the line. */
export function parseReply(line: string): ControlReply {
  const { ok, lines } = parseObject(line);
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

/** Reads up to the line's end. Throws when there is none within the limit. */
export async function readLine(
  conn: { read(buffer: Uint8Array): Promise<number | null> },
): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  for (let total = 0; total <= MAX_LINE_BYTES;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("Cannot read the line: the connection ended before it did");
    total += count;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error(`Cannot read the line: it is longer than ${MAX_LINE_BYTES} bytes`);
}
