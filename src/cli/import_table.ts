/**
 * The table that `broker import` ends with: what became of each option.
 *
 * Owns its layout and its JSON. What became of what is decided in `import/`.
 */

import type { DatabaseReport } from "../import/database/import_database.ts";
import type { Finding } from "../import/findings.ts";
import { textTable } from "./text_table.ts";

/** What the whole table says. */
export interface ImportSummary {
  readonly source: string;
  /** The paths of all files that were written. */
  readonly written: readonly string[];
  readonly findings: readonly Finding[];
  readonly database: DatabaseReport | undefined;
}

/** Characters of a line of the last column, and of a value. */
const TEXT_WIDTH = 64;
const VALUE_WIDTH = 30;

/** The place, the option, what became of it. */
const COLUMNS = [{ title: "" }, { title: "" }, { title: "" }];

const GROUPS: readonly (readonly [title: string, (finding: Finding) => boolean])[] = [
  ["Carried over", ({ result }) => result === "carried"],
  ["Changed", ({ result }) => result === "changed"],
  ["Left out", ({ result, matters }) => result === "not_carried" && !matters],
  ["Left out, and it matters", ({ matters }) => matters],
];

/** The lines of the table. */
export function* tableLines({ findings, database }: ImportSummary): Generator<string> {
  for (const [title, belongs] of GROUPS) {
    const group = findings.filter(belongs);
    if (group.length === 0) continue;
    yield title;
    // The titles above would make columns wider than what is in them.
    const [, ...lines] = textTable(COLUMNS, group.flatMap(rowsOf));
    yield* lines;
    yield "";
  }
  if (database !== undefined) yield* databaseLines(database);
  yield summaryText(findings);
}

function rowsOf({ place, option, value, text }: Finding): string[][] {
  const where = place === undefined ? "(default)" : `${place.file}:${place.line}`;
  const shown = value.length > VALUE_WIDTH ? `${value.slice(0, VALUE_WIDTH - 3)}...` : value;
  return wrapped(text).map((line, index) =>
    index === 0 ? [where, `${option} ${shown}`.trimEnd(), line] : ["", "", line]
  );
}

function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= TEXT_WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function* databaseLines(report: DatabaseReport): Generator<string> {
  const { retained, sessions, subscriptions, queued, inflight, inbound } = report;
  yield "Of the database";
  yield `  retained messages: ${retained}, sessions: ${sessions}, subscriptions: ${subscriptions}, ` +
    `messages that wait: ${queued}, on their way: ${inflight + inbound}`;
  for (const line of report.changed) yield `  changed: ${line}`;
  for (const line of report.lost) yield `  lost: ${line}`;
  for (const line of report.hints) yield `  note: ${line}`;
  yield "";
}

function summaryText(findings: readonly Finding[]): string {
  const [carried, changed, left, mattering] = GROUPS.map(([, belongs]) =>
    findings.filter(belongs).length
  );
  const matters = mattering === 0
    ? "none of which matters"
    : `${mattering} of which ${mattering === 1 ? "matters" : "matter"}`;
  const all = (left ?? 0) + (mattering ?? 0);
  return `${carried} carried over, ${changed} changed, ${all} left out, ${matters}`;
}

/** What programs get in place of the table. */
export function tableJson({ source, written, findings, database }: ImportSummary): object {
  return {
    source,
    written,
    options: findings.map(({ place, option, value, result, matters, text }) => ({
      file: place?.file ?? null,
      line: place?.line ?? null,
      option,
      value,
      result,
      matters,
      text,
    })),
    database: database ?? null,
  };
}
