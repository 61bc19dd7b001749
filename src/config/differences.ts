/**
 * What differs between two configurations, in one line each: what a reload reports.
 *
 * Owns the words. Values that are secret are never shown. Items of a list are told apart by their
 * name (listeners, users, roles), so that one that was added does not look like many that changed.
 */

import { escapeControls } from "./escape.ts";
import { formatLeaf } from "./leaf.ts";
import { isLeaf } from "./read.ts";
import { type ListRow, type Row, type RowMap, settingName } from "./row.ts";
import { HIDDEN, holdsSecrets, isHidden, isMarkedSecret } from "./secret.ts";
import { type Settings, settingsTable } from "./settings.ts";

/** A setting that is not what it was. */
export interface Difference {
  /** As in broker.yaml, without the items of lists: "limits.max_qos", "users". */
  readonly key: string;
  /** "limits.max_qos: 1, was 2"; "users: 'ann' is new". Without a final full stop. */
  readonly text: string;
}

/** Every difference, in the order of the table. */
export function describeDifferences(before: Settings, after: Settings): Difference[] {
  return sectionDifferences(settingsTable.rows, before, after, "", "");
}

function sectionDifferences(
  rows: RowMap,
  before: object,
  after: object,
  prefix: string,
  shownPrefix: string,
): Difference[] {
  return Object.entries(rows).flatMap(([name, row]) => {
    const property = settingName(name, row);
    const [old, now] = [valueOf(before, property), valueOf(after, property)];
    if (isSame(old, now)) return [];
    const isSecret = isHidden(row, before, property) || isHidden(row, after, property);
    if (isSecret) return [{ key: prefix + name, text: `${shownPrefix}${name}: changed` }];
    return rowDifferences(row, old, now, prefix + name, shownPrefix + name);
  });
}

function rowDifferences(
  row: Row,
  old: unknown,
  now: unknown,
  key: string,
  shown: string,
): Difference[] {
  if (row.kind === "section") {
    return sectionDifferences(row.rows, Object(old), Object(now), `${key}.`, `${shown}.`);
  }
  if (row.kind === "list" && "name" in row.item.rows) {
    return namedDifferences(row, asList(old), asList(now), key, shown);
  }
  if (holdsSecrets(old) || holdsSecrets(now)) return [{ key, text: `${shown}: changed` }];
  return [{ key, text: `${shown}: ${written(row, now)}, was ${written(row, old)}` }];
}

function namedDifferences(
  row: ListRow,
  old: readonly unknown[],
  now: readonly unknown[],
  key: string,
  shown: string,
): Difference[] {
  const before = new Map(old.map((item) => [nameOf(item), item]));
  const after = new Map(now.map((item) => [nameOf(item), item]));
  const removed = [...before.keys()].filter((name) => !after.has(name))
    .map((name) => ({ key, text: `${shown}: ${labelOf(before.get(name), name)} is gone` }));
  const others = [...after].flatMap(([name, item]) => {
    const label = labelOf(item, name);
    if (!before.has(name)) return [{ key, text: `${shown}: ${label} is new` }];
    const { rows } = row.item;
    return sectionDifferences(
      rows,
      Object(before.get(name)),
      Object(item),
      `${key}.`,
      `${shown} ${label} `,
    );
  });
  return [...removed, ...others];
}

function written(row: Row, value: unknown): string {
  if (value === undefined) return "not given";
  if (isLeaf(row)) return escapeControls(formatLeaf(row, value));
  const items = asList(value).map((item) =>
    holdsSecrets(item) ? HIDDEN : typeof item === "object" ? JSON.stringify(item) : String(item)
  );
  return items.length === 0 ? "none" : escapeControls(items.join(", "));
}

function labelOf(item: unknown, name: string): string {
  return isMarkedSecret(Object(item), "name") ? HIDDEN : `'${escapeControls(name)}'`;
}

function nameOf(item: unknown): string {
  return String(valueOf(Object(item), "name"));
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function valueOf(settings: object, property: string): unknown {
  return Object.hasOwn(settings, property)
    ? (settings as { readonly [key: string]: unknown })[property]
    : undefined;
}

/** Settings are plain data; `Infinity` is a value of its own. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  const keys = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) && keys.length === Object.keys(other).length &&
    keys.every((key) =>
      Object.hasOwn(other, key) && isSame(valueOf(one, key), valueOf(other, key))
    );
}
