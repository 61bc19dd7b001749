/**
 * Asks for a password: twice on a terminal, without showing it, or from standard input.
 *
 * Owns the terminal while it asks. Invariant: the terminal shows again what is typed when the asking
 * is over, however it ends, Ctrl-C and signals included.
 */

import { MAXIMUM_CREDENTIAL_BYTES } from "../access/password_file.ts";
import type { Terminal } from "./terminal.ts";

/** The part of standard input that is used. */
export interface Keyboard {
  isTerminal(): boolean;
  /** Raw: nothing is shown, keys come one by one, Ctrl-C is a key. */
  setRaw(isRaw: boolean): void;
  read(bytes: Uint8Array): Promise<number | null>;
  /** Calls `stop` when the process is told to end. Returns what takes that back. */
  onStop(stop: () => void): () => void;
}

/** Why there is no password. */
export class PasswordInputError extends Error {
  override readonly name = "PasswordInputError";
}

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CTRL_U = 0x15;
const DELETE = 0x7f;

/** Returns the bytes of the password; throws `PasswordInputError`. */
export async function askPassword(keyboard: Keyboard, terminal: Terminal): Promise<Uint8Array> {
  const password = keyboard.isTerminal()
    ? await askTwice(keyboard, terminal)
    : await readAll(keyboard);
  if (password.length === 0) throw new PasswordInputError("it is empty");
  if (password.length > MAXIMUM_CREDENTIAL_BYTES) {
    throw new PasswordInputError(`it has more than ${MAXIMUM_CREDENTIAL_BYTES} bytes`);
  }
  if (password.some(isControl)) {
    throw new PasswordInputError("it contains a control character, as an arrow key makes one");
  }
  return password;
}

async function askTwice(keyboard: Keyboard, terminal: Terminal): Promise<Uint8Array> {
  const stopped = Promise.withResolvers<never>();
  // Nobody waits for it between two keys.
  stopped.promise.catch(() => {});
  const release = keyboard.onStop(() => stopped.reject(new PasswordInputError("stopped")));
  keyboard.setRaw(true);
  try {
    const keys = new Keys(keyboard, stopped.promise);
    const password = await ask("Password: ", keys, terminal);
    if (password.length === 0) return password;
    const again = await ask("Once more: ", keys, terminal);
    if (isSame(password, again)) return password;
    throw new PasswordInputError("the two are not the same");
  } finally {
    keyboard.setRaw(false);
    release();
  }
}

async function ask(prompt: string, keys: Keys, terminal: Terminal): Promise<Uint8Array> {
  terminal.err(prompt);
  try {
    return await readLine(keys);
  } finally {
    // The key that ended the line was not shown either.
    terminal.err("\n");
  }
}

async function readLine(keys: Keys): Promise<Uint8Array> {
  let line: number[] = [];
  for (;;) {
    const key = await keys.next();
    switch (key) {
      case undefined:
      case CTRL_C:
        throw new PasswordInputError("stopped");
      case CTRL_D:
        if (line.length === 0) throw new PasswordInputError("stopped");
        return Uint8Array.from(line);
      case CARRIAGE_RETURN:
      case LINE_FEED:
        return Uint8Array.from(line);
      case BACKSPACE:
      case DELETE:
        line = withoutLastCharacter(line);
        break;
      case CTRL_U:
        line = [];
        break;
      default:
        // One more than is allowed is enough to refuse it.
        if (line.length <= MAXIMUM_CREDENTIAL_BYTES) line.push(key);
    }
  }
}

/** The keys one by one; what was typed ahead is kept. */
class Keys {
  readonly #keyboard: Keyboard;
  readonly #stopped: Promise<never>;
  readonly #bytes = new Uint8Array(256);
  #position = 0;
  #count = 0;

  constructor(keyboard: Keyboard, stopped: Promise<never>) {
    this.#keyboard = keyboard;
    this.#stopped = stopped;
  }

  /** Undefined at the end of the input. */
  async next(): Promise<number | undefined> {
    if (this.#position === this.#count) {
      const read = await Promise.race([this.#keyboard.read(this.#bytes), this.#stopped]);
      this.#position = 0;
      this.#count = read ?? 0;
    }
    return this.#count === 0 ? undefined : this.#bytes[this.#position++];
  }
}

async function readAll(keyboard: Keyboard): Promise<Uint8Array> {
  const all = new Uint8Array(MAXIMUM_CREDENTIAL_BYTES + 3);
  let length = 0;
  while (length < all.length) {
    const read = await keyboard.read(all.subarray(length));
    if (read === null) break;
    length += read;
  }
  const text = withoutLineEnd(all.subarray(0, length));
  const end = text.indexOf(LINE_FEED);
  if (end < 0) return text;
  // Whoever used mosquitto_passwd gives it twice, as on a terminal.
  const [first, second] = [withoutLineEnd(text.subarray(0, end + 1)), text.subarray(end + 1)];
  if (!second.includes(LINE_FEED) && isSame(first, second)) return first;
  throw new PasswordInputError("standard input has more than one line, not the same one twice");
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== LINE_FEED) return bytes;
  return bytes.subarray(0, bytes.at(-2) === CARRIAGE_RETURN ? -2 : -1);
}

/** In UTF-8, the bytes of a character after its first are 10xxxxxx. */
function withoutLastCharacter(line: readonly number[]): number[] {
  const start = line.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  return line.slice(0, Math.max(0, start));
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === DELETE;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGBREAK"]
  : ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"];

/** The process's own standard input. */
export const processKeyboard: Keyboard = {
  isTerminal: () => Deno.stdin.isTerminal(),
  setRaw: (isRaw) => Deno.stdin.setRaw(isRaw),
  read: (bytes) => Deno.stdin.read(bytes),
  onStop(stop) {
    for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
    return () => STOP_SIGNALS.forEach((signal) => Deno.removeSignalListener(signal, stop));
  },
};

/** A keyboard on which this has been typed already: for a password of the command line. */
export function typedAhead(text: string): Keyboard {
  let rest = new TextEncoder().encode(text);
  return {
    isTerminal: () => false,
    setRaw() {},
    read(bytes) {
      const count = Math.min(bytes.length, rest.length);
      bytes.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return Promise.resolve(count === 0 ? null : count);
    },
    onStop: () => () => {},
  };
}
