/**
 * The lines that a process prints, as they come.
 *
 * Owns the reading of its output streams, to their end; several streams make one list of lines, each
 * line whole. Invariant: whoever waits for a line gets it, or an Error with everything that was
 * printed; nobody waits for ever.
 */

interface Waiter {
  pattern: RegExp;
  resolve: (line: string) => void;
  reject: (error: Error) => void;
}

export class OutputLines {
  /** Resolves when every stream has ended. */
  readonly ended: Promise<void>;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #isOver = false;

  constructor(streams: ReadableStream<Uint8Array>[]) {
    this.ended = this.#readAll(streams);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The first line that matches; rejects when output ends without it or after `timeoutMs`. */
  async waitFor(pattern: RegExp, timeoutMs: number): Promise<string> {
    const printed = this.#lines.find((line) => pattern.test(line));
    if (printed !== undefined) return printed;
    if (this.#isOver) throw this.#missing(pattern, "the process has ended");
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiter = { pattern, resolve, reject };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => {
      reject(this.#missing(pattern, `${timeoutMs} ms have passed`));
    }, timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  async #readAll(streams: ReadableStream<Uint8Array>[]): Promise<void> {
    await Promise.all(streams.map((stream) => this.#read(stream)));
    this.#isOver = true;
    for (const { pattern, reject } of this.#waiters) {
      reject(this.#missing(pattern, "the process has ended"));
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) this.#add(line);
    }
    if (rest !== "") this.#add(rest);
  }

  #add(line: string): void {
    this.#lines.push(line);
    for (const waiter of this.#waiters) {
      if (waiter.pattern.test(line)) waiter.resolve(line);
    }
  }

  #missing(pattern: RegExp, reason: string): Error {
    const printed = this.#lines.map((line) => `  ${line}`).join("\n");
    return new Error(`Cannot find a line like ${pattern}: ${reason}. Printed:\n${printed}`);
  }
}
