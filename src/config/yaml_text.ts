/**
 * The YAML of a configuration: its values, and where in the text each of them stands.
 *
 * Owns the parser's options (safe: aliases are counted, tags of other programs refused), the
 * words for its errors, and the way from a path (`["listeners", 0, "port"]`) to a range. A value with
 * one of our tags (`!env NAME`) is read at once, by a function that is given. Does not know any
 * setting.
 */

import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type ScalarTag,
  visit,
  type YAMLError,
} from "yaml";
import type { PathStep } from "./path.ts";
import type { Problem, TextRange } from "./problem.ts";
import { Reference, REFERENCE_KINDS, type ReferenceResult } from "./reference.ts";
import { SecretText } from "./secret.ts";
import type { PlacedValue } from "./secret_text.ts";

/** The parser's view of a text. */
export interface YamlText {
  /**
   * What the text says; undefined when that cannot be told. Values with a tag are `SecretText`.
   */
  readonly value: unknown;
  /** What is wrong with the YAML itself. */
  readonly problems: readonly Problem[];
  /**
   * From this offset on, the values cannot be trusted because the structure is broken before it.
   */
  readonly brokenFrom: number;
  /**
   * Where the value at a path stands; of a value that is not in the text, where its nearest
   * ancestor does.
   */
  rangeOf(path: readonly PathStep[]): TextRange;
  /** Where the key at the end of a path stands. */
  keyRangeOf(path: readonly PathStep[]): TextRange;
  /** Every value of a key that is written in the text itself, also where the YAML is broken. */
  placedValues(): PlacedValue[];
}

/** Reads what a tagged value names. */
export type ReadReference = (reference: Reference) => ReferenceResult;

/** More uses of one anchor than any configuration has, fewer than make a small file a large one. */
const MAX_ALIAS_COUNT = 100;

/**
 * Deeper nesting than any configuration has; the parser's time grows with the square of the
 * depth.
 */
const MAX_OPEN_BRACKETS = 200;

/** More errors than anybody reads at once. */
export const MAX_PROBLEMS = 100;

/** Errors after which the rest of the structure is still what it looks like. */
const HARMLESS = new Set(["TAG_RESOLVE_FAILED", "BAD_DQ_ESCAPE"]);

/** Own words for what the parser reports most. */
const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab indents the line; allowed: spaces",
  BAD_INDENT: "the indentation does not fit the lines before",
  MISSING_CHAR: "something is missing here: a colon, a quote or a closing bracket",
  MULTILINE_IMPLICIT_KEY: "a key goes over several lines; is a colon missing after it?",
  BLOCK_AS_IMPLICIT_KEY: "a second 'key: value' stands in one line, or the indentation is wrong",
  MULTIPLE_DOCS: "a second document begins with '---'; a configuration is one",
  BAD_ALIAS: "the alias names no anchor",
  BAD_SCALAR_START: "a value cannot begin with this character; put it into quotes",
  BAD_DQ_ESCAPE: "this escape does not exist; use '...' for text with backslashes",
  TAG_RESOLVE_FAILED: "the only tags are !env, !file and !credential, each before one value",
  // The parser's own words would repeat the text, which may be a secret.
  UNEXPECTED_TOKEN: "this cannot stand here",
  BLOCK_IN_FLOW: "lines with indentation cannot stand inside brackets",
};

const CUSTOM_TAGS: ScalarTag[] = REFERENCE_KINDS.map((kind) => ({
  tag: `!${kind}`,
  resolve: (name: string) => new Reference(kind, name),
}));

/** Parses a text. Never throws. */
export function parseYaml(text: string, read: ReadReference): YamlText {
  const tooDeep = offsetOfDepth(text, MAX_OPEN_BRACKETS);
  if (tooDeep !== undefined) return unusable("brackets are nested too deeply", tooDeep);
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      merge: true,
      customTags: CUSTOM_TAGS,
      // Its own search for repeated keys takes minutes for a file of a megabyte; see
      // `repeatedKeys`.
      uniqueKeys: false,
      // Nothing is printed in any case; "silent" would not report a second document.
      logLevel: "error",
    });
    return describe(document, text, read);
  } catch (error) {
    if (error instanceof RangeError) return unusable("the values are nested too deeply", 0);
    throw error;
  }
}

function describe(document: Document.Parsed, text: string, read: ReadReference): YamlText {
  const errors = [...document.errors, ...document.warnings];
  const broken = errors.filter((error) => !HARMLESS.has(error.code)).map((error) => error.pos[0]);
  const problems = [
    ...errors.map((error) => syntaxProblem(error, text)),
    ...nodeProblems(document),
    ...readReferences(document, read),
  ];
  const value = toValue(document, problems);
  return {
    value,
    problems: problems.slice(0, MAX_PROBLEMS),
    brokenFrom: Math.min(Infinity, ...broken),
    rangeOf: (path) => rangeAt(document, path, "value"),
    keyRangeOf: (path) => rangeAt(document, path, "key"),
    placedValues: () => placedValues(document),
  };
}

