/**
 * What is wrong with a configuration, and how that is shown: place, sentence, the line with a
 * caret, a hint.
 *
 * Owns the layout of diagnostics. Does not find problems. Invariant: nothing of the file reaches
 * the terminal with its control characters in force.
 */

import { escapeControls } from "./escape.ts";

/** A part of the file, in UTF-16 offsets: from the first character to just after the last. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** One thing that is wrong. */
export interface Problem {
  /** "Cannot read 'limits.max_qos': ...", without a final full stop. */
  readonly message: string;
  /** Where; undefined when it is about the file as a whole. */
  readonly range: TextRange | undefined;
  /** What to do instead, "did you mean 'limits'?". */
  readonly hint?: string;
}

/** A line and a column as people count them: from 1, the column in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Lines longer than this are shown in part. */
const SHOWN_CHARACTERS = 100;

/** The line and column of an offset. */
export function positionAt(source: string, offset: number): Position {
  const before = source.slice(0, offset);
  const lineStart = startOfLine(source, offset);
  return {
    line: before.split(/\r\n|\n|\r/).length,
    column: [...source.slice(lineStart, offset)].length + 1,
  };
}

/** The lines of a text, for many questions about one. */
export class LineIndex {
  /** Where each line starts. */
  readonly #starts: readonly number[];

  constructor(source: string) {
    const ends = [...source.matchAll(/\r\n|\n|\r/g)].map((found) => found.index + found[0].length);
    this.#starts = [0, ...ends];
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

/** All problems in the order of the file, each with its line, and how many there are. */
export function renderProblems(
  file: string,
  source: string,
  problems: readonly Problem[],
): string {
  const name = escapeControls(file);
  const shown = inOrder(problems).map((problem) => renderProblem(name, source, problem));
  const total = problems.length === 1 ? "1 error" : `${problems.length} errors`;
  return `${shown.join("\n\n")}\n\n${total} in ${name}\n`;
}

function renderProblem(name: string, source: string, problem: Problem): string {
  const lines: string[] = [];
  if (problem.range === undefined) {
    lines.push(`${name}: ${escapeControls(problem.message)}`);
  } else {
    const range = visibleRange(source, problem.range);
    const { line, column } = positionAt(source, range.start);
    lines.push(`${name}:${line}:${column}: ${escapeControls(problem.message)}`);
    lines.push(...excerpt(source, range, line));
  }
  if (problem.hint !== undefined) lines.push(`  hint: ${escapeControls(problem.hint)}`);
  return lines.join("\n");
}

/**
 * What is missing at the end of the file is shown after its last word, not in the empty line that
 * follows.
 */
function visibleRange(source: string, range: TextRange): TextRange {
  const end = source.trimEnd().length;
  return range.start < end ? range : { start: end, end: end + 1 };
}

/**
 * The source line and, under it, a caret below every character of the range that is on this line.
 */
function excerpt(source: string, range: TextRange, line: number): string[] {
  const lineStart = startOfLine(source, range.start);
  const text = source.slice(lineStart).split(/\r\n|\n|\r/, 1)[0] ?? "";
  const before = [...text.slice(0, range.start - lineStart)];
  const marked = [...text.slice(range.start - lineStart, range.end - lineStart)];
  const after = [...text.slice(Math.max(range.end, range.start) - lineStart)];
  const cut = Math.max(0, before.length + Math.min(marked.length, 40) - SHOWN_CHARACTERS);
  const start = cut > 0 ? [".", ".", ".", ...before.slice(cut + 3)] : before;
  const visible = [...start, ...marked, ...after].map(shownCharacter).join("");
  const width = start.length;
  const carets = "^".repeat(Math.max(1, Math.min(marked.length, SHOWN_CHARACTERS - width)));
  const margin = String(line).padStart(5);
  const clipped = [...visible].slice(0, SHOWN_CHARACTERS).join("");
  return [
    `${margin} | ${clipped}${clipped.length < visible.length ? "..." : ""}`.trimEnd(),
    `${" ".repeat(margin.length)} | ${" ".repeat(width)}${carets}`,
  ];
}

/** One column for one character, so that the caret stands below the right one. */
function shownCharacter(character: string): string {
  if (character === "\t") return " ";
  return escapeControls(character).length > character.length ? "?" : character;
}

function startOfLine(source: string, offset: number): number {
  const before = source.slice(0, offset);
  return Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1;
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.range?.start ?? -1) - (b.range?.start ?? -1));
}
