/**
 * Rows as aligned columns, of which not all are in memory at once.
 *
 * Owns the widths: those of the first rows. A later cell that is wider shifts its own row only. What
 * is in the cells has no control characters in force any more, so that widths are right.
 */

import { escapeControls } from "../config/escape.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly isNumber?: boolean;
}

/** How many rows are looked at for the widths, and the widest that a column gets. */
const SAMPLE_ROWS = 1000;
const WIDEST = 48;
const GAP = "  ";

/** The lines of the table, with a line of titles first. */
export function* textTable(
  columns: readonly Column[],
  rows: Iterable<readonly string[]>,
): Generator<string> {
  const waiting: (readonly string[])[] = [columns.map(({ title }) => title)];
  let widths: number[] | undefined;
  for (const row of rows) {
    const cells = row.map(escapeControls);
    if (widths !== undefined) {
      yield formatRow(columns, widths, cells);
      continue;
    }
    waiting.push(cells);
    if (waiting.length <= SAMPLE_ROWS) continue;
    widths = widthsOf(columns, waiting);
    for (const each of waiting.splice(0)) yield formatRow(columns, widths, each);
  }
  widths ??= widthsOf(columns, waiting);
  for (const each of waiting) yield formatRow(columns, widths, each);
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map((_column, index) => {
    const lengths = rows.map((cells) => cells[index]?.length ?? 0);
    return Math.min(WIDEST, lengths.reduce((widest, length) => Math.max(widest, length), 0));
  });
}

function formatRow(
  columns: readonly Column[],
  widths: readonly number[],
  cells: readonly string[],
): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return columns[index]?.isNumber ? cell.padStart(width) : cell.padEnd(width);
  });
  return padded.join(GAP).trimEnd();
}
