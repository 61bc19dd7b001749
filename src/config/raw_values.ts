/**
 * The values of a file with what must not be shown of them.
 *
 * Owns the way from the parser's values to plain ones: what a tag named (`!env NAME`) takes its place,
 * as the kind of value that its row wants, and its path is kept as secret.
 */

import { type PathStep, pathText, rawAt, rowAt } from "./path.ts";
import { shown } from "./explain.ts";
import { isRawMap } from "./raw.ts";
import { readLeaf } from "./leaf.ts";
import { isLeaf } from "./read.ts";
import type { LeafRow } from "./row.ts";
import { HIDDEN, SecretText } from "./secret.ts";

export class RawValues {
  /** The values, without anything that is not of JSON. */
  readonly root: unknown;
  /** The paths, as `pathText` writes them, of values that came from elsewhere. */
  readonly secrets: ReadonlySet<string>;
  readonly #unknown: ReadonlySet<string>;

  /** `parsed` may hold `SecretText`. */
  constructor(parsed: unknown) {
    const unwrapper = new Unwrapper();
    this.root = unwrapper.unwrap(parsed, []);
    this.secrets = unwrapper.secrets;
    this.#unknown = unwrapper.unknown;
  }

  at(path: readonly PathStep[]): unknown {
    return rawAt(this.root, path);
  }

  /** Whether a key has a value that makes a difference: its default, written out, makes none. */
  isGiven(path: readonly PathStep[]): boolean {
    const value = this.at(path);
    if (value === undefined || value === null) return false;
    const usual = rowAt(path);
    if (usual === undefined) return true;
    if (usual.kind === "texts") {
      return JSON.stringify(value) !== JSON.stringify(usual.default ?? []);
    }
    return !isLeaf(usual) || usual.default === undefined || !isSameLeaf(usual, value);
  }

  /** Whether the value at a path came from elsewhere, or its row is one of secrets. */
  isSecret(path: readonly PathStep[]): boolean {
    return this.secrets.has(pathText(path)) || rowAt(path)?.secret === true;
  }

  /** Whether the value at a path should have come from elsewhere and could not be read. */
  isUnknown(path: readonly PathStep[]): boolean {
    return this.#unknown.has(pathText(path));
  }

  /** The value in quotes, shortened; or that it is not shown. */
  shown(path: readonly PathStep[]): string {
    return this.isSecret(path) ? `the value ${HIDDEN}` : shown(this.at(path));
  }
}

function isSameLeaf(row: LeafRow, value: unknown): boolean {
  const [given, usual] = [readLeaf(row, value), readLeaf(row, undefined)];
  return given.ok && usual.ok && Object.is(given.value, usual.value);
}

class Unwrapper {
  readonly secrets = new Set<string>();
  readonly unknown = new Set<string>();
  /** The values that are being unwrapped: one that is within itself is left as it is. */
  readonly #open = new Set<object>();

  unwrap(value: unknown, path: readonly PathStep[]): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof SecretText) return this.#plain(value, path);
    if (this.#open.has(value)) return value;
    this.#open.add(value);
    try {
      if (Array.isArray(value)) {
        return value.map((item, index) => this.unwrap(item, [...path, index]));
      }
      if (!isRawMap(value)) return value;
      const entries = Object.entries(value);
      return Object.fromEntries(
        entries.map(([key, item]) => [key, this.unwrap(item, [...path, key])]),
      );
    } finally {
      this.#open.delete(value);
    }
  }

  /** As YAML would read it; a row of text takes "0815" as it is. */
  #plain({ text, isKnown }: SecretText, path: readonly PathStep[]): unknown {
    const place = pathText(path);
    this.secrets.add(place);
    if (!isKnown) this.unknown.add(place);
    const kind = rowAt(path)?.kind;
    if (kind === "count" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
    if (kind === "toggle" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
    return text;
  }
}
