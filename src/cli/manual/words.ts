/**
 * The words of the command line as a tree.
 */

import type { CommandManual } from "./manual.ts";

export interface NextWord {
  readonly name: string;
  readonly summary: string;
}

/** A command's words as one. */
export function pathOf(words: readonly string[]): string {
  return words.join(" ");
}

/** What may follow these words. */
export function nextWords(
  manuals: readonly CommandManual[],
  words: readonly string[],
): readonly NextWord[] {
  return manuals.filter((manual) =>
    manual.words.length === words.length + 1 &&
    words.every((word, index) => manual.words[index] === word)
  ).map((manual) => ({ name: manual.words.at(-1) ?? "", summary: manual.summary }));
}
