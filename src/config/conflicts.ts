/**
 * Settings that are fine alone and contradict each other.
 *
 * Owns the rules between keys. Works on the values of the file as they were written, whatever
 * they are, so that contradictions are reported together with all other errors.
 */

import { addressesOverlap, isAddress } from "./address.ts";
import { readLeaf } from "./leaf.ts";
import { type PathStep, rawAt, rowAt } from "./path.ts";
import { AT_MOST, isLeaf, isRawMap, ownValue } from "./read.ts";
import { shown } from "./explain.ts";
import { ALL_ADDRESSES, DEFAULT_PORT } from "./settings.ts";

/** A contradiction, and the key it is shown at. */
export interface Conflict {
  readonly path: readonly PathStep[];
  readonly message: string;
  readonly hint?: string;
}

/** Every contradiction in the values of a file. */
export function findConflicts(raw: unknown): Conflict[] {
  const listeners = rawAt(raw, ["listeners"]);
  const destinations = rawAt(raw, ["logging", "destinations"]);
  return [
    ...(Array.isArray(listeners) ? listenerConflicts(listeners) : []),
    ...(Array.isArray(destinations) ? destinationConflicts(destinations) : []),
    ...sizeConflicts(raw),
  ];
}

function listenerConflicts(items: readonly unknown[]): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const [index, item] of items.entries()) {
    if (!isRawMap(item)) continue;
    const path = ["listeners", index];
    for (const key of ["port", "address"]) {
      if (ownValue(item, "path") === undefined || ownValue(item, key) === undefined) continue;
      conflicts.push({
        path: [...path, key],
        message: `Cannot use 'listeners[${index}].${key}' together with 'path': ` +
          "a Unix socket has neither port nor address",
        hint: "make two listeners of it, or remove one of the keys",
      });
    }
    const earlier = items.slice(0, index).findIndex((other) => collide(item, other));
    if (earlier >= 0) conflicts.push(sameEndpoint(path, item, earlier));
  }
  return conflicts;
}

function sameEndpoint(
  path: readonly PathStep[],
  item: { readonly [key: string]: unknown },
  earlier: number,
): Conflict {
  const key = ["path", "port", "address"].find((name) => ownValue(item, name) !== undefined);
  return {
    path: key === undefined ? path : [...path, key],
    message: `Cannot use 'listeners[${path.at(-1)}]': ${endpointText(item)} ` +
      `is taken by 'listeners[${earlier}]'`,
  };
}

function collide(one: unknown, other: unknown): boolean {
  if (!isRawMap(one) || !isRawMap(other)) return false;
  const a = endpoint(one);
  const b = endpoint(other);
  if (a.path !== undefined || b.path !== undefined) return a.path === b.path;
  return a.port === b.port && typeof a.port === "number" && a.port > 0 &&
    addressesOverlap(a.address, b.address);
}

function endpoint(item: { readonly [key: string]: unknown }) {
  const address = ownValue(item, "address");
  return {
    path: ownValue(item, "path"),
    port: ownValue(item, "port") ?? DEFAULT_PORT,
    address: typeof address === "string" && isAddress(address) ? address : ALL_ADDRESSES,
  };
}

function endpointText(item: { readonly [key: string]: unknown }): string {
  const { path, port, address } = endpoint(item);
  if (path !== undefined) return `the Unix socket ${shown(path)}`;
  return address === ALL_ADDRESSES
    ? `port ${port} on all addresses`
    : `port ${port} on '${address}'`;
}

/** A file needs a name, and two destinations that rotate one file would destroy it. */
function destinationConflicts(items: readonly unknown[]): Conflict[] {
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
        message: `Cannot use 'logging.destinations[${index}]': ${shown(name)} is there already`,
      });
    }
  }
  return conflicts;
}

function sizeConflicts(raw: unknown): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const [section, smallerKey, largerKey] of AT_MOST) {
    const smaller = given(raw, [section, smallerKey]);
    const larger = given(raw, [section, largerKey]);
    if (smaller === undefined || larger === undefined || smaller <= larger) continue;
    conflicts.push({
      path: [section, smallerKey],
      message: `Cannot use '${section}.${smallerKey}': ` +
        `${shown(rawAt(raw, [section, smallerKey]))} is more than '${section}.${largerKey}', ` +
        shown(rawAt(raw, [section, largerKey])),
    });
  }
  return conflicts;
}

/** The number a key was given, when it was given one that is allowed. */
function given(raw: unknown, path: readonly PathStep[]): number | undefined {
  const row = rowAt(path);
  const written = rawAt(raw, path);
  if (row === undefined || !isLeaf(row) || written === undefined) return undefined;
  const result = readLeaf(row, written);
  return result.ok && typeof result.value === "number" ? result.value : undefined;
}
