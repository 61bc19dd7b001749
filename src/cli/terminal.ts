/**
 * What a command needs of the process it runs in, so that tests can give it their own.
 *
 * Owns the streams' names and the exit codes. Invariant: a command returns its exit code; only
 * `main.ts` ends the process.
 */

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
} as const;

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
