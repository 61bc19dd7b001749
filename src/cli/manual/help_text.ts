/**
 * The text that follows the options in a command's help, taken apart: paragraphs, then examples.
 *
 * Owns the form that the help texts have: after a line "Example:" or "Examples:" each line is a
 * command, two spaces in, and what it does, after two spaces more; a line that is further in goes on
 * with the one before it.
 */

import type { ManualExample } from "./manual.ts";

const EXAMPLES = /^Examples?:$/m;
const CONTINUATION = /^ {4,}/;

export interface HelpText {
  readonly paragraphs: readonly string[];
  readonly examples: readonly ManualExample[];
}

export function parseHelpText(text: string): HelpText {
  const found = EXAMPLES.exec(text);
  const before = found === null ? text : text.slice(0, found.index);
  const after = found === null ? "" : text.slice(found.index + found[0].length);
  return { paragraphs: paragraphsOf(before), examples: examplesOf(after) };
}

function paragraphsOf(text: string): readonly string[] {
  return text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ""))
    .filter((paragraph) => paragraph !== "");
}

function examplesOf(text: string): readonly ManualExample[] {
  const examples: ManualExample[] = [];
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const last = examples.at(-1);
    if (CONTINUATION.test(line) && last !== undefined) {
      examples[examples.length - 1] = continued(last, line.trim());
      continue;
    }
    const [command = "", ...comment] = line.trim().split(/ {2,}/);
    examples.push({ command, comment: comment.join(" ") });
  }
  return examples;
}

function continued({ command, comment }: ManualExample, line: string): ManualExample {
  return comment === ""
    ? { command: `${command.replace(/\s*\\$/, "")} ${line}`, comment }
    : { command, comment: `${comment} ${line}` };
}
