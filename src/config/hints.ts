/**
 * What was probably meant: the nearest word, the right unit, the section a key belongs to, our
 * name for another broker's setting.
 *
 * Owns the guesses. A guess is offered only when it would be accepted.
 */

import { readLeaf } from "./leaf.ts";
import { nearest } from "./nearest.ts";
import { everyRow, type PathStep, pathText, rowAt } from "./path.ts";
import type { LeafRow, RowMap } from "./row.ts";

/** What was probably meant by a value that its row does not allow. */
export function leafHint(row: LeafRow, raw: unknown): string | undefined {
  const text = String(raw).trim();
  switch (row.kind) {
    case "choice": {
      const near = nearest(text, row.words);
      return near === undefined ? undefined : `did you mean '${near}'?`;
    }
    case "toggle":
      if (/^(yes|on|y|1|true)$/i.test(text)) return "did you mean true?";
      return /^(no|off|n|0|false)$/i.test(text) ? "did you mean false?" : undefined;
    case "size":
    case "duration":
      return unitHint(row, text);
    case "count":
      return readLeaf(row, Number(text)).ok && text !== "" ? `write it as ${+text}` : undefined;
    case "text":
      return row.form === "address" && /^(\[.*\]|[^:]*):\d+$/.test(text)
        ? "the port has a key of its own, 'port'"
        : undefined;
  }
}

/** "16 M", "16mb" and "10 sec" are meant well. */
function unitHint(row: LeafRow, text: string): string | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)\.?$/i.exec(text.replaceAll("_", ""));
  if (match === null) return undefined;
  const [, amount, unit = ""] = match;
  const units = row.kind === "size" ? SIZE_UNITS : DURATION_UNITS;
  const meant = units[unit.toLowerCase()];
  if (meant === undefined || !readLeaf(row, `${amount}${meant}`).ok) return undefined;
  return `did you mean '${amount}${row.kind === "size" ? " " : ""}${meant}'?`;
}

const SIZE_UNITS: Readonly<Record<string, string>> = {
  b: "B",
  byte: "B",
  bytes: "B",
  k: "KiB",
  kb: "kB",
  kib: "KiB",
  ki: "KiB",
  m: "MiB",
  mb: "MB",
  mib: "MiB",
  mi: "MiB",
  g: "GiB",
  gb: "GB",
  gib: "GiB",
  gi: "GiB",
};

const DURATION_UNITS: Readonly<Record<string, string>> = {
  ms: "ms",
  s: "s",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  m: "m",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  h: "h",
  hour: "h",
  hours: "h",
  d: "d",
  day: "d",
  days: "d",
  w: "w",
  week: "w",
  weeks: "w",
};

/** Which key was probably meant by one that stands where it does not belong, or nowhere. */
export function keyHint(
  key: string,
  rows: RowMap,
  parent: readonly PathStep[],
): string | undefined {
  const near = nearest(key, Object.keys(rows));
  const elsewhere = placesOf(key).filter((place) => pathText(place) !== pathText(parent));
  if (near !== undefined && (elsewhere.length === 0 || key.length === near.length)) {
    return `did you mean '${near}'?`;
  }
  if (key.includes(".")) {
    const steps = key.split(".");
    if (rowAt([...parent, ...steps]) !== undefined) {
      return `write '${steps.join(":' and, indented in the next line, '")}:'`;
    }
  }
  const place = elsewhere[0];
  if (place !== undefined) return belongs(key, place);
  if (near !== undefined) return `did you mean '${near}'?`;
  const alias = aliasOf(key);
  return alias === undefined ? undefined : `did you mean '${alias}'?`;
}

function belongs(key: string, place: readonly PathStep[]): string {
  return place.length === 0
    ? `'${key}' belongs to the top level`
    : `'${key}' belongs under '${pathText(place)}'`;
}

/** The sections that have a key of this name. A list is written with its own name only. */
function placesOf(key: string): PathStep[][] {
  return everyRow().filter(({ path }) => path.at(-1) === key).map(({ path }) => path.slice(0, -1));
}

/** Our name for what another broker calls so. */
function aliasOf(key: string): string | undefined {
  const found = everyRow().find(({ row }) => row.alias?.includes(key.toLowerCase()) === true);
  return found === undefined ? undefined : pathText(found.path);
}
