/**
 * TypeScript sources as text: which files there are, and their code without comments or strings.
 *
 * Owns a scanner for the lexical grammar that `deno fmt` leaves: comments, strings, templates and
 * regular expressions are told from code. It parses nothing. Invariant: masked text has the length
 * and the lines of its source, so that an index or a line number means the same in both.
 */

import { repositoryPath } from "../../build/paths.ts";

/** A source file; `path` is relative to the repository and separated by "/". */
export interface SourceFile {
  path: string;
  text: string;
}

/** Every TypeScript file below a folder of the repository, sorted by path. */
export function readSources(folder: string): SourceFile[] {
  const files: SourceFile[] = [];
  for (const entry of Deno.readDirSync(repositoryPath(folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && path !== "build/out") files.push(...readSources(path));
    else if (entry.isFile && path.endsWith(".ts")) {
      files.push({ path, text: Deno.readTextFileSync(repositoryPath(path)) });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The text with comments replaced by spaces, strings and regular expressions by underscores. */
export function codeOnly(text: string): string {
  return mask(text, ["comment", "string", "regexp"]);
}

/** The text with comments replaced by spaces. */
export function withoutComments(text: string): string {
  return mask(text, ["comment"]);
}

/** The text with everything but comments hidden. */
export function commentsOnly(text: string): string {
  return mask(text, ["code", "string", "regexp"]);
}

type Kind = "code" | "comment" | "string" | "regexp";

function mask(text: string, hidden: Kind[]): string {
  let masked = "";
  for (const { kind, start, end } of pieces(text)) {
    const piece = text.slice(start, end);
    const filler = kind === "string" || kind === "regexp" ? "_" : " ";
    masked += hidden.includes(kind) ? piece.replace(/[^\n]/g, filler) : piece;
  }
  return masked;
}

interface Piece {
  kind: Kind;
  start: number;
  end: number;
}

/** After these characters (or words) a slash begins a regular expression, else it divides. */
const BEFORE_REGEXP = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void))\s*$/;

const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const STRING = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const REGEXP = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;

function* pieces(text: string): Generator<Piece> {
  /** For each template that is open: how many braces are open in its current `${}`. */
  const templates: number[] = [];
  let index = 0;
  let codeStart = 0;
  while (index < text.length) {
    const found = pieceAt(text, index, codeStart, templates);
    if (found === undefined) {
      index++;
      continue;
    }
    if (found.start > codeStart) yield { kind: "code", start: codeStart, end: found.start };
    yield found;
    index = codeStart = found.end;
  }
  yield { kind: "code", start: codeStart, end: index };
}

/** The comment, string or regular expression at an index, or undefined when code is there. */
function pieceAt(
  text: string,
  start: number,
  codeStart: number,
  templates: number[],
): Piece | undefined {
  const character = text[start];
  if (character === '"' || character === "'") return match(STRING, "string", text, start);
  if (character === "`") return templatePiece(text, start, templates);
  const depth = templates.at(-1);
  if (depth !== undefined && character === "{") templates[templates.length - 1] = depth + 1;
  if (depth !== undefined && character === "}") {
    templates[templates.length - 1] = depth - 1;
    if (depth > 1) return undefined;
    templates.pop();
    return templatePiece(text, start, templates);
  }
  if (character !== "/") return undefined;
  const comment = match(COMMENT, "comment", text, start);
  if (comment !== undefined) return comment;
  const isRegexp = BEFORE_REGEXP.test(text.slice(Math.max(codeStart, start - 80), start));
  return isRegexp ? match(REGEXP, "regexp", text, start) : undefined;
}

function match(pattern: RegExp, kind: Kind, text: string, start: number): Piece | undefined {
  pattern.lastIndex = start;
  const found = pattern.exec(text);
  return found === null ? undefined : { kind, start, end: start + found[0].length };
}

/** From a backtick, or from the brace that closes `${}`, to the end or to the next `${`. */
function templatePiece(text: string, start: number, templates: number[]): Piece {
  TEMPLATE_TEXT.lastIndex = start + 1;
  const end = start + 1 + (TEMPLATE_TEXT.exec(text)?.[0].length ?? 0);
  if (!text.startsWith("${", end)) return { kind: "string", start, end: end + 1 };
  templates.push(1);
  return { kind: "string", start, end: end + 2 };
}
