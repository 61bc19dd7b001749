/**
 * The order in which Mosquitto reads the files of `include_dir`.
 *
 * Owns the order, and which files count: those whose names end in ".conf" and have more than that.
 */

/** The names that count, in their order. */
export function includedNames(names: Iterable<string>): string[] {
  return [...names].filter((name) => name.length > 5 && name.endsWith(".conf"))
    .toSorted(compareNames);
}

/** By letters without their case; of two that differ in case alone, the capital comes first. */
export function compareNames(one: string, other: string): number {
  const a = new TextEncoder().encode(one);
  const b = new TextEncoder().encode(other);
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const [x = 0, y = 0] = [a[index], b[index]];
    const difference = upper(x) - upper(y) || x - y;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Of ASCII letters, as in the "C" locale. */
function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}
