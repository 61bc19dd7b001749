/**
 * Paths through broker.yaml and through the table of settings (`["listeners", 0, "port"]`).
 *
 * Owns walking along a path. Does not know what is allowed at its end.
 */

import { isRawMap, ownValue } from "./raw.ts";
import type { Row, RowMap } from "./row.ts";
import { settingsTable } from "./settings.ts";

/** A key or an index on the way to a value. */
export type PathStep = string | number;

/** A path as people write it: "listeners[0].port". */
export function pathText(path: readonly PathStep[]): string {
  return path.map((step, index) => {
    if (typeof step === "number") return `[${step}]`;
    return index === 0 ? step : `.${step}`;
  }).join("");
}

/** The row at a path, or undefined when the table has none there. */
export function rowAt(path: readonly PathStep[]): Row | undefined {
  let row: Row | undefined = settingsTable;
  for (const step of path) {
    if (row?.kind === "list" || row?.kind === "texts") row = row.item;
    else if (row?.kind === "section") row = ownRow(row.rows, String(step));
    else return undefined;
  }
  return row;
}

/** The value at a path of the file, or undefined. */
export function rawAt(root: unknown, path: readonly PathStep[]): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isRawMap(value)) value = ownValue(value, String(step));
    else return undefined;
  }
  return value;
}

/** Every row with the path that leads to it. Items of lists are reached by the list's name. */
export function everyRow(): { readonly path: string[]; readonly row: Row }[] {
  const result: { path: string[]; row: Row }[] = [];
  const visit = (rows: RowMap, path: string[]): void => {
    for (const [key, row] of Object.entries(rows)) {
      result.push({ path: [...path, key], row });
      if (row.kind === "section") visit(row.rows, [...path, key]);
      if (row.kind === "list") visit(row.item.rows, [...path, key]);
    }
  };
  visit(settingsTable.rows, []);
  return result;
}

function ownRow(rows: RowMap, key: string): Row | undefined {
  return Object.hasOwn(rows, key) ? rows[key] : undefined;
}
