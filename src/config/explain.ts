/**
 * From what the schema refuses to a sentence with a hint.
 *
 * Owns the words of errors about keys and values. The schema only says *where* something is
 * wrong; what is allowed there comes from the row, so that a new row needs no text of its own.
 */

import { keyHint, leafHint } from "./hints.ts";
import { allowedText, kindText, readLeaf } from "./leaf.ts";
import { nearest } from "./nearest.ts";
import { type PathStep, pathText, rowAt } from "./path.ts";
import { isLeaf } from "./read.ts";
import type { LeafRow, ListRow, Row, RowMap } from "./row.ts";
import { HIDDEN } from "./secret.ts";
import { withoutSecrets } from "./secret_text.ts";
import { formHint } from "./text_forms.ts";

/** A sentence, and what to do instead. */
export interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

/**
 * What is wrong with a value at a path, given what the row there allows. `isSecret`: it came from the
 * environment or a file, and is not shown.
 */
export function explainValue(
  path: readonly PathStep[],
  raw: unknown,
  isSecret = false,
): Explanation {
  const row = rowAt(path);
  if (row === undefined) return { message: `Cannot read '${pathText(path)}'` };
  if (raw === undefined) return explainMissing(path, row);
  const what = path.length === 0 ? "the configuration" : `'${pathText(path)}'`;
  const start = `Cannot read ${what}: `;
  if (raw === null) return { message: `${start}it has no value; allowed: ${rowAllows(row)}` };
  const isHidden = isSecret || row.secret === true;
  if (!isLeaf(row)) return explainStructure(start, row, path, isHidden ? HIDDEN_VALUE : raw);
  const result = readLeaf(row, raw);
  const value = isHidden ? `the value ${HIDDEN}` : shown(raw);
  const reason = !result.ok && result.reason !== undefined ? `: ${result.reason}` : "";
  const wrong = !result.ok && result.wrong === "range"
    ? `${value} is out of range`
    : `${value} is not ${kindText(row)}${reason}`;
  return {
    message: `${start}${wrong}; allowed: ${allowedText(row)}`,
    ...withHint(isHidden ? secretHint(row) : leafHint(row, raw)),
  };
}

/** A key that must be there and is not. */
function explainMissing(path: readonly PathStep[], row: Row): Explanation {
  const key = String(path.at(-1));
  return {
    message: `Cannot read '${pathText(path.slice(0, -1))}': it has no '${key}'; ` +
      `allowed: ${rowAllows(row)}`,
  };
}

/** What is wrong with a key that no row has, and where it belongs. */
export function explainUnknownKey(path: readonly PathStep[]): Explanation {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const row = rowAt(parent);
  const rows = row?.kind === "section" ? row.rows : {};
  const where = parent.length === 0 ? "at the top level" : `in '${pathText(parent)}'`;
  const message = `Cannot use '${shortened(key)}': there is no such key ${where}; allowed: ${
    Object.keys(rows).join(", ")
  }`;
  const hint = keyHint(key, rows, parent);
  return { message, ...withHint(hint) };
}

function sectionHint(rows: RowMap, words: readonly string[], raw: unknown): string | undefined {
  if (typeof raw !== "string") return undefined;
  const near = nearest(raw, words);
  if (near !== undefined) return `did you mean '${near}'?`;
  const key = /^(\w+):\S/.exec(raw)?.[1];
  return key !== undefined && Object.hasOwn(rows, key)
    ? `a space is missing after '${key}:'`
    : undefined;
}

/**
 * A value of the file in quotes, shortened, or what kind of thing it is when it is not a single
 * value.
 */
export function shown(raw: unknown): string {
  if (Array.isArray(raw)) return "a list";
  if (raw === null || raw === undefined) return "nothing";
  if (typeof raw === "object") return "a section";
  const text = withoutSecrets(String(raw));
  return `'${text.length > 40 ? `${text.slice(0, 37)}...` : text}'`;
}

/** What is in the place of a secret that should have been a list or a section. */
const HIDDEN_VALUE = HIDDEN;

/** A hint that does not depend on the value, which it would repeat. */
function secretHint(row: LeafRow): string | undefined {
  return row.kind === "text" ? formHint(row.form) : undefined;
}

function explainStructure(
  start: string,
  row: Exclude<Row, LeafRow>,
  path: readonly PathStep[],
  raw: unknown,
): Explanation {
  if (row.kind === "section") return explainSection(start, row.rows, path, raw);
  if (Array.isArray(raw)) return { message: `${start}the list is empty; allowed: one or more` };
  const message = `${start}${shown(raw)} is not a list; allowed: ${rowAllows(row)}`;
  const isItem = row.kind === "texts" && raw !== HIDDEN_VALUE && readLeaf(row.item, raw).ok;
  return { message, hint: isItem ? `write it as [${raw}]` : "begin each item of a list with '- '" };
}

function explainSection(
  start: string,
  rows: RowMap,
  path: readonly PathStep[],
  raw: unknown,
): Explanation {
  const parent = rowAt(path.slice(0, -1));
  const words = parent?.kind === "list" && typeof path.at(-1) === "number" ? parent.words : [];
  const keys = Object.keys(rows).join(", ");
  const allowed = words.length === 0
    ? `the keys ${keys}`
    : `${words.join(", ")}, or the keys ${keys}`;
  const message = `${start}${shown(raw)} is not ${
    words.length === 0 ? "a section" : "allowed here"
  }; allowed: ${allowed}`;
  return { message, ...withHint(sectionHint(rows, words, raw)) };
}

function rowAllows(row: Row): string {
  if (isLeaf(row)) return allowedText(row);
  if (row.kind === "texts") return `a list, each item ${allowedText(row.item)}`;
  return row.kind === "list" ? listAllows(row) : `the keys ${Object.keys(row.rows).join(", ")}`;
}

function listAllows(row: ListRow): string {
  const keys = `the keys ${Object.keys(row.item.rows).join(", ")}`;
  return `a list, each item with ${row.words.length === 0 ? keys : `${keys}, or`} ${
    row.words.join(", ")
  }`.trimEnd();
}

function shortened(key: string): string {
  const text = withoutSecrets(key);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function withHint(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
