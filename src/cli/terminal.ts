/**
 * What a command needs of the process it runs in, so that tests can give it their own.
 *
 * Owns the streams' names and the exit codes. Invariant: a command returns its exit code; only
 * `main.ts` ends the process.
 */

import { escapeControls } from "../config/escape.ts";

/** Where a command writes to. */
export interface Terminal {
  /** What was asked for. */
  out(text: string): void;
  /** What went wrong. */
  err(text: string): void;
}

/** What a command ends with. */
export const ExitCode = {
  Ok: 0,
  /** Something failed while running. */
  Failure: 1,
  /** The command line or the configuration is wrong. */
  Usage: 2,
  /** A broker uses the data that the command needs for itself. */
  StoreInUse: 3,
} as const;

/** How many characters are collected before they are written. */
const BLOCK_LENGTH = 32 * 1024;

/**
 * Writes a text that is made in pieces: never all of it is in memory, and the pieces are not written
 * one by one either.
 */
export function writePieces(pieces: Iterable<string>, write: (text: string) => void): void {
  let block = "";
  for (const piece of pieces) {
    block += piece;
    if (block.length < BLOCK_LENGTH) continue;
    write(block);
    block = "";
  }
  if (block !== "") write(block);
}

/** Writes lines, without the control characters that are in them in force. */
export function writeLines(lines: Iterable<string>, write: (text: string) => void): void {
  writePieces(terminated(lines), write);
}

function* terminated(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${escapeControls(line)}\n`;
}

/**
 * The process's own streams. A reader that has gone away (`broker schema | head -1`) is no error.
 */
export const processTerminal: Terminal = {
  out: (text) => writeText(Deno.stdout, text),
  err: (text) => writeText(Deno.stderr, text),
};

function writeText(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  try {
    while (written < bytes.length) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
