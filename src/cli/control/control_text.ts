/**
 * Times, durations and rates of a running broker, in words.
 *
 * Owns the wording that its commands share.
 */

import { isoSeconds } from "../quantity_text.ts";

const UNITS: readonly (readonly [letter: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** The two largest units: "3d 4h", "12s". */
export function roughDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return "0s";
  let left = whole;
  const parts: string[] = [];
  for (const [letter, size] of UNITS.slice(first, first + 2)) {
    const amount = Math.floor(left / size);
    left -= amount * size;
    if (amount > 0) parts.push(`${amount}${letter}`);
  }
  return parts.join(" ");
}

/** A time of an item, local and to the second; `never` for null. */
export function timeText(time: string | null, never = "-"): string {
  return time === null ? never : isoSeconds(Date.parse(time));
}

/** A number a second: "0", "0.4", "12.3", "1204". */
export function rateText(perSecond: number): string {
  return perSecond >= 100
    ? String(Math.round(perSecond))
    : perSecond.toFixed(1).replace(/\.0$/, "");
}

/** Lines with labels of one width. */
export function* labelled(
  facts: Iterable<readonly [label: string, text: string]>,
): Generator<string> {
  const all = [...facts];
  const width = all.reduce((widest, [label]) => Math.max(widest, label.length), 0);
  for (const [label, text] of all) {
    yield label === "" ? `${" ".repeat(width + 3)}${text}` : `${label}:`.padEnd(width + 3) + text;
  }
}
