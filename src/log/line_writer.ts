/**
 * Writing lines to a terminal or a pipe, many at a time.
 *
 * Owns the lines that are not written yet: those of one turn of the event loop are written with
 * one call. Does not know what a line is about. Invariant: never throws, because a log that
 * cannot be written must not stop the broker; what was lost is counted and said with the next
 * line that can be written.
 */

/** The part of `Deno.stderr` that is used; writes may take only a part of the bytes. */
export interface ByteSink {
  writeSync(bytes: Uint8Array): number;
}

/** Where lines go. */
export interface LineWriter {
  /**
   * Takes lines with their line ends, to be written at the latest when the current turn of the
   * event loop ends.
   */
  write(lines: string): void;
  /** Writes what waits. */
  flush(): void;
  /** Writes what waits and lets go of the file. */
  close(): void;
}

/**
 * Lines that wait are written when there are more characters than this, even before the turn
 * ends.
 */
const MAX_WAITING_CHARACTERS = 64 * 1024;

/** Gathers the lines of a turn and hands them over as one piece. */
export class BatchedWriter implements LineWriter {
  readonly #put: (chunk: string) => void;
  #waiting: string[] = [];
  #characters = 0;

  constructor(put: (chunk: string) => void) {
    this.#put = put;
  }

  write(lines: string): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.flush());
    this.#waiting.push(lines);
    this.#characters += lines.length;
    if (this.#characters > MAX_WAITING_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const chunk = this.#waiting.join("");
    this.#waiting = [];
    this.#characters = 0;
    this.#put(chunk);
  }

  close(): void {
    this.flush();
  }
}

/** Writes pieces to a stream that belongs to the process. */
export class StreamWriter {
  readonly #sink: ByteSink;
  readonly #encoder = new TextEncoder();
  #lostLines = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Writes a piece of whole lines, or counts them as lost: a full pipe, a closed terminal. */
  put(chunk: string): void {
    const note = this.#lostLines === 0 ? "" : `(${this.#lostLines} log lines are missing here)\n`;
    try {
      writeAll(this.#sink, this.#encoder.encode(note + chunk));
      this.#lostLines = 0;
    } catch {
      this.#lostLines += chunk.split("\n").length - 1;
    }
  }
}

/** Writes every byte; throws when the sink does. */
export function writeAll(sink: ByteSink, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    const count = sink.writeSync(bytes.subarray(written));
    if (count <= 0) {
      throw new Error(`Cannot write ${bytes.length - written} of ${bytes.length} bytes`);
    }
    written += count;
  }
}
