/**
 * What a row of the settings table is: the kinds of setting there are, and the types that follow
 * from a row.
 *
 * Owns the vocabulary (size, duration, count, choice, toggle, text, texts, section, list) and the way
 * a key of broker.yaml (`max_packet_size`) becomes a property of `Settings` (`maxPacketSizeBytes`).
 * Does not list any setting: `settings.ts` does. Invariant: a row is plain data, so that
 * defaults, documentation, checks and types all come from it, and starting with the defaults
 * loads neither the schema library nor the YAML parser.
 */

import type { TextForm } from "./text_form.ts";

interface RowBase {
  /**
   * One or two sentences for the README, broker.yaml and the editor. Written without a final full
   * stop.
   */
  readonly about: string;
  /**
   * Names other brokers have for this setting, so that an unknown key can be answered with ours.
   */
  readonly alias?: readonly string[];
  /** The value is never shown: in no error, no log line and no output of `broker check`. */
  readonly secret?: boolean;
  /**
   * Why there is always a value although the row has no default. "required": the key must be given;
   * "derived": `derived.ts` makes one of the other settings.
   */
  readonly presence?: "required" | "derived";
}

/**
 * A number of bytes: "16 MiB" or a plain number. Limits are inclusive. Without a default the value is
 * undefined unless the setting is given.
 */
export interface SizeRow<Default extends string | undefined = string | undefined> extends RowBase {
  readonly kind: "size";
  readonly default: Default;
  readonly from: string;
  readonly to: string;
}

/** A length of time: "10s", "never" where the row allows it, or a plain number of seconds. */
export interface DurationRow extends RowBase {
  readonly kind: "duration";
  readonly default: string;
  readonly from: string;
  readonly to: string;
  /** "word": "never" is allowed and becomes Infinity; "word or 0": 0 means the same. */
  readonly never?: "word" | "word or 0";
}

/** A whole number of something. */
export interface CountRow extends RowBase {
  readonly kind: "count";
  readonly default: number | "none";
  readonly from: number;
  readonly to: number;
  /** What is counted, in the plural: "connections". */
  readonly unit: string;
  /** "none" and 0 are allowed, mean no limit, and become Infinity. */
  readonly none?: boolean;
}

/** One of several words. */
export interface ChoiceRow<Word extends string = string> extends RowBase {
  readonly kind: "choice";
  readonly words: readonly Word[];
  readonly default: Word;
}

/** true or false. */
export interface ToggleRow extends RowBase {
  readonly kind: "toggle";
  readonly default: boolean;
}

/** Text of a certain form. Without a default the value is undefined unless the setting is given. */
export interface TextRow<Default extends string | undefined = string | undefined> extends RowBase {
  readonly kind: "text";
  readonly form: TextForm;
  readonly default: Default;
  /** A relative path starts from the folder of the configuration file (`relative_path.ts`). */
  readonly isBeside?: boolean;
}

/** Text that is always there after reading. */
export interface PresentTextRow extends TextRow<undefined> {
  readonly presence: "required" | "derived";
}

/** A setting that holds one value. */
export type LeafRow = SizeRow | DurationRow | CountRow | ChoiceRow | ToggleRow | TextRow;

/** A list whose items are texts of one form, or words. */
export interface TextsRow<
  Item extends PresentTextRow | ChoiceRow = PresentTextRow | ChoiceRow,
  Default extends readonly string[] | undefined = readonly string[] | undefined,
> extends RowBase {
  readonly kind: "texts";
  readonly item: Item;
  /** Undefined: what is not given is not the same as an empty list. */
  readonly default: Default;
}

/** Settings by key, under a heading. */
export interface SectionRow<Rows extends RowMap = RowMap> extends RowBase {
  readonly kind: "section";
  readonly rows: Rows;
}

/** A list whose items are sections or, where the row has words, one of those. */
export interface ListRow<Rows extends RowMap = RowMap, Word extends string = string>
  extends RowBase {
  readonly kind: "list";
  readonly item: SectionRow<Rows>;
  readonly words: readonly Word[];
  /**
   * What stands there when the list is absent, as it would be written. A list that is not empty then
   * may not be empty at all, unless it has words.
   */
  readonly default: readonly unknown[];
}

/** Anything that stands behind a key. */
export type Row = LeafRow | TextsRow | SectionRow | ListRow;

/** Rows by their key in broker.yaml. */
export interface RowMap {
  readonly [key: string]: Row;
}

type Camel<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Key;

/**
 * The property of `Settings` a key becomes: camelCase, with its unit where the key does not name
 * it.
 */
export type SettingName<Key extends string, R> = R extends DurationRow ? `${Camel<Key>}Ms`
  : R extends SizeRow ? Key extends `${string}bytes${string}` ? Camel<Key> : `${Camel<Key>}Bytes`
  : Camel<Key>;

/**
 * The value behind a row after reading: bytes, milliseconds, counts (Infinity for "no limit"),
 * words, text.
 */
