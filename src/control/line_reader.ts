/**
 * Lines of text out of a connection, one after the other.
 *
 * Owns what was read and not handed out yet: the next line is read only when it is asked for, so
 * whoever writes waits for who reads. Invariant: no more than one line and one read are in memory.
 */

const READ_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

export class LineReader {
  readonly #source: { read(buffer: Uint8Array): Promise<number | null> };
  readonly #maximumBytes: number;
  readonly #what: string;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #decoder = new TextDecoder();
  /** What was read is in `#buffer[#start..#end)`. */
  #start = 0;
  #end = 0;

  /** `maximumBytes`: of a line. `what` it is, for errors. */
  constructor(
    source: { read(buffer: Uint8Array): Promise<number | null> },
    maximumBytes: number,
    what: string = "the line",
  ) {
    this.#source = source;
    this.#maximumBytes = maximumBytes;
    this.#what = what;
  }

  /** The next line, without its end. Throws when the source or the limit ends before it does. */
  async next(): Promise<string> {
    let text = "";
    for (let bytes = 0; bytes <= this.#maximumBytes;) {
      if (this.#start === this.#end && !await this.#fill()) {
        throw new Error(`Cannot read ${this.#what}: the connection ended before it did`);
      }
      const waiting = this.#buffer.subarray(this.#start, this.#end);
      const at = waiting.indexOf(LINE_FEED);
      const part = at < 0 ? waiting : waiting.subarray(0, at);
      text += this.#decoder.decode(part, { stream: at < 0 });
      bytes += part.length;
      this.#start += part.length + (at < 0 ? 0 : 1);
      if (at >= 0) return text;
    }
    throw new Error(`Cannot read ${this.#what}: it is longer than ${this.#maximumBytes} bytes`);
  }

  async #fill(): Promise<boolean> {
    const count = await this.#source.read(this.#buffer);
    this.#start = 0;
    this.#end = count ?? 0;
    return count !== null;
  }
}
