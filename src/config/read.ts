/**
 * From the values of broker.yaml to `Settings`: names, units, defaults, frozen.
 *
 * Owns the one way a raw value becomes a setting. Does not report errors: it is called with
 * values that the schema has accepted, and with nothing at all for the defaults. Invariant: what
 * is returned is deeply frozen and complete.
 */

import { withDerived } from "./derived.ts";
import { readLeaf } from "./leaf.ts";
import { isRawMap, ownValue, type RawMap } from "./raw.ts";
import { besideConfiguration } from "./relative_path.ts";
import { type LeafRow, type Row, type RowMap, settingName, type SettingsOf } from "./row.ts";
import { markSecret } from "./secret.ts";
import { type Settings, settingsTable } from "./settings.ts";

export type { RawMap } from "./raw.ts";

/** What is known about a file beside its values. */
export interface RawSource {
  /** The folder relative paths start from; undefined leaves them as they are. */
  readonly folder: string | undefined;
  /** The paths, as `pathText` writes them, of values that must not be shown. */
  readonly secrets: ReadonlySet<string>;
}

const NO_SOURCE: RawSource = { folder: undefined, secrets: new Set() };

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
export function readSettings(raw: RawMap, source: RawSource = NO_SOURCE): Settings {
  const settings = readSection(settingsTable.rows, withSmallerDefaults(raw), source);
  return withDerived(settings, raw);
}

/**
 * Reads the rows of a section, with their defaults for what is not given; the result is deeply
 * frozen. What is derived of other settings is not there yet.
 */
export function readSection<Rows extends RowMap>(
  rows: Rows,
  raw: RawMap,
  source: RawSource = NO_SOURCE,
): SettingsOf<Rows> {
  // `settingName` and `readLeaf` do at run time what `SettingsOf` says of the types; a test
  // compares the two.
  return freeze(new SettingsReader(source).readRows(rows, raw, "")) as SettingsOf<Rows>;
}

/** Whether a row holds one value. */
export function isLeaf(row: Row): row is LeafRow {
  return row.kind !== "section" && row.kind !== "list" && row.kind !== "texts";
}

/** Reads rows and keeps in mind where in the file it is. */
class SettingsReader {
  readonly #source: RawSource;

  constructor(source: RawSource) {
    this.#source = source;
  }

  /** `path` is that of the section, as `pathText` writes it. */
  readRows(rows: RowMap, raw: RawMap, path: string): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const secrets = new Set<string>();
    for (const [key, row] of Object.entries(rows)) {
      const name = settingName(key, row);
      const place = path === "" ? key : `${path}.${key}`;
      const value = ownValue(raw, key);
      result[name] = this.#readRow(row, value, place);
      if (this.#isSecret(place, value)) secrets.add(name);
    }
    markSecret(result, secrets);
    return result;
  }

  #readRow(row: Row, raw: unknown, path: string): unknown {
    switch (row.kind) {
      case "section":
        return this.readRows(row.rows, isRawMap(raw) ? raw : {}, path);
      case "list": {
        const items: readonly unknown[] = Array.isArray(raw) ? raw : row.default;
        return items.map((item, index) =>
          isRawMap(item) ? this.readRows(row.item.rows, item, `${path}[${index}]`) : item
        );
      }
      case "texts": {
        const items: readonly unknown[] | undefined = Array.isArray(raw) ? raw : row.default;
        return items?.map((item, index) => this.#readLeaf(row.item, item, `${path}[${index}]`));
      }
      default:
        return this.#readLeaf(row, raw, path);
    }
  }

  #readLeaf(row: LeafRow, raw: unknown, path: string): unknown {
    const result = readLeaf(row, raw);
    if (!result.ok) {
      throw new Error(`Cannot read '${path}': the schema let a value pass that is not allowed`);
    }
    const { folder } = this.#source;
    const isPath = row.kind === "text" && row.isBeside === true && folder !== undefined;
    return isPath && typeof result.value === "string"
      ? besideConfiguration(folder, result.value)
      : result.value;
  }

  /** A list of texts is secret as a whole when one of them is. */
  #isSecret(path: string, raw: unknown): boolean {
    const { secrets } = this.#source;
    if (secrets.size === 0) return false;
    return secrets.has(path) ||
      (Array.isArray(raw) && raw.some((_, index) => secrets.has(`${path}[${index}]`)));
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
