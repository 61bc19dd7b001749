/**
 * A broker.yaml in the making: settings with a comment each that says where they come from, and its
 * text.
 *
 * Owns how YAML is written here: the order of the sections, quotes, comments behind values and above
 * them. Invariant: what is read back is what was put in; a comment is one line whatever is in it.
 */

import { escapeControls } from "../config/escape.ts";

/** A value and the comment behind it. */
interface Leaf {
  readonly kind: "leaf";
  readonly text: string;
  readonly note: string | undefined;
}

interface List {
  readonly kind: "list";
  readonly items: (Leaf | YamlSection)[];
}

/** What may be put in as a value. */
export type YamlScalar = string | number | boolean;

/** Words that YAML takes for something else than text, in any case. */
const RESERVED = /^(?:true|false|yes|no|on|off|null|none|y|n|~)$/i;
const PLAIN = /^(?:[A-Za-z/][\w/.:@%+-]*(?: [\w/.@%+-]+)*|\d+ ?(?:B|s|m|h|d|w|KiB|MiB|GiB))$/;

/** A mapping: keys, in the order in which they were put in. */
export class YamlSection {
  readonly kind = "section";
  readonly #entries = new Map<string, Leaf | List | YamlSection>();
  /** Comments above the first key. */
  readonly #comments: string[] = [];

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#comments.length === 0;
  }

  /** Sets a key; `note` is the comment behind it. */
  put(key: string, value: YamlScalar, note?: string): void {
    this.#entries.set(key, { kind: "leaf", text: scalarText(value), note });
  }

  /** Adds a value to the list of a key. */
  append(key: string, value: YamlScalar, note?: string): void {
    this.#listOf(key).items.push({ kind: "leaf", text: scalarText(value), note });
  }

  /** Adds a mapping to the list of a key. */
  appendSection(key: string): YamlSection {
    const section = new YamlSection();
    this.#listOf(key).items.push(section);
    return section;
  }

  /** A list that may be empty. */
  list(key: string): void {
    this.#listOf(key);
  }

  /** The mapping of a key, made when it is not there. */
  section(key: string): YamlSection {
    const known = this.#entries.get(key);
    if (known instanceof YamlSection) return known;
    const section = new YamlSection();
    this.#entries.set(key, section);
    return section;
  }

  /** The mappings in the list of a key. */
  sectionsOf(key: string): YamlSection[] {
    return this.#listOf(key).items.filter((item) => item instanceof YamlSection);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** A comment above the keys. */
  comment(text: string): void {
    this.#comments.push(text);
  }

  /** The lines, each indented by so many blanks. */
  lines(indent = 0): string[] {
    const blanks = " ".repeat(indent);
    const comments = this.#comments.map((text) => `${blanks}# ${escapeControls(text)}`.trimEnd());
    const keys = [...this.#entries].flatMap(([key, value]) => entryLines(blanks, key, value));
    return [...comments, ...keys];
  }

  #listOf(key: string): List {
    const known = this.#entries.get(key);
    if (known?.kind === "list") return known;
    const list: List = { kind: "list", items: [] };
    this.#entries.set(key, list);
    return list;
  }
}

function entryLines(blanks: string, key: string, value: Leaf | List | YamlSection): string[] {
  if (value.kind === "leaf") return [`${blanks}${key}: ${withNote(value)}`];
  if (value.kind === "section") {
    const lines = value.lines(blanks.length + 2);
    const hasKeys = lines.some((line) => !line.trimStart().startsWith("#"));
    return lines.length === 0 ? [] : [`${blanks}${hasKeys ? "" : "# "}${key}:`, ...lines];
  }
  if (value.items.length === 0) return [`${blanks}${key}: []`];
  return [`${blanks}${key}:`, ...value.items.flatMap((item) => itemLines(blanks, item))];
}

function itemLines(blanks: string, item: Leaf | YamlSection): string[] {
  if (item.kind === "leaf") return [`${blanks}  - ${withNote(item)}`];
  const lines = item.lines(blanks.length + 4);
  const first = lines.findIndex((line) => !line.trimStart().startsWith("#"));
  return lines.map((line, index) => {
    if (index < first || first < 0) return `${blanks}  ${line.trimStart()}`;
    return index === first ? `${blanks}  - ${line.trimStart()}` : line;
  });
}

function withNote({ text, note }: Leaf): string {
  return note === undefined ? text : `${text}  # ${escapeControls(note)}`;
}

/** Quoted wherever YAML could read something else. */
export function scalarText(value: YamlScalar): string {
  if (typeof value !== "string") return String(value);
  if (PLAIN.test(value) && !RESERVED.test(value) && !/:(?: |$)/.test(value)) return value;
  return quoted(value);
}

/** JSON, with everything escaped that YAML would not let through. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