export type ValueOf<R> = R extends SectionRow<infer Rows> ? SettingsOf<Rows>
  : R extends ListRow<infer Rows, infer Word> ? readonly (Word | SettingsOf<Rows>)[]
  : R extends TextsRow<infer Item, infer Default>
    ? readonly ValueOf<Item>[] | (Default extends undefined ? undefined : never)
  : R extends ChoiceRow<infer Word> ? Word
  : R extends ToggleRow ? boolean
  : R extends PresentTextRow ? string
  : R extends SizeRow<infer Default> ? number | (Default extends undefined ? undefined : never)
  : R extends TextRow<infer Default> ? string | Default
  : number;

/** A section after reading. */
export type SettingsOf<Rows> = {
  readonly [Key in keyof Rows & string as SettingName<Key, Rows[Key]>]: ValueOf<Rows[Key]>;
};

/** The run-time twin of `SettingName`. */
export function settingName(key: string, row: Row): string {
  const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (row.kind === "duration") return `${camel}Ms`;
  if (row.kind === "size" && !key.includes("bytes")) return `${camel}Bytes`;
  return camel;
}

/** Makes a row for a number of bytes. */
export function size<const Default extends string | undefined>(
  value: Default,
  rest: Omit<SizeRow, "kind" | "default">,
): SizeRow<Default> {
  return { kind: "size", default: value, ...rest };
}

/** Makes a row for a length of time. */
export function duration(value: string, rest: Omit<DurationRow, "kind" | "default">): DurationRow {
  return { kind: "duration", default: value, ...rest };
}

/** Makes a row for a whole number. */
export function count(
  value: number | "none",
  rest: Omit<CountRow, "kind" | "default">,
): CountRow {
  return { kind: "count", default: value, ...rest };
}

/** Makes a row for one of several words. */
export function choice<const Word extends string>(
  value: NoInfer<Word>,
  words: readonly Word[],
  about: string,
  alias: readonly string[] = [],
): ChoiceRow<Word> {
  return { kind: "choice", default: value, words, about, alias };
}

/** Makes a row for true or false. */
export function toggle(
  value: boolean,
  about: string,
  alias: readonly string[] = [],
): ToggleRow {
  return { kind: "toggle", default: value, about, alias };
}

/** Makes a row for text; `undefined` as the value means that there is none unless it is given. */
export function text<const Default extends string | undefined>(
  value: Default,
  form: TextRow["form"],
  about: string,
  alias: readonly string[] = [],
): TextRow<Default> {
  return { kind: "text", default: value, form, about, alias };
}

/** Makes a row for text that must be given, or that is derived when it is not. */
export function presentText(
  presence: "required" | "derived",
  form: TextForm,
  about: string,
  alias: readonly string[] = [],
): PresentTextRow {
  return { kind: "text", default: undefined, form, about, alias, presence };
}

/** Makes a row for the path of a file that starts from the folder of the configuration. */
export function fileBeside(
  about: string,
  alias: readonly string[] = [],
): TextRow<undefined> {
  return { ...text(undefined, "file path", about, alias), isBeside: true };
}

/** Makes a row for text that is never shown. */
export function secretText(
  form: TextForm,
  about: string,
  alias: readonly string[] = [],
): TextRow<undefined> {
  return { ...text(undefined, form, about, alias), secret: true };
}

/** Makes a row for a list of texts of one form. */
export function texts<const Default extends readonly string[] | undefined>(
  value: Default,
  form: TextForm,
  about: string,
  alias: readonly string[] = [],
): TextsRow<PresentTextRow, Default> {
  const item = presentText("required", form, about);
  return { kind: "texts", default: value, item, about, alias };
}

/** Makes a row for a list of paths that start from the folder of the configuration. */
export function filesBeside(
  about: string,
  alias: readonly string[] = [],
): TextsRow<PresentTextRow, readonly []> {
  const row = texts([], "file path", about, alias);
  return { ...row, item: { ...row.item, isBeside: true } };
}

/** Makes a row for a list of words. */
export function choices<const Word extends string>(
  value: readonly NoInfer<Word>[],
  words: readonly [Word, ...Word[]],
  about: string,
  alias: readonly string[] = [],
): TextsRow<ChoiceRow<Word>, readonly Word[]> {
  return { kind: "texts", default: value, item: choice(words[0], words, about), about, alias };
}

/** Makes a row for settings under a heading. */
export function section<const Rows extends RowMap>(
  about: string,
  rows: Rows,
  alias: readonly string[] = [],
): SectionRow<Rows> {
  return { kind: "section", about, rows, alias };
}

/** Makes a row for a list of sections and words. */
export function list<Rows extends RowMap, const Word extends string = never>(
  value: readonly unknown[],
  item: SectionRow<Rows>,
  about: string,
  words: readonly Word[] = [],
  alias: readonly string[] = [],
): ListRow<Rows, Word> {
  return { kind: "list", default: value, item, about, words, alias };
}
