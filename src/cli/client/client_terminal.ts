/**
 * What a client tool needs of the process that it runs in, so that tests can give it their own.
 *
 * Owns how the streams are written and read, and what kind of thing they are. Invariant: what is
 * written comes out whole and in order; a reader that has gone away is `BrokenPipe`, nothing else is.
 */

import type { TlsClientOptions } from "../../client/endpoint.ts";
import { trustAsToldBy } from "../../client/trust.ts";
import { processTerminal, type Terminal } from "../terminal.ts";

/** What a person or a service manager tells the process by a signal. */
export type Interrupt = "SIGINT" | "SIGTERM";

/** Which of the streams are a terminal. */
export interface Terminals {
  readonly in: boolean;
  readonly out: boolean;
  readonly err: boolean;
}

export interface ClientTerminal extends Terminal {
  /** Writes all of it to standard output. Rejects with `Deno.errors.BrokenPipe`. */
  outBytes(bytes: Uint8Array): Promise<void>;
  /** Bytes read from standard input into the start of `buffer`; null at its end. */
  read(buffer: Uint8Array): Promise<number | null>;
  readonly isTerminal: Terminals;
  /** Columns of the terminal that standard error is; 80 when nobody knows. */
  columns(): number;
  /** Lines of the terminal that standard output is; 24 when nobody knows. */
  rows(): number;
  env(name: string): string | undefined;
  /** From now on the process trusts the CAs of `tls` and no others, or those of the system. */
  trust(tls: TlsClientOptions): void;
  readonly processId: number;
  /** Calls `listener` for SIGINT and SIGTERM in place of ending; returns what takes that back. */
  onInterrupt(listener: (signal: Interrupt) => void): () => void;
}

const USUAL_SIZE = { columns: 80, rows: 24 };

/** How long a full pipe is left alone that cannot be waited for. */
const RETRY_MS = 5;

/** The process's own streams. */
export const processClientTerminal: ClientTerminal = {
  out: processTerminal.out,
  err: processTerminal.err,
  outBytes: writeWhole,
  read: (buffer) => Deno.stdin.read(buffer),
  get isTerminal(): Terminals {
    return {
      in: Deno.stdin.isTerminal(),
      out: Deno.stdout.isTerminal(),
      err: Deno.stderr.isTerminal(),
    };
  },
  // Some terminals do not know, and say 0.
  columns: () => consoleSize().columns || USUAL_SIZE.columns,
  rows: () => consoleSize().rows || USUAL_SIZE.rows,
  env: (name) => Deno.env.get(name),
  trust: trustAsToldBy,
  get processId(): number {
    return Deno.pid;
  },
  onInterrupt(listener) {
    const onInt = (): void => listener("SIGINT");
    const onTerm = (): void => listener("SIGTERM");
    Deno.addSignalListener("SIGINT", onInt);
    // Windows has no such thing.
    const hasTerm = Deno.build.os !== "windows";
    if (hasTerm) Deno.addSignalListener("SIGTERM", onTerm);
    return () => {
      Deno.removeSignalListener("SIGINT", onInt);
      if (hasTerm) Deno.removeSignalListener("SIGTERM", onTerm);
    };
  },
};

function consoleSize(): { readonly columns: number; readonly rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return USUAL_SIZE;
  }
}

async function writeWhole(bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    try {
      written += await Deno.stdout.write(written === 0 ? bytes : bytes.subarray(written));
    } catch (error) {
      // The pipe is non-blocking, as some who start programs leave it, and full.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
