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
  const table = new TableLines(columns);
  for (const row of rows) yield* table.add(row);
  yield* table.end();
}

/** The same for rows that come one by one. */
export class TableLines {
  readonly #columns: readonly Column[];
  /** Rows that the widths are made from; none any more when they are known. */
  #waiting: (readonly string[])[];
  #widths: readonly number[] | undefined;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#waiting = [columns.map(({ title }) => title)];
  }

  /** The lines that can be written with this row: none for the first ones. */
  add(row: readonly string[]): readonly string[] {
    const cells = row.map(escapeControls);
    if (this.#widths !== undefined) return [formatRow(this.#columns, this.#widths, cells)];
    this.#waiting.push(cells);
    return this.#waiting.length <= SAMPLE_ROWS ? [] : this.end();
  }

  /** Those that are left. */
  end(): readonly string[] {
    const widths = this.#widths ??= widthsOf(this.#columns, this.#waiting);
    return this.#waiting.splice(0).map((cells) => formatRow(this.#columns, widths, cells));
  }
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