/** Puts what they name in the place of tagged values. */
function readReferences(document: Document.Parsed, read: ReadReference): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar: (role, node, ancestors) => {
      const reference: unknown = node.value;
      if (!(reference instanceof Reference)) return;
      const result = role === "key" ? KEY_REFERENCE : read(reference);
      node.value = new SecretText(result.ok ? result.text : "", result.ok);
      if (result.ok) return;
      const { message, hint } = result;
      const pair = ancestors.at(-1);
      // Without a name there is nothing to show but the key.
      const range = nodeRange(node) ?? (isPair(pair) ? nodeRange(pair.key) : undefined);
      problems.push({ message, range, ...(hint === undefined ? {} : { hint }) });
    },
  });
  return problems;
}

const KEY_REFERENCE: ReferenceResult = {
  ok: false,
  message: "Cannot use a tag here: only values stand elsewhere, not keys",
};

function placedValues(document: Document.Parsed): PlacedValue[] {
  const values: PlacedValue[] = [];
  visit(document, {
    Pair: (_, pair, ancestors) => {
      const range = nodeRange(pair.value);
      const isTagged = isScalar(pair.value) && pair.value.value instanceof SecretText;
      if (range === undefined || isTagged) return;
      const pairs = [...ancestors.filter(isPair), pair];
      const keys = pairs.map(({ key }) => String(isScalar(key) ? key.value : key));
      values.push({ keys, range });
    },
  });
  return values;
}

/** Keys that stand twice in one section, and aliases without an anchor. */
function nodeProblems(document: Document.Parsed): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string, node: unknown): void => {
    problems.push({ message, range: nodeRange(node) });
  };
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === null) continue;
        const name = String(key.value);
        if (keys.has(name)) add(`Cannot use '${name}': the key stands here twice`, key);
        keys.add(name);
      }
    },
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      add(`Cannot use '*${alias.source}': there is no '&${alias.source}' before it`, alias);
    },
  });
  return problems;
}

function unusable(reason: string, offset: number): YamlText {
  const start = { start: offset, end: offset + 1 };
  return {
    value: undefined,
    problems: [{ message: `Cannot parse YAML: ${reason}`, range: start }],
    brokenFrom: 0,
    rangeOf: () => start,
    keyRangeOf: () => start,
    placedValues: () => [],
  };
}

function toValue(document: Document.Parsed, problems: Problem[]): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
  } catch (error) {
    const reason = error instanceof RangeError
      ? "the values are nested too deeply"
      : error instanceof ReferenceError
      ? `aliases unfold to more than ${MAX_ALIAS_COUNT} copies`
      : "'<<' stands before something that is no section";
    // An alias without its anchor was reported already.
    if (problems.length === 0) {
      problems.push({ message: `Cannot parse YAML: ${reason}`, range: undefined });
    }
    return undefined;
  }
}

function syntaxProblem(error: YAMLError, text: string): Problem {
  const [start, end] = error.pos;
  const [reason = ""] = (WORDS[error.code] ?? error.message).split("\n");
  return {
    message: `Cannot parse YAML: ${reason}`,
    range: { start, end: Math.max(start + 1, Math.min(end, text.length)) },
  };
}

/** Where more brackets are open than allowed, counted without regard to quotes. */
function offsetOfDepth(text: string, limit: number): number | undefined {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1);
    if (depth > limit) return index;
  }
  return undefined;
}

/** Follows the path as far as it leads, through aliases and merged keys. */
function rangeAt(
  document: Document.Parsed,
  path: readonly PathStep[],
  part: "key" | "value",
): TextRange {
  let node: unknown = document.contents;
  let range = nodeRange(node) ?? { start: 0, end: 1 };
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const found = child(document, node, step);
    if (found === undefined) return range;
    const keyRange = nodeRange(found.key);
    const valueRange = nodeRange(found.value);
    range = (last && part === "key" ? keyRange ?? valueRange : valueRange ?? keyRange) ?? range;
    node = found.value;
  }
  return range;
}

function child(
  document: Document.Parsed,
  given: unknown,
  step: PathStep,
): { key: unknown; value: unknown } | undefined {
  const node = isAlias(given) ? given.resolve(document) : given;
  if (isSeq(node)) {
    const value = node.items[Number(step)];
    return value === undefined ? undefined : { key: undefined, value };
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    if (isPair(pair) && String(isScalar(pair.key) ? pair.key.value : pair.key) === String(step)) {
      return { key: pair.key, value: pair.value };
    }
  }
  return mergedChild(document, node.items, step);
}

/** A key that comes from `<<: *anchor` stands where the anchor is. */
function mergedChild(
  document: Document.Parsed,
  pairs: readonly { key: unknown; value: unknown }[],
  step: PathStep,
): { key: unknown; value: unknown } | undefined {
  for (const { key, value } of pairs) {
    if (!isScalar(key) || String(key.source ?? key.value) !== "<<") continue;
    for (const source of isSeq(value) ? value.items : [value]) {
      const found = child(document, source, step);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** An empty value has a range of no length: its key is what can be shown. */
function nodeRange(node: unknown): TextRange | undefined {
  if (typeof node !== "object" || node === null || !("range" in node)) return undefined;
  const range = node.range;
  if (!Array.isArray(range)) return undefined;
  const [start, end] = range;
  return typeof start === "number" && typeof end === "number" && end > start
    ? { start, end }
    : undefined;
}
