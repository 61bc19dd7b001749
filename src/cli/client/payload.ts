/**
 * The one payload of `-m`, `-f`, `-n` and `-s`, read before there is a connection.
 *
 * Owns what is said about input that cannot be one. Lines of standard input are for `pub.ts`.
 */

import { messageOf } from "../../error_text.ts";
import type { ClientTerminal } from "./client_terminal.ts";
import { LARGEST_PAYLOAD, wholeInput } from "./input_lines.ts";
import { ProgressLine } from "./progress_line.ts";
import type { PayloadSource } from "./settings.ts";
import { ToolExit, ToolFailure } from "./tool_exit.ts";

/** The platform lets no program open them, but standard input is open. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);

/** Throws `ToolFailure`. */
export async function readPayload(
  source: PayloadSource,
  terminal: ClientTerminal,
  quiet: boolean,
): Promise<Uint8Array> {
  switch (source.kind) {
    case "text":
      return new TextEncoder().encode(source.text);
    case "file":
      if (STANDARD_INPUT.has(source.path)) return await wholeInput(terminal.read, () => {});
      return await readFile(source.path);
    case "input":
      return await readInput(terminal, quiet);
    default:
      return new Uint8Array(0);
  }
}

/** The line is for a person who waits for a program or a file, not for one who types. */
export function progressOf(terminal: ClientTerminal, quiet: boolean): ProgressLine | undefined {
  const { in: isTyped, err } = terminal.isTerminal;
  if (!err || isTyped || quiet || terminal.env("TERM") === "dumb") return undefined;
  return new ProgressLine({ write: terminal.err, columns: () => terminal.columns() });
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new Error("it is a folder");
    checkSize(size);
    const bytes = await Deno.readFile(path);
    // A pipe has no size before it is read.
    checkSize(bytes.length);
    return bytes;
  } catch (error) {
    throw new ToolFailure(ToolExit.Failure, `Cannot read '${path}': ${reasonOf(error, path)}`);
  }
}

function reasonOf(error: unknown, path: string): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.NotCapable) {
    return `this program may not open files of /dev, /proc and /sys; the shell may: -s < ${path}`;
  }
  return messageOf(error);
}

function checkSize(bytes: number): void {
  if (bytes <= LARGEST_PAYLOAD) return;
  throw new Error(`it has ${bytes} bytes: an MQTT packet can carry ${LARGEST_PAYLOAD}`);
}

async function readInput(terminal: ClientTerminal, quiet: boolean): Promise<Uint8Array> {
  const progress = progressOf(terminal, quiet);
  try {
    const payload = await wholeInput(terminal.read, (bytes) => progress?.add(0, bytes));
    if (payload.length > 0) return payload;
  } finally {
    progress?.erase();
  }
  throw new ToolFailure(
    ToolExit.Failure,
    "Cannot publish standard input: it is empty (-n publishes an empty message)",
  );
}
