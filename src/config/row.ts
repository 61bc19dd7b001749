/**
 * What a row of the settings table is: the kinds of setting there are, and the types that follow
 * from a row.
 *
 * Owns the vocabulary (size, duration, count, choice, toggle, text, section, list) and the way a
 * key of broker.yaml (`max_packet_size`) becomes a property of `Settings` (`maxPacketSizeBytes`).
 * Does not list any setting: `settings.ts` does. Invariant: a row is plain data, so that
 * defaults, documentation, checks and types all come from it, and starting with the defaults
 * loads neither the schema library nor the YAML parser.
 */

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
}

/** A number of bytes: "16 MiB" or a plain number. Limits are inclusive. */
export interface SizeRow extends RowBase {
  readonly kind: "size";
  readonly default: string;
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
  readonly form: "address" | "socket path" | "file path";
  readonly default: Default;
}

/** A setting that holds one value. */
export type LeafRow = SizeRow | DurationRow | CountRow | ChoiceRow | ToggleRow | TextRow;

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
   * What stands there when the list is absent, as it would be written. A list without words needs
   * an item.
   */
  readonly default: readonly unknown[];
}

/** Anything that stands behind a key. */
export type Row = LeafRow | SectionRow | ListRow;

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
  : R extends ChoiceRow<infer Word> ? Word
  : R extends ToggleRow ? boolean
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
export function size(value: string, rest: Omit<SizeRow, "kind" | "default">): SizeRow {
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
