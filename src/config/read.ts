/**
 * From the values of broker.yaml to `Settings`: names, units, defaults, frozen.
 *
 * Owns the one way a raw value becomes a setting. Does not report errors: it is called with
 * values that the schema has accepted, and with nothing at all for the defaults. Invariant: what
 * is returned is deeply frozen and complete.
 */

import { readLeaf } from "./leaf.ts";
import { type LeafRow, type Row, type RowMap, settingName, type SettingsOf } from "./row.ts";
import { type Settings, settingsTable } from "./settings.ts";

/** A value of broker.yaml that holds keys. */
export type RawMap = { readonly [key: string]: unknown };

/**
 * Settings whose left side may never be larger than the right side, and their words in
 * broker.yaml. A left side that is not given gives way; that both are given and contradict each
 * other is an error (`conflicts.ts`).
 */
export const AT_MOST: readonly (readonly [string, string, string])[] = [
  ["limits", "max_connect_packet_size", "max_packet_size"],
  ["limits", "max_subscriptions_per_client", "max_subscriptions"],
  ["limits", "max_buffered_bytes_per_client", "max_buffered_bytes"],
  ["sessions", "max_queued_bytes", "max_total_queued_bytes"],
];

/** The settings when nothing is configured. */
export function defaultSettings(): Settings {
  return readSettings({});
}

/** Makes settings of values that the schema has accepted. Throws when it has not: that is a bug. */
export function readSettings(raw: RawMap): Settings {
  return readSection(settingsTable.rows, withSmallerDefaults(raw));
}

/**
 * Reads the rows of a section, with their defaults for what is not given; the result is deeply
 * frozen.
 */
export function readSection<Rows extends RowMap>(rows: Rows, raw: RawMap): SettingsOf<Rows> {
  // `settingName` and `readLeaf` do at run time what `SettingsOf` says of the types; a test
  // compares the two.
  return freeze(readRows(rows, raw)) as SettingsOf<Rows>;
}

/** Whether a value of broker.yaml holds keys. */
export function isRawMap(value: unknown): value is RawMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a row holds one value. */
export function isLeaf(row: Row): row is LeafRow {
  return row.kind !== "section" && row.kind !== "list";
}

/** The value behind a key of the file itself; keys that every object inherits are not there. */
export function ownValue(map: RawMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function readRows(rows: RowMap, raw: RawMap): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(rows)) {
    result[settingName(key, row)] = readRow(key, row, ownValue(raw, key));
  }
  return result;
}

function readRow(key: string, row: Row, raw: unknown): unknown {
  switch (row.kind) {
    case "section":
      return readRows(row.rows, isRawMap(raw) ? raw : {});
    case "list": {
      const items: readonly unknown[] = Array.isArray(raw) ? raw : row.default;
      return items.map((item) => isRawMap(item) ? readRows(row.item.rows, item) : item);
    }
    default: {
      const result = readLeaf(row, raw);
      if (result.ok) return result.value;
      throw new Error(`Cannot read '${key}': the schema let a value pass that is not allowed`);
    }
  }
}

/** Lowers the defaults that would contradict a limit that was given. */
function withSmallerDefaults(raw: RawMap): RawMap {
  const result: Record<string, unknown> = { ...raw };
  for (const [sectionKey, smallerKey, largerKey] of AT_MOST) {
    const given = result[sectionKey];
    if (!isRawMap(given) || ownValue(given, smallerKey) !== undefined) continue;
    const rows = settingsTable.rows[sectionKey as "limits" | "sessions"].rows as RowMap;
    const smaller = numberOf(rows[smallerKey], undefined);
    const larger = numberOf(rows[largerKey], ownValue(given, largerKey));
    if (smaller > larger) result[sectionKey] = { ...given, [smallerKey]: larger };
  }
  return result;
}

function numberOf(row: Row | undefined, raw: unknown): number {
  const result = row !== undefined && isLeaf(row) ? readLeaf(row, raw) : undefined;
  return result?.ok === true && typeof result.value === "number" ? result.value : NaN;
}

function freeze(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
