/**
 * The table of all settings as Markdown, for the README.
 *
 * Owns the layout of that table and the markers around it. The rows are those of `settings.ts`,
 * in their order.
 */

import { rangeText } from "./leaf.ts";
import { everyRow } from "./path.ts";
import { isLeaf } from "./read.ts";
import type { LeafRow, TextsRow } from "./row.ts";

/** Between these two lines of the README stands the table. */
export const TABLE_START = "<!-- settings -->";
/** See `TABLE_START`. */
export const TABLE_END = "<!-- /settings -->";

/** The Markdown table: key, default, unit or words, meaning. Ends with a line end. */
export function settingsTable(): string {
  const lines = ["| Key | Default | Unit | Meaning |", "| --- | --- | --- | --- |"];
  for (const { path, row } of everyRow()) {
    if (row.kind === "section") continue;
    const key = `\`${path.join(".")}\``;
    const value = isLeaf(row) ? leafDefault(row) : listDefault(row.default);
    const unit = isLeaf(row) ? unitText(row) : row.kind === "texts" ? itemsText(row) : "list";
    lines.push(`| ${key} | ${value} | ${cell(unit)} | ${cell(row.about)} |`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * The README with its table renewed. Throws when the markers are missing or in the wrong order.
 */
export function withSettingsTable(readme: string): string {
  const start = readme.indexOf(TABLE_START);
  const end = readme.indexOf(TABLE_END);
  if (start < 0 || end < start) {
    throw new Error(`Cannot find ${TABLE_START} ... ${TABLE_END} in the README`);
  }
  const before = readme.slice(0, start + TABLE_START.length);
  return `${before}\n\n${settingsTable()}\n${readme.slice(end)}`;
}

function leafDefault(row: LeafRow): string {
  if (row.presence === "required") return "required";
  return row.default === undefined || row.default === "" ? "" : `\`${row.default}\``;
}

function listDefault(value: readonly unknown[] | undefined): string {
  if (value === undefined) return "";
  const items = value.map((item) => typeof item === "string" ? item : JSON.stringify(item));
  return `\`[${items.join(", ").replaceAll('"', "").replaceAll(":", ": ")}]\``;
}

function unitText(row: LeafRow): string {
  switch (row.kind) {
    case "size":
      return `bytes, ${rangeText(row)}`;
    case "duration":
      return `time, ${rangeText(row)}${row.never === undefined ? "" : ", never"}`;
    case "count":
      return `${row.unit}, ${rangeText(row)}${row.none === true ? ", none" : ""}`;
    case "choice":
      return row.words.join(", ");
    case "toggle":
      return "true, false";
    case "text":
      return row.form;
  }
}

function itemsText({ item }: TextsRow): string {
  return `list: ${unitText(item)}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
