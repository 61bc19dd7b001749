/**
 * Messages on their way to standard output: which of them are printed, and how they look there.
 *
 * Owns chance, colour and the counts of `--message-rate`. What `-F` means is in `output_format.ts`, the
 * screen of `--watch` in `watch_screen.ts`. Invariant: escape sequences are written to a terminal only,
 * and there only ours or those of `-F`, none of a message.
 */

import { escapeControls } from "../../config/escape.ts";
import type { PublishPacket } from "../../protocol/packet.ts";
import type { MessageFormatter } from "./output_format.ts";
import type { OutputSettings } from "./settings.ts";
import { ToolExit, ToolFailure } from "./tool_exit.ts";

/** Where it is printed, and what decides about it. */
export interface PrinterSurface {
  push(bytes: Uint8Array): void;
  readonly isTerminal: boolean;
  /** Lines of the terminal. */
  rows(): number;
  /** `NO_COLOR` is not set, and the terminal is not a dumb one. */
  readonly hasColour: boolean;
  /** For `--random-filter`: from 0 up to, not including, 1. */
  random(): number;
}

/** Prints a message. */
export type PrintMessage = (packet: PublishPacket) => void;

const encoder = new TextEncoder();

const TOPIC_COLOUR = encoder.encode("\x1b[36m");
const NO_COLOUR = encoder.encode("\x1b[39m");

/** `onProblem` is told what a format cannot print. Throws `ToolFailure` for one that is wrong. */
export async function createPrinter(
  settings: OutputSettings,
  surface: PrinterSurface,
  onProblem: (problem: string) => void,
): Promise<PrintMessage> {
  const plain = settings.format === undefined;
  const formatter = await formatterOf(settings, surface.isTerminal, onProblem);
  let print: PrintMessage = (packet) => surface.push(formatter(packet, now()));
  if (surface.isTerminal && settings.watch) {
    const { WatchScreen } = await import("./watch_screen.ts");
    const screen = new WatchScreen(surface);
    print = (packet) => screen.show(packet.topicName, formatter(packet, now()));
  } else if (surface.isTerminal && surface.hasColour && plain && settings.verbose) {
    print = colouring(formatter, surface);
  }
  if (settings.randomPercent >= 100) return print;
  const chance = settings.randomPercent / 100;
  const always = print;
  return (packet) => {
    if (surface.random() < chance) always(packet);
  };
}

async function formatterOf(
  { verbose, noNewline, pretty, format }: OutputSettings,
  isTerminal: boolean,
  onProblem: (problem: string) => void,
): Promise<MessageFormatter> {
  const { compileFormat, plainFormatter } = await import("./output_format.ts");
  if (format === undefined) return plainFormatter({ verbose, noNewline, isTerminal });
  try {
    return compileFormat(format, { pretty, noNewline, isTerminal, onProblem });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ToolFailure(ToolExit.Failure, error.message);
  }
}

/** Counts messages, and prints in each second how many there were. */
export class MessageRate {
  readonly #push: (bytes: Uint8Array) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #count = 0;

  constructor(push: (bytes: Uint8Array) => void) {
    this.#push = push;
  }

  start(): void {
    this.#timer = setInterval(() => this.print(), 1000);
  }

  count(): void {
    this.#count++;
  }

  print(): void {
    this.#push(encoder.encode(`${this.#count}\n`));
    this.#count = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function now(): { readonly ms: number; readonly ns: number } {
  const exactMs = performance.timeOrigin + performance.now();
  const ms = Math.floor(exactMs);
  return { ms, ns: Math.floor((exactMs - ms) * 1e6) + (ms % 1000) * 1_000_000 };
}

/** With `-v` the topic is in front: it gets a colour. */
function colouring(formatter: MessageFormatter, surface: PrinterSurface): PrintMessage {
  return (packet) => {
    const bytes = formatter(packet, now());
    const topicBytes = encoder.encode(escapeControls(packet.topicName)).length;
    if (bytes.length < topicBytes) return;
    surface.push(TOPIC_COLOUR);
    surface.push(bytes.subarray(0, topicBytes));
    surface.push(NO_COLOUR);
    surface.push(bytes.subarray(topicBytes));
  };
}
