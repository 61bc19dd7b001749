/**
 * Sizes and durations as people write them ("16 MiB", "10s") and as the program counts them
 * (bytes, milliseconds).
 *
 * Owns the units, their spelling and the way back from a number to text. Does not know any
 * setting or its limits. Invariant: what a `format` function returns, its `parse` function reads
 * back, to within rounding.
 */

const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KiB: 1024,
  MB: 1000 ** 2,
  MiB: 1024 ** 2,
  GB: 1000 ** 3,
  GiB: 1024 ** 3,
};

const MS_BY_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** The word for a duration that has no end. */
export const NEVER = "never";

/**
 * What a size looks like when it is not a plain number; the JSON Schema uses the same expression.
 */
export const SIZE_PATTERN = /^\d+(\.\d+)? ?(B|kB|KiB|MB|MiB|GB|GiB)?$/;

/**
 * What a duration looks like when it is not a plain number; the JSON Schema uses the same
 * expression.
 */
export const DURATION_PATTERN = /^\d+(\.\d+)? ?(ms|s|m|min|h|d|w)?$/;

/**
 * Reads a size in bytes, or returns undefined when the value is not one. A plain number is bytes.
 */
export function parseSize(value: unknown): number | undefined {
  const bytes = parseWithUnit(value, SIZE_PATTERN, BYTES_BY_UNIT, 1);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/**
 * Reads a duration in milliseconds, or returns undefined when the value is not one. A plain
 * number is seconds, and "never" is Infinity.
 */
export function parseDuration(value: unknown): number | undefined {
  if (value === NEVER) return Infinity;
  return parseWithUnit(value, DURATION_PATTERN, MS_BY_UNIT, 1000);
}

/**
 * Writes a number of bytes with the largest binary unit that divides it, or with one decimal: "16
 * MiB".
 */
export function formatSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB", "GB", "MB", "kB"]) {
    const size = BYTES_BY_UNIT[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

/**
 * Writes a duration with the largest unit that divides it: "90s" becomes "90s", "120s" becomes
 * "2m".
 */
export function formatDuration(ms: number): string {
  if (ms === Infinity) return NEVER;
  if (ms === 0) return "0s";
  for (const unit of ["d", "h", "m", "s"]) {
    const size = MS_BY_UNIT[unit] ?? 1;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

function parseWithUnit(
  value: unknown,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
  plainUnit: number,
): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value * plainUnit : undefined;
  if (typeof value !== "string" || !pattern.test(value)) return undefined;
  const amount = Number.parseFloat(value);
  const unit = value.replace(/^[\d.]+ ?/, "");
  return amount * (unit === "" ? plainUnit : units[unit] ?? plainUnit);
}
