/**
 * What a command line of the client tools can have wrong, and the checks that many options share.
 *
 * Owns the wording: what was given, why it cannot be, what is allowed.
 */

import { nearest } from "../../config/nearest.ts";

/** The command line or the options file is wrong; the message is for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A whole number, decimal or "0x" hexadecimal, from `least` to `most`. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^[-+]?(?:\d{1,15}|0x[\da-f]{1,12})$/i.test(text) ? toNumber(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `'${flag}' does not take '${text}': allowed is a whole number from ${least} to ${most}`,
  );
}

/** A number with or without a fraction, from `least` to `most`. */
export function decimalNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\+?(?:\d+\.?\d*|\.\d+)(?:e-?\d{1,2})?$/i.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `'${flag}' does not take '${text}': allowed is a number from ${least} to ${most}`,
  );
}

/** Says that `text` is none of the words that are allowed, and which one is near. */
export function notAmong(what: string, text: string, allowed: readonly string[]): UsageError {
  // Of digits each is as near as the other.
  const near = text.length > 1 ? nearest(text, allowed) : undefined;
  const hint = near === undefined ? "" : ` (did you mean '${near}'?)`;
  return new UsageError(`${what} '${text}' is not known${hint}: allowed are ${allowed.join(", ")}`);
}

function toNumber(text: string): number {
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text.replace(/^\+/, ""));
}
