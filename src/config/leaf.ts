/**
 * One value of broker.yaml: whether it is what its row allows, what it becomes, and the words for
 * what is allowed.
 *
 * Owns the meaning of each kind of leaf row. Does not know where in the file the value stands.
 * Invariant: `allowedText` names everything that `readLeaf` accepts, and nothing that it refuses.
 */

import type { CountRow, DurationRow, LeafRow, SizeRow, TextRow } from "./row.ts";
import type { TextForm } from "./text_form.ts";
import { formatDuration, formatSize, NEVER, parseDuration, parseSize } from "./units.ts";
import { asText, formAllows, textFault } from "./text_forms.ts";

/** The word for "no limit" in counts. */
export const NONE = "none";

/** What a leaf becomes. */
export type LeafValue = string | number | boolean | undefined;

/** The value of a leaf, or why there is none. */
export type LeafResult =
  | { readonly ok: true; readonly value: LeafValue }
  | {
    readonly ok: false;
    readonly wrong: "kind" | "range";
    /** What exactly, where there is more to say; without the value itself. */
    readonly reason?: string;
  };

const NOT_OF_THIS_KIND: LeafResult = { ok: false, wrong: "kind" };

/** The forms whose name does not go with "a". */
const TEXT_KINDS: Partial<Readonly<Record<TextForm, string>>> = {
  account: "a user or group",
  address: "an address",
  claim: "a claim",
  header: "a header in one line",
  mode: "a file mode",
  origin: "an origin",
  "SCRAM verifier": "a SCRAM verifier",
  secret: "text",
  text: "text",
};

/** Reads what stands behind a key. `undefined`, the setting is not given, reads as the default. */
export function readLeaf(row: LeafRow, raw: unknown): LeafResult {
  const given = raw === undefined ? row.default : raw;
  switch (row.kind) {
    case "size":
      if (given === undefined) return { ok: true, value: undefined };
      return inRange(parseSize(given), parseSize(row.from), parseSize(row.to));
    case "duration":
      return readDuration(row, given);
    case "count":
      return readCount(row, given);
    case "choice": {
      // YAML takes a version, 3.1, for a number.
      const written = typeof given === "number" ? String(given) : given;
      const word = row.words.find((allowed) => allowed === written);
      return word === undefined ? NOT_OF_THIS_KIND : { ok: true, value: word };
    }
    case "toggle":
      return typeof given === "boolean" ? { ok: true, value: given } : NOT_OF_THIS_KIND;
    case "text":
      return given === undefined ? { ok: true, value: undefined } : readText(row, given);
  }
}

/** What a row's value is, for "'x' is not ...": "a size", "a whole number". */
export function kindText(row: LeafRow): string {
  switch (row.kind) {
    case "size":
      return "a size";
    case "duration":
      return "a duration";
    case "count":
      return "a whole number";
    case "choice":
      return "one of the words allowed here";
    case "toggle":
      return "true or false";
    case "text":
      return TEXT_KINDS[row.form] ?? `a ${row.form}`;
  }
}

/**
 * What a row allows, for the end of an error: "a number of bytes or ..., from 1 KiB to 256 MiB".
 */
export function allowedText(row: LeafRow): string {
  switch (row.kind) {
    case "size":
      return `a number of bytes or a number with B, kB, KiB, MB, MiB, GB, GiB, ${rangeText(row)}`;
    case "duration":
      return `a number of seconds or a number with ms, s, m, h, d, w, ${rangeText(row)}` +
        neverText(row);
    case "count":
      return `a whole number ${rangeText(row)}${row.none === true ? ', or "none"' : ""}`;
    case "choice":
      return row.words.join(", ");
    case "toggle":
      return "true, false";
    case "text":
      return formAllows(row.form);
  }
}

/** The range of a row, "from 1 KiB to 256 MiB". */
export function rangeText(row: SizeRow | DurationRow | CountRow): string {
  switch (row.kind) {
    case "size":
      return `from ${sizeText(row.from)} to ${sizeText(row.to)}`;
    case "duration":
      return `from ${row.from} to ${row.to}`;
    case "count":
      return `from ${row.from} to ${row.to}`;
  }
}

/** A value after reading, the way a person would write it in the file. */
export function formatLeaf(row: LeafRow, value: unknown): string {
  if (value === undefined || value === "") return NONE;
  if (value === Infinity) return row.kind === "duration" ? NEVER : NONE;
  if (row.kind === "size" && typeof value === "number") return formatSize(value);
  if (row.kind === "duration" && typeof value === "number") return formatDuration(value);
  return String(value);
}

function readText(row: TextRow, given: unknown): LeafResult {
  const value = asText(row.form, given);
  if (value === undefined) return NOT_OF_THIS_KIND;
  const reason = textFault(row.form, value);
  if (reason === undefined) return { ok: true, value };
  return reason === "" ? NOT_OF_THIS_KIND : { ok: false, wrong: "kind", reason };
}

function readDuration(row: DurationRow, given: unknown): LeafResult {
  const ms = parseDuration(given);
  if (ms === 0 && row.never === "word or 0") return { ok: true, value: Infinity };
  if (ms === Infinity) {
    return row.never === undefined ? NOT_OF_THIS_KIND : { ok: true, value: ms };
  }
  return inRange(ms, parseDuration(row.from), parseDuration(row.to));
}

function readCount(row: CountRow, given: unknown): LeafResult {
  if (row.none === true && (given === NONE || given === 0)) return { ok: true, value: Infinity };
  if (typeof given !== "number" || !Number.isInteger(given)) return NOT_OF_THIS_KIND;
  return inRange(given, row.from, row.to);
}

function inRange(
  value: number | undefined,
  from: number | undefined,
  to: number | undefined,
): LeafResult {
  if (value === undefined) return NOT_OF_THIS_KIND;
  if (from === undefined || to === undefined) {
    throw new Error("Cannot check a value: the range of its row cannot be read");
  }
  return value >= from && value <= to ? { ok: true, value } : { ok: false, wrong: "range" };
}

function neverText(row: DurationRow): string {
  if (row.never === undefined) return "";
  return row.never === "word" ? ', or "never"' : ', or "never" (0 means the same)';
}

function sizeText(written: string): string {
  return formatSize(parseSize(written) ?? 0);
}
