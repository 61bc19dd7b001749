/**
 * The log of this process, for a test to read.
 *
 * Owns the configuration of the log while it lives: one at a time.
 */

import { defaultSettings } from "../../src/config/read.ts";
import type { LoggingSettings } from "../../src/config/settings.ts";
import { configureLogging } from "../../src/log/configure.ts";
import type { LogLevel } from "../../src/log/logger.ts";

export class CapturedLog implements Disposable {
  readonly #running;
  #written = "";

  constructor(
    level: LogLevel,
    levels: Partial<LoggingSettings["levels"]> = {},
    nowMs: () => number = () => 0,
  ) {
    const stream = {
      writeSync: (bytes: Uint8Array): number => {
        this.#written += new TextDecoder().decode(bytes);
        return bytes.length;
      },
      isTerminal: () => false,
    };
    const { logging } = defaultSettings();
    this.#running = configureLogging({
      ...logging,
      level,
      levels: { ...logging.levels, ...levels },
      timestamps: "none",
    }, { stderr: stream, stdout: stream, nowMs, noColour: true, journal: false });
  }

  /** The lines since the last call, columns separated by one blank. */
  take(): string[] {
    this.#running.flush();
    const lines = this.#written.split("\n").slice(0, -1);
    this.#written = "";
    return lines.map((line) => line.replace(/^(\w+) +(\w+) +/, "$1 $2 "));
  }

  [Symbol.dispose](): void {
    this.#running.close();
  }
}
