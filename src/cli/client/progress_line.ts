/**
 * One line on a terminal that says how far a long input has come: messages, bytes, rate.
 *
 * Owns the line from its first appearance until `erase()`. Invariant: afterwards the terminal looks
 * as if it had never been there; input that is done quickly never shows it.
 */

/** The first look at it, and every one after that. */
const FIRST_MS = 500;
const INTERVAL_MS = 200;

export interface ProgressSurface {
  write(text: string): void;
  columns(): number;
}

export class ProgressLine {
  readonly #surface: ProgressSurface;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #nextMs: number;
  #messages = 0;
  #bytes = 0;
  #isShown = false;

  constructor(surface: ProgressSurface, nowMs: () => number = () => performance.now()) {
    this.#surface = surface;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#nextMs = this.#startMs + FIRST_MS;
  }

  /** Counts, and shows it when it is time to. */
  add(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
    const nowMs = this.#nowMs();
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + INTERVAL_MS;
    this.#show((nowMs - this.#startMs) / 1000);
  }

  erase(): void {
    if (this.#isShown) this.#surface.write("\r\x1b[K");
    this.#isShown = false;
  }

  #show(seconds: number): void {
    const parts = [bytesText(this.#bytes), `${bytesText(this.#bytes / seconds)}/s`];
    if (this.#messages > 0) {
      parts.unshift(`${grouped(this.#messages)} messages`);
      parts.push(`${grouped(Math.round(this.#messages / seconds))} messages/s`);
    }
    this.#surface.write(`\r${fitting(parts, this.#surface.columns() - 1)}\x1b[K`);
    this.#isShown = true;
  }
}

/** As many of the parts, in order, as there is room for: half a number is another number. */
function fitting(parts: readonly string[], columns: number): string {
  let text = "";
  for (const part of parts) {
    const longer = text === "" ? part : `${text}, ${part}`;
    if (longer.length > columns) break;
    text = longer;
  }
  return text;
}

/** "12,345". */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1.5 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
