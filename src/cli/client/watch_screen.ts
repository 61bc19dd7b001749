/**
 * The screen of `--watch`: each topic keeps the line that it was given when it first came.
 *
 * Owns which topic stands where, and what a screen without room says. Invariant: a message never
 * takes more than its line, and the last line of the terminal is none of a topic.
 */

/** Where it is shown. */
export interface WatchSurface {
  push(bytes: Uint8Array): void;
  /** Lines of the terminal; may change at any time. */
  rows(): number;
}

/** No terminal has more lines; topics beyond are not kept. */
const MOST_TOPICS = 1000;
/** No terminal shows more of a line. */
const LONGEST_BYTES = 4096;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

const CLEAR_SCREEN = "\x1b[2J\x1b[H";
/** What does not fit into the line is left out. */
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";

const encoder = new TextEncoder();

export class WatchScreen {
  readonly #surface: WatchSurface;
  /** The latest message of each topic. */
  readonly #texts = new Map<string, Uint8Array>();
  /** The line of each topic, from 1. */
  readonly #lines = new Map<string, number>();
  #hasMoreTopics = false;
  /** As the screen was when it was last drawn as a whole. */
  #rows = 0;

  constructor(surface: WatchSurface) {
    this.#surface = surface;
    this.#drawAll();
  }

  /** `text` is what would be printed, its line end included. */
  show(topicName: string, text: Uint8Array): void {
    const line = this.#lineOf(topicName);
    if (line !== undefined) this.#texts.set(topicName, inOneLine(text));
    if (this.#surface.rows() !== this.#rows) return this.#drawAll();
    if (line !== undefined) this.#draw(topicName, line);
    this.#drawEnd();
  }

  /** Undefined: it has none and gets none. */
  #lineOf(topicName: string): number | undefined {
    const known = this.#lines.get(topicName);
    if (known !== undefined) return known;
    this.#hasMoreTopics ||= this.#lines.size === MOST_TOPICS;
    if (this.#hasMoreTopics) return undefined;
    this.#lines.set(topicName, this.#lines.size + 1);
    return this.#lines.size;
  }

  #drawAll(): void {
    this.#rows = this.#surface.rows();
    this.#push(CLEAR_SCREEN);
    for (const [topicName, line] of this.#lines) this.#draw(topicName, line);
    this.#drawEnd();
  }

  #draw(topicName: string, line: number): void {
    const text = this.#texts.get(topicName);
    if (text === undefined || line >= this.#rows) return;
    this.#push(`\x1b[${line};1H\x1b[K${NO_WRAP}`);
    this.#surface.push(text);
    this.#push(WRAP);
  }

  /** Leaves the cursor below the topics; says there how many there is no room for. */
  #drawEnd(): void {
    const room = Math.max(0, this.#rows - 1);
    const hidden = this.#lines.size - room;
    this.#push(`\x1b[${Math.min(this.#lines.size, room) + 1};1H`);
    if (hidden <= 0) return;
    const count = this.#hasMoreTopics ? `more than ${hidden}` : hidden;
    this.#push(`\x1b[K${NO_WRAP}topics without a line: ${count}; enlarge the window${WRAP}`);
  }

  #push(text: string): void {
    this.#surface.push(encoder.encode(text));
  }
}

function inOneLine(text: Uint8Array): Uint8Array {
  const end = text.at(-1) === LINE_FEED ? text.length - 1 : text.length;
  const isEnd = (byte: number): boolean => byte === LINE_FEED || byte === CARRIAGE_RETURN;
  return text.slice(0, Math.min(end, LONGEST_BYTES)).map((byte) => isEnd(byte) ? SPACE : byte);
}
