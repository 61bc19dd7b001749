/**
 * What is known about one option of mosquitto.conf: its names, its value, and what becomes of it.
 *
 * Owns the form of a row and of its values. The rows are in `option_table.ts`; what an option that is
 * carried over turns into is decided by the `convert_*.ts` files.
 */

/**
 * What an option belongs to: the broker as a whole; access, which is the broker's or, with
 * `per_listener_settings`, the listener's; the listener, plugin or bridge above it.
 */
export type OptionScope = "broker" | "access" | "listener" | "plugin" | "bridge";

/** What may stand behind the name, as Mosquitto reads it. */
export type OptionValue =
  /** true, false, 1 or 0. */
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly from: number; readonly to: number }
  /** The first word. */
  | { readonly kind: "choice"; readonly of: readonly string[] }
  | { readonly kind: "word" }
  /** Words up to one that starts with "#". */
  | { readonly kind: "words" }
  /** Everything up to the end of the line, without blanks around. */
  | { readonly kind: "text" }
  /** Mosquitto does not look at it. */
  | { readonly kind: "anything" };

/** A value that was read; `text` is all of it, for people. */
export interface OptionReading {
  readonly text: string;
  readonly words: readonly string[];
  readonly flag: boolean;
  readonly number: number;
}

/** What becomes of an option. */
export type OptionFate =
  /** A `convert_*.ts` file decides. */
  | { readonly kind: "converted" }
  /** It does nothing, or is not needed here: nothing is lost with it. */
  | { readonly kind: "needless"; readonly text: string }
  /** There is no such setting; `harmless` is the value that asks for what is so here anyway. */
  | {
    readonly kind: "missing";
    readonly text: string;
    readonly matters: boolean;
    readonly harmless: string | undefined;
  };

export interface OptionRow {
  /** The name of today first, then those that mean the same. */
  readonly names: readonly string[];
  readonly scope: OptionScope;
  readonly value: OptionValue;
  readonly fate: OptionFate;
  /** The value is never shown. */
  readonly isSecret: boolean;
}

export const BOOLEAN: OptionValue = { kind: "boolean" };
export const TEXT: OptionValue = { kind: "text" };
export const WORD: OptionValue = { kind: "word" };
export const WORDS: OptionValue = { kind: "words" };
export const ANYTHING: OptionValue = { kind: "anything" };

/** Mosquitto takes what fits into a C `int`. */
export function integer(from = -2_147_483_648, to = 2_147_483_647): OptionValue {
  return { kind: "integer", from, to };
}

export function choice(...of: readonly string[]): OptionValue {
  return { kind: "choice", of };
}

export const CONVERTED: OptionFate = { kind: "converted" };

export function needless(text: string): OptionFate {
  return { kind: "needless", text };
}

/** Left out without harm to who may connect, what is encrypted, what is delivered, where it listens. */
export function missing(text: string, harmless?: string): OptionFate {
  return { kind: "missing", text, matters: false, harmless };
}

/** Left out, it changes who may connect, what is encrypted, what is delivered, or where it listens. */
export function lacking(text: string, harmless?: string): OptionFate {
  return { kind: "missing", text, matters: true, harmless };
}

/** A row; several names are separated by spaces. */
export function row(
  scope: OptionScope,
  names: string,
  value: OptionValue,
  fate: OptionFate,
  isSecret = false,
): OptionRow {
  return { names: names.split(" "), scope, value, fate, isSecret };
}
