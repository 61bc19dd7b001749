/**
 * What was probably meant: the nearest word, the right unit, the section a key belongs to, our
 * name for another broker's setting.
 *
 * Owns the guesses. A guess is offered only when it would be accepted.
 */

import { readLeaf } from "./leaf.ts";
import { nearest } from "./nearest.ts";
import { everyRow, type PathStep, rowAt } from "./path.ts";
import type { LeafRow, RowMap, TextRow } from "./row.ts";
import { ruleTextHint } from "./rule_text.ts";
import { formHint } from "./text_forms.ts";

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
      return textHint(row, raw);
  }
}

function textHint(row: TextRow, raw: unknown): string | undefined {
  if (typeof raw !== "string") {
    const isSingle = typeof raw === "number" || typeof raw === "boolean";
    return formHint(row.form) ?? (isSingle ? `put it into quotes, as in "${raw}"` : undefined);
  }
  if (row.form === "rule") return ruleTextHint(raw);
  if (row.form === "topic prefix" && readLeaf(row, `${raw}/`).ok) {
    return `did you mean '${raw}/'?`;
  }
  return row.form === "address" && /^(\[.*\]|[^:]*):\d+$/.test(raw.trim())
    ? "the port has a key of its own, 'port'"
    : formHint(row.form);
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
  const here = parent.filter((step) => typeof step === "string").join(".");
  const elsewhere = placesOf(key).filter((place) => place !== here);
  if (near !== undefined && (elsewhere.length === 0 || key.length === near.length)) {
    return `did you mean '${near}'?`;
  }
  if (key.includes(".")) {
    const steps = key.split(".");
    if (rowAt([...parent, ...steps]) !== undefined) {
      return `write '${steps.join(":' and, indented in the next line, '")}:'`;
    }
  }
  if (elsewhere.length > 0) return belongs(key, elsewhere);
  if (near !== undefined) return `did you mean '${near}'?`;
  const alias = aliasOf(key, here);
  return alias === undefined ? undefined : `did you mean '${alias}'?`;
}

function belongs(key: string, places: readonly string[]): string {
  return places[0] === ""
    ? `'${key}' belongs to the top level`
    : `'${key}' belongs under ${places.map((place) => `'${place}'`).join(" or ")}`;
}

/**
 * The sections that have a key of this name: the top level first, then those that are there once,
 * then items of lists. A list is written with its own name only.
 */
function placesOf(key: string): string[] {
  const rank = (place: string): number =>
    place === "" ? 0 : rowAt(place.split(".").slice(0, 1))?.kind === "section" ? 1 : 2;
  return everyRow().filter(({ path }) => path.at(-1) === key)
    .map(({ path }) => path.slice(0, -1).join("."))
    .toSorted((a, b) => rank(a) - rank(b));
}

/** Our name for what another broker calls so; of several, one below the section it stands in. */
function aliasOf(key: string, here: string): string | undefined {
  const found = everyRow().filter(({ row }) => row.alias?.includes(key.toLowerCase()) === true)
    .map(({ path }) => path.join("."));
  return found.find((path) => here !== "" && path.startsWith(`${here}.`)) ?? found[0];
}
