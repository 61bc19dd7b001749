/**
 * The text of a configuration with its secrets covered, for errors that show a line of it.
 *
 * Owns which parts of a text are secrets: the values of secret rows, whatever stands behind a key of
 * such a name, also where it does not belong or where the YAML is broken, and passwords in URLs.
 * Invariant: what is covered keeps its length and its lines, so that places stay what they are.
 */

import { nearest } from "./nearest.ts";
import { everyRow } from "./path.ts";
import type { TextRange } from "./problem.ts";

/** A value of the text, and the keys that lead to it. */
export interface PlacedValue {
  readonly keys: readonly string[];
  readonly range: TextRange;
}

/** What people call secrets that our rows call otherwise. */
const OTHER_NAMES = ["passwd", "pass", "pw", "secret", "token", "psk"];

/** By path, the items of lists without an index. */
const IS_SECRET = new Map(everyRow().map(({ path, row }) => [path.join("."), row.secret === true]));

const { always, sometimes } = secretNames();

/** A secret's key and what follows it in its line, in YAML or nearly so. */
const SECRET_LINE = new RegExp(
  `(?<![\\w.$-])((?:${always.join("|")})["']?[ \\t]*[:=][ \\t]*)([^\\r\\n]+)`,
  "gi",
);

/** User and password of a URL: what stands before its host. */
const URL_CREDENTIALS = /(?<=:\/\/)[^\s/?#]+(?=@)/g;

/** The source with every secret covered by "*". */
export function coverSecrets(source: string, values: readonly PlacedValue[]): string {
  const covered = values.filter(({ keys }) => isSecretPlace(keys)).map(({ range }) => range);
  const known = new Set(covered.map(({ start }) => start));
  for (const { 0: line, 1: key = "", 2: value = "", index } of source.matchAll(SECRET_LINE)) {
    const start = index + key.length;
    const lineEnd = index + line.length;
    const end = endOfValue(source, index, lineEnd);
    // The parser knows better where a value ends, but not that a quote was never closed.
    const isKnown = end === lineEnd && known.has(start);
    if (!isTagged(value) && !isKnown) covered.push({ start, end });
  }
  for (const { 0: text, index } of source.matchAll(URL_CREDENTIALS)) {
    covered.push({ start: index, end: index + text.length });
  }
  const pieces: string[] = [];
  let done = 0;
  for (const { start, end } of covered.toSorted((a, b) => a.start - b.start)) {
    if (end <= done) continue;
    pieces.push(source.slice(done, start), stars(source.slice(Math.max(start, done), end)));
    done = end;
  }
  return pieces.join("") + source.slice(done);
}

/**
 * Where a value ends that may go on in the next lines although the parser did not see it: within
 * quotes, or in the deeper lines after "|". `keyStart` and `lineEnd` are offsets.
 */
function endOfValue(source: string, keyStart: number, lineEnd: number): number {
  const value = source.slice(keyStart, lineEnd).replace(/^.*?[:=][ \t]*/, "");
  const quote = value[0];
  if ((quote === '"' || quote === "'") && !value.slice(1).includes(quote)) {
    const close = source.indexOf(quote, lineEnd);
    return close < 0 ? source.length : close;
  }
  if (quote !== "|" && quote !== ">") return lineEnd;
  const lineStart = source.lastIndexOf("\n", keyStart) + 1;
  const indent = source.slice(lineStart, keyStart).length;
  const deeper = `[ \\t]{${indent + 1},}[^\\r\\n]*`;
  const block = new RegExp(`(?:\\r?\\n(?:${deeper}| *(?=\\r?\\n|$)))*`, "y");
  block.lastIndex = lineEnd;
  return lineEnd + (block.exec(source)?.[0].length ?? 0);
}

/** A value of the file that holds a secret by mistake, as in "name: ann password:..." in one line. */
export function withoutSecrets(value: string): string {
  return value.replace(SECRET_LINE, (_, key: string) => `${key}***`)
    .replace(URL_CREDENTIALS, "***");
}

/** By its row, by a name that is always a secret, or by one that is a secret in its section. */
function isSecretPlace(keys: readonly string[]): boolean {
  const key = keys.at(-1)?.toLowerCase() ?? "";
  if (always.includes(key)) return true;
  const isSecret = IS_SECRET.get(keys.join("."));
  if (isSecret !== undefined) return isSecret;
  if (nearest(key, always) !== undefined) return true;
  return sometimes.some((path) => path.at(-1) === key && keys.includes(path.at(-2) ?? ""));
}

function secretNames(): { always: string[]; sometimes: string[][] } {
  const rows = everyRow();
  const secret = rows.filter(({ row }) => row.secret === true);
  const isAlways = (name: string | undefined) =>
    rows.every(({ path, row }) => path.at(-1) !== name || row.secret === true);
  const names = secret.map(({ path }) => path.at(-1) ?? "").filter(isAlways);
  return {
    always: [...new Set([...names, ...OTHER_NAMES])],
    sometimes: secret.map(({ path }) => path).filter((path) => !isAlways(path.at(-1))),
  };
}

/** `!env NAME` says where a secret is, and nothing of it. */
function isTagged(value: string): boolean {
  return /^!(env|file|credential)[ \t]+[^,}\s]+[ \t]*([#,}\]].*)?$/.test(value);
}

function stars(text: string): string {
  return text.replace(/[^\r\n]/g, "*");
}
