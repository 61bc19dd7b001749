/**
 * Reads the value of an option as Mosquitto reads it.
 *
 * Owns the ways: numbers as C writes them, flags as true, false, 1 or 0, of which only the first word
 * counts; texts to the end of the line. Says in words what is wrong with one that Mosquitto would not
 * take either.
 */

import type { OptionReading, OptionValue } from "./option_row.ts";

/** A value, or why it is none; `word` is what is wrong in it, if it is a part of it. */
export type ReadValue =
  | { readonly ok: true; readonly reading: OptionReading }
  | { readonly ok: false; readonly reason: string };

/** `rest` is what follows the name. */
export function readOptionValue(value: OptionValue, rest: string): ReadValue {
  const text = trimBlanks(rest);
  const words = wordsOf(rest);
  const [first = ""] = words;
  const reading = { text, words, flag: false, number: NaN };
  if (value.kind === "anything") return { ok: true, reading };
  if (text === "") return { ok: false, reason: "its value is missing" };
  switch (value.kind) {
    case "boolean":
      if (!["true", "false", "1", "0"].includes(first)) return wrong(first, "true or false");
      return { ok: true, reading: { ...reading, text: first, flag: /^(?:true|1)$/.test(first) } };
    case "integer": {
      const number = parseCNumber(first);
      if (number >= value.from && number <= value.to) {
        return { ok: true, reading: { ...reading, text: first, number } };
      }
      return wrong(first, `a whole number from ${value.from} to ${value.to}`);
    }
    case "choice":
      if (!value.of.includes(first)) return wrong(first, `one of ${value.of.join(", ")}`);
      return { ok: true, reading: { ...reading, text: first } };
    case "word":
      return { ok: true, reading: { ...reading, text: first } };
    case "words":
    case "text":
      return { ok: true, reading };
  }
}

function wrong(word: string, allowed: string): ReadValue {
  return { ok: false, reason: `"${word}" is not ${allowed}` };
}

/** As strtol() with base 0 reads it: 12, 0x0c, 014. NaN for anything else. */
export function parseCNumber(text: string): number {
  const found = /^([+-]?)(?:0[xX]([\da-fA-F]+)|(0[0-7]*)|([1-9]\d*))$/.exec(text);
  if (found === null) return NaN;
  const [, sign, hex, octal, decimal] = found;
  const amount = hex !== undefined
    ? Number.parseInt(hex, 16)
    : octal !== undefined
    ? Number.parseInt(octal, 8)
    : Number(decimal);
  return sign === "-" && amount !== 0 ? -amount : amount;
}

/** Words are separated by spaces alone; a comment at the end of a list of words is none of them. */
function wordsOf(rest: string): string[] {
  const words = rest.split(" ").filter((word) => word !== "");
  const comment = words.findIndex((word) => word.startsWith("#"));
  return comment > 0 ? words.slice(0, comment) : words;
}

/** What C calls white space; a no-break space belongs to the text. */
function trimBlanks(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
}
