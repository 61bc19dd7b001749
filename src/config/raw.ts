/**
 * Values of broker.yaml as the parser gives them, before anything is known about them.
 *
 * Owns looking into them. Invariant: what every object inherits is not part of a file.
 */

/** A value of broker.yaml that holds keys. */
export type RawMap = { readonly [key: string]: unknown };

/** Whether a value of broker.yaml holds keys. */
export function isRawMap(value: unknown): value is RawMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value behind a key of the file itself; keys that every object inherits are not there. */
export function ownValue(map: RawMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
