/**
 * Settings that are fine alone and contradict each other.
 *
 * Owns the rules between keys other than those of listeners and access. Works on the values of the file as they were written, whatever
 * they are, so that contradictions are reported together with all other errors.
 */

import type { Conflict } from "./conflict.ts";
import { accessConflicts } from "./conflicts_access.ts";
import { listenerConflicts } from "./conflicts_listeners.ts";
import { readLeaf } from "./leaf.ts";
import { type PathStep, rowAt } from "./path.ts";
import { isRawMap, ownValue } from "./raw.ts";
import type { RawValues } from "./raw_values.ts";
import { AT_MOST, isLeaf } from "./read.ts";

/** Every contradiction in the values of a file. */
export function findConflicts(values: RawValues): Conflict[] {
  return [
    ...listenerConflicts(values),
    ...accessConflicts(values),
    ...destinationConflicts(values),
    ...sizeConflicts(values),
  ];
}

/** A file needs a name, and two destinations that rotate one file would destroy it. */
function destinationConflicts(values: RawValues): Conflict[] {
  const items = values.at(["logging", "destinations"]);
  if (!Array.isArray(items)) return [];
  const conflicts: Conflict[] = [];
  const names = items.map((item) => isRawMap(item) ? ownValue(item, "file") ?? null : item);
  for (const [index, name] of names.entries()) {
    const path = ["logging", "destinations", index];
    if (name === null && isRawMap(items[index])) {
      conflicts.push({
        path,
        message: `Cannot use 'logging.destinations[${index}]': it has no 'file'`,
      });
    } else if (typeof name === "string" && names.indexOf(name) < index) {
      conflicts.push({
        path,
        message: `Cannot use 'logging.destinations[${index}]': ${
          values.shown(isRawMap(items[index]) ? [...path, "file"] : path)
        } is there already`,
      });
    }
  }
  return conflicts;
}

function sizeConflicts(values: RawValues): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const [section, smallerKey, largerKey] of AT_MOST) {
    const smaller = given(values, [section, smallerKey]);
    const larger = given(values, [section, largerKey]);
    if (smaller === undefined || larger === undefined || smaller <= larger) continue;
    conflicts.push({
      path: [section, smallerKey],
      message: `Cannot use '${section}.${smallerKey}': ` +
        `${values.shown([section, smallerKey])} is more than '${section}.${largerKey}', ` +
        values.shown([section, largerKey]),
    });
  }
  return conflicts;
}

/** The number a key was given, when it was given one that is allowed. */
function given(values: RawValues, path: readonly PathStep[]): number | undefined {
  const row = rowAt(path);
  const written = values.at(path);
  if (row === undefined || !isLeaf(row) || written === undefined) return undefined;
  const result = readLeaf(row, written);
  return result.ok && typeof result.value === "number" ? result.value : undefined;
}
