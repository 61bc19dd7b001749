/**
 * Where the keys for JSON Web Tokens come from, and the newest of them: a file is read again when a
 * token is to be verified and the last look at it is some seconds old.
 *
 * Owns the file. Invariant: a file that has become unreadable, or is half-written, changes nothing:
 * the keys read before stay in use, and that is said once.
 */

import { messageOf } from "../error_text.ts";
import { type Jose, JwtKeyError, type KeyForm, type KeySet, readKeySet } from "./jwt_keys.ts";

/** Exactly one of them. */
export interface KeyPlace {
  /** A secret text, or a key in PEM. */
  readonly key?: string | undefined;
  /** A file with that. */
  readonly keyFile?: string | undefined;
  /** A file with a JSON Web Key Set. */
  readonly jwksFile?: string | undefined;
}

export interface KeySourceOptions {
  /** The algorithms that may be used; empty: those that fit the key. */
  readonly algorithms: readonly string[];
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Takes one line for the log when a changed file cannot be used. */
  readonly report: (problem: string) => void;
}

/** Between two looks at a file. */
export const REREAD_MS = 2000;

/** Larger ones are no key files. */
const MAXIMUM_FILE_BYTES = 1_048_576;

export class KeySource {
  readonly #jose: Jose;
  readonly #path: string;
  readonly #form: KeyForm;
  readonly #options: KeySourceOptions;
  #bytes: Uint8Array;
  #keys: KeySet;
  #readAtMs: number;
  #reading: Promise<KeySet> | undefined;
  #problem: string | undefined;

  private constructor(
    jose: Jose,
    [path, form]: readonly [string, KeyForm],
    bytes: Uint8Array,
    options: KeySourceOptions,
  ) {
    this.#jose = jose;
    [this.#path, this.#form] = [path, form];
    this.#options = options;
    this.#bytes = bytes;
    this.#keys = readKeySet(jose, form, bytes, options.algorithms);
    this.#readAtMs = options.now();
  }

  /** Reads the keys for the first time. Rejects with a `JwtKeyError` that names their place. */
  static async open(jose: Jose, place: KeyPlace, options: KeySourceOptions): Promise<KeySource> {
    const { key, keyFile, jwksFile } = place;
    const given = [key, keyFile, jwksFile].filter((text) => text !== undefined).length;
    if (given !== 1) {
      throw new JwtKeyError(
        `Cannot verify tokens: one of key, key_file and jwks_file is needed, ${given} are there`,
      );
    }
    const path = keyFile ?? jwksFile ?? "";
    try {
      const bytes = key === undefined ? await readBounded(path) : new TextEncoder().encode(key);
      return new KeySource(jose, [path, jwksFile === undefined ? "key" : "jwks"], bytes, options);
    } catch (error) {
      throw new JwtKeyError(`Cannot use ${path === "" ? "key" : `'${path}'`}: ${reasonOf(error)}`);
    }
  }

  /** The keys of now. */
  current(): Promise<KeySet> {
    const isFresh = this.#options.now() - this.#readAtMs < REREAD_MS;
    if (this.#path === "" || isFresh) return Promise.resolve(this.#keys);
    return this.#reading ??= this.#readAgain();
  }

  async #readAgain(): Promise<KeySet> {
    try {
      const bytes = await readBounded(this.#path);
      if (!isSame(bytes, this.#bytes)) {
        this.#keys = readKeySet(this.#jose, this.#form, bytes, this.#options.algorithms);
        this.#bytes = bytes;
      }
      this.#problem = undefined;
    } catch (error) {
      this.#reportOnce(reasonOf(error));
    }
    this.#readAtMs = this.#options.now();
    this.#reading = undefined;
    return this.#keys;
  }

  #reportOnce(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.report(
      `Cannot use '${this.#path}': ${problem}; the keys read before stay in use`,
    );
  }
}

/** A line end after a secret is the editor's. */
async function readBounded(path: string): Promise<Uint8Array> {
  const { size } = await Deno.stat(path);
  if (size > MAXIMUM_FILE_BYTES) {
    throw new JwtKeyError(`it has ${size} bytes, at most ${MAXIMUM_FILE_BYTES} are allowed`);
  }
  const bytes = await Deno.readFile(path);
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  return messageOf(error);
}
