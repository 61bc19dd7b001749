/**
 * The terminal of a person: whether there is one, what is typed, and waiting.
 *
 * Owns nothing but the process's own; tests have theirs.
 */

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Screen {
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Standard input is one: somebody can be asked. */
  readonly canAsk: boolean;
  /** Undefined: not known. */
  size(): ScreenSize | undefined;
  /** What is typed next, up to Enter and without it; undefined when there is nothing. */
  readLine(): Promise<string | undefined>;
  /** Resolves later; false: that was all. */
  pause(milliseconds: number): Promise<boolean>;
}

/** The part of the process's streams that is used. */
export interface ScreenStreams {
  readonly stdin: { isTerminal(): boolean; read(bytes: Uint8Array): Promise<number | null> };
  readonly stdout: { isTerminal(): boolean };
  /** Throws when there is no terminal. */
  consoleSize(): ScreenSize;
}

const LONGEST_ANSWER = 1024;

export function screenOn({ stdin, stdout, consoleSize }: ScreenStreams): Screen {
  return {
    isTerminal: stdout.isTerminal(),
    canAsk: stdin.isTerminal(),
    size() {
      try {
        return consoleSize();
      } catch {
        return undefined;
      }
    },
    // A terminal hands over whole lines.
    async readLine() {
      const bytes = new Uint8Array(LONGEST_ANSWER);
      const count = await stdin.read(bytes);
      return count === null ? undefined : new TextDecoder().decode(bytes.subarray(0, count)).trim();
    },
    async pause(milliseconds) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return true;
    },
  };
}

/**
 * The lines that can be seen at once, long ones wrapped, with one row left for the cursor. The last one
 * says how many others there are.
 */
export function fitting(lines: readonly string[], size: ScreenSize | undefined): string[] {
  if (size === undefined || size.columns < 1) return [...lines];
  const heights = lines.map((line) => Math.max(1, Math.ceil(line.length / size.columns)));
  const room = Math.max(1, size.rows - 1);
  let used = 0;
  const most = heights.findIndex((height) => (used += height) > room);
  if (most < 0) return [...lines];
  // Room for the line that says so.
  let count = most;
  used -= heights[most] ?? 0;
  while (count > 0 && used > room - 1) used -= heights[--count] ?? 0;
  return [...lines.slice(0, count), `... ${lines.length - count} more lines`];
}
