/**
 * Counts, sizes and times in words.
 *
 * Owns the wording that commands share.
 */

import { isoLocal } from "../log/time.ts";

/** "1 session", "12 sessions": `noun` is the singular, and its plural has an "s" more. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number of bytes with at most one decimal: "1.2 MiB". */
export function roughSize(bytes: number): string {
  if (bytes < 1024) return counted(bytes, "byte");
  let size = bytes / 1024;
  for (const unit of ["KiB", "MiB"]) {
    if (size < 1023.95) return `${rounded(size)} ${unit}`;
    size /= 1024;
  }
  return `${rounded(size)} GiB`;
}

function rounded(size: number): string {
  return size.toFixed(1).replace(/\.0$/, "");
}

/** "2026-11-23T08:00:00+01:00": local time, to the second. */
export function isoSeconds(ms: number): string {
  return isoLocal(ms).replace(/\.\d{3}/, "");
}
