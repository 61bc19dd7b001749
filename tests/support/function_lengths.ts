/**
 * How long the functions of a TypeScript source are.
 *
 * Owns a scanner over code that `deno fmt` has formatted. It pairs brackets and looks at what stands
 * in front of a brace, which is enough to tell functions, methods and arrow functions with a body
 * from blocks, classes, object literals and types. Arrow functions without braces are not counted.
 */

import { codeOnly } from "./source_text.ts";

/** One function, from the line its header begins on to the line of its closing brace. */
export interface FunctionLength {
  /** The beginning of its header. */
  name: string;
  /** Counted from 1. */
  line: number;
  lines: number;
}

interface Bracket {
  kind: "function" | "block" | "other";
  /** Where the statement or member that the bracket belongs to begins. */
  headerStart: number;
}

const CONTROL =
  /^(?:if|else|for|while|do|switch|try|catch|finally|case|default|static|class|interface|enum|namespace|abstract class|declare)\b(?!\s*[(:<?]?\s*\)?\s*:)/;
const MODIFIERS =
  /^(?:(?:export|default|async|static|public|private|protected|override|get|set|readonly|abstract|declare)\s+)+/;
const FUNCTION = /^function\b/;
const METHOD = /^\*?\s*(?:#?[\w$]+|\[[^\]]+\])\s*(?:<[^]*>)?\s*\(/;

/** Every function with a body in the source, in the order in which they end. */
export function functionLengths(source: string): FunctionLength[] {
  const code = codeOnly(source);
  const found: FunctionLength[] = [];
  const stack: Bracket[] = [];
  let headerStart = 0;
  for (let index = 0; index < code.length; index++) {
    const character = code[index] as string;
    if ("({[".includes(character)) {
      const kind = character === "{" ? kindOfBrace(code.slice(headerStart, index)) : "other";
      stack.push({ kind, headerStart });
      headerStart = index + 1;
    } else if (")}]".includes(character)) {
      const bracket = stack.pop();
      if (bracket === undefined) throw new Error(`Cannot pair "${character}" at ${index}`);
      if (bracket.kind === "function") found.push(measure(code, bracket.headerStart, index));
      headerStart = bracket.kind === "other" ? bracket.headerStart : index + 1;
    } else if (character === ";" || (character === "," && separates(code, headerStart, index))) {
      headerStart = index + 1;
    }
  }
  if (stack.length > 0) throw new Error(`Cannot pair ${stack.length} brackets at the end`);
  return found;
}

/** A comma ends a member or an argument, unless it stands between type arguments. */
function separates(code: string, headerStart: number, comma: number): boolean {
  const header = code.slice(headerStart, comma).replaceAll("=>", "");
  return header.split("<").length <= header.split(">").length;
}

/** What a brace opens, from the text between it and the statement's beginning. */
function kindOfBrace(before: string): Bracket["kind"] {
  const header = before.trim();
  if (/=>$/.test(header)) return "function";
  if (/^(?:case\b[^]*|default\s*):$/.test(header)) return "block";
  if (/[=:|&<,(?]$/.test(header)) return "other";
  if (/\b(?:return|extends|import|export|from|type \w+ =)$/.test(header)) return "other";
  if (header === "" || header.endsWith(";")) return "block";
  const bare = header.replace(MODIFIERS, "");
  if (FUNCTION.test(bare)) return "function";
  if (CONTROL.test(bare)) return "block";
  if (METHOD.test(bare) || /[=(:]\s*(?:async\s+)?function\b/.test(bare)) return "function";
  return "block";
}

function measure(code: string, headerStart: number, end: number): FunctionLength {
  const start = headerStart + code.slice(headerStart).search(/\S/);
  const line = countLines(code, start);
  return {
    name: code.slice(start, end).split("\n", 1)[0]?.slice(0, 60).trim() ?? "",
    line,
    lines: countLines(code, end) - line + 1,
  };
}

function countLines(text: string, end: number): number {
  let count = 1;
  for (let index = text.indexOf("\n"); index !== -1 && index < end;) {
    count++;
    index = text.indexOf("\n", index + 1);
  }
  return count;
}
