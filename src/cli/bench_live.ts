/**
 * One line on a terminal that shows how a load goes, drawn anew a few times a second.
 *
 * Owns the line. Invariant: after `erase` the terminal looks as if the line had never been there;
 * where standard error is no terminal, nothing is ever written.
 */

import type { ConnectProgress } from "../load/connect_run.ts";
import type { LoadProgress } from "../load/load_run.ts";
import type { ProcessUsage } from "../load/process_meter.ts";
import { grouped, megabytes } from "./bench_text.ts";

/** The part of a terminal that is drawn on. */
export interface LiveSurface {
  err(text: string): void;
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  columns(): number;
}

export type Progress = LoadProgress | ConnectProgress;

const INTERVAL_MS = 250;

export class BenchLive {
  readonly #surface: LiveSurface;
  readonly #nowMs: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isShown = false;
  #last:
    | { readonly ms: number; readonly progress: Progress; readonly cpuSeconds: number }
    | undefined;

  constructor(surface: LiveSurface, nowMs: () => number = () => performance.now()) {
    this.#surface = surface;
    this.#nowMs = nowMs;
  }

  /** Draws from now on what `progress` says; `usage` is of the broker's process, if it is known. */
  start(
    name: string,
    progress: () => Progress,
    usage: () => ProcessUsage | undefined,
  ): void {
    if (!this.#surface.isTerminal) return;
    this.#last = undefined;
    this.#timer = setInterval(() => this.draw(name, progress(), usage()), INTERVAL_MS);
  }

  erase(): void {
    clearInterval(this.#timer);
    if (this.#isShown) this.#surface.err("\r\x1b[K");
    this.#isShown = false;
  }

  draw(name: string, progress: Progress, usage: ProcessUsage | undefined): void {
    const ms = this.#nowMs();
    const last = this.#last?.progress.stage === progress.stage ? this.#last : undefined;
    const seconds = last === undefined ? progress.elapsedMs / 1000 : (ms - last.ms) / 1000;
    const parts = [
      `${progress.stage} ${(progress.elapsedMs / 1000).toFixed(1)} s`,
      ...("sent" in progress
        ? messageParts(progress, last?.progress, seconds)
        : [`${grouped(progress.connected)} connected`]),
    ];
    if (usage !== undefined) {
      const used = last === undefined ? 0 : (usage.cpuSeconds - last.cpuSeconds) / seconds;
      parts.push(`broker ${used.toFixed(2)} CPU, ${megabytes(usage.rssBytes)}`);
    }
    this.#last = { ms, progress, cpuSeconds: usage?.cpuSeconds ?? 0 };
    this.#write(name, parts.join("   "));
  }

  #write(name: string, text: string): void {
    const { hasColor } = this.#surface;
    const room = Math.max(0, this.#surface.columns() - name.length - 3);
    const title = hasColor ? `\x1b[1m${name}\x1b[0m` : name;
    this.#surface.err(`\r${title}  ${text.slice(0, room)}\x1b[K`);
    this.#isShown = true;
  }
}

function messageParts(
  progress: LoadProgress,
  last: Progress | undefined,
  seconds: number,
): string[] {
  if (progress.stage === "connecting") return [`${grouped(progress.connected)} connected`];
  const before = last !== undefined && "sent" in last ? last : { sent: 0, received: 0 };
  const rate = (now: number, then: number): string =>
    grouped(seconds > 0 ? Math.max(0, now - then) / seconds : 0);
  return [
    `in ${rate(progress.sent, before.sent)}/s`,
    `out ${rate(progress.received, before.received)}/s`,
  ];
}
