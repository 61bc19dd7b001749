/**
 * The rules that the tidy test holds the sources to.
 *
 * Owns what is allowed; each rule takes sources and returns its complaints, one line each, empty
 * when everything is in order. Reads no files, so that each rule can be shown a bad sample.
 */

import { functionLengths } from "./function_lengths.ts";
import { codeOnly, commentsOnly, type SourceFile, withoutComments } from "./source_text.ts";

export const MAX_FUNCTION_LINES = 70;
export const MAX_FILE_LINES = 400;

/**
 * Which parts of src/ a part may import from, besides itself. A part is a folder, or a file directly
 * in src/. Imports run one way: protocol <- broker <- access <- config <- log <- (storage, net, ...)
 * <- cli <- main.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  version: [],
  collection: [],
  error_text: [],
  broker: ["protocol"],
  access: ["error_text", "protocol", "broker"],
  certificates: ["access"],
  config: ["error_text", "protocol", "access"],
  log: ["error_text", "config"],
  storage: ["collection", "error_text", "protocol", "broker"],
  transport: ["error_text", "broker", "access", "certificates"],
  client: ["error_text", "protocol", "transport"],
  load: ["error_text", "protocol", "transport", "client"],
  import: ["error_text", "protocol", "broker", "access", "config", "storage"],
  check: [
    "error_text",
    "protocol",
    "access",
    "certificates",
    "config",
    "control",
    "storage",
    "transport",
  ],
  control: ["error_text", "transport"],
  net: [
    "collection",
    "error_text",
    "protocol",
    "broker",
    "access",
    "certificates",
    "config",
    "control",
    "log",
    "storage",
    "transport",
    "version",
  ],
  cli: [
    "error_text",
    "protocol",
    "broker",
    "access",
    "certificates",
    "check",
    "client",
    "config",
    "control",
    "import",
    "load",
    "log",
    "net",
    "storage",
    "transport",
    "version",
  ],
  main: ["cli"],
};

/** Parts that are pure: nothing of the outside but what they are given. */
const PURE = ["protocol", "broker"];

/** What a pure part may not name, and why it would not be pure. */
const IMPURE: readonly [RegExp, string][] = [
  [/\bDeno\b/, "the operating system"],
  [/\bawait\b|\basync\b|\bPromise\b|\bqueueMicrotask\b/, "waiting"],
  [/\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bperformance\b/, "the clock"],
  [/\bMath\s*\.\s*random\b|\bcrypto\b/, "randomness"],
  [/\bset(?:Timeout|Interval|Immediate)\b/, "timers"],
  [/\bprocess\b(?=\s*[.[])|\bconsole\b/, "the process"],
];

const IMPORT =
  /\bfrom\s+"([^"]+)"|\bimport\s*\(\s*"([^"]+)"\s*\)|^\s*import\s+"([^"]+)"|\bnew\s+URL\s*\(\s*"([^"]+)"\s*,\s*import\.meta/gm;

/** Everything a source imports, as written. */
export function importsOf({ text }: SourceFile): string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map((found) =>
    (found[1] ?? found[2] ?? found[3] ?? found[4]) as string
  );
}

/** The part that a path below src/ belongs to. */
function partOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}

export function importDirection(files: SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((specifier) => checkImport(file, specifier))
  );
}

function checkImport({ path }: SourceFile, specifier: string): string[] {
  const part = partOf(path);
  const allowed = MAY_IMPORT[part];
  if (allowed === undefined) return [`${path}: "${part}" has no row in MAY_IMPORT`];
  if (!specifier.startsWith(".")) {
    return PURE.includes(part) ? [`${path}: imports "${specifier}" from outside`] : [];
  }
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  if (part === "version" && target === "deno.json") return [];
  if (!target.startsWith("src/")) return [`${path}: imports "${specifier}" from outside src/`];
  const from = partOf(target);
  return from === part || allowed.includes(from) ? [] : [`${path}: "${part}" imports "${from}"`];
}

export function purity(files: SourceFile[]): string[] {
  const pure = files.filter(({ path }) => PURE.includes(partOf(path)));
  return pure.flatMap(({ path, text }) =>
    codeOnly(text).split("\n").flatMap((line, index) =>
      IMPURE.filter(([name]) => name.test(line))
        .map(([, what]) => `${path}:${index + 1}: names ${what}`)
    )
  );
}

export function functionSizes(files: SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    functionLengths(text)
      .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ name, line, lines }) => `${path}:${line}: ${lines} lines in ${name}`)
  );
}

export function fileSizes(files: SourceFile[]): string[] {
  return files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MAX_FILE_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

/** A header is a block comment with at least one whole sentence. */
export function fileHeaders(files: SourceFile[]): string[] {
  return files
    .filter(({ text }) => !/^\/\*\*(?:(?!\*\/)[^])*\.\s*(?:(?!\*\/)[^])*\*\//.test(text))
    .map(({ path }) => `${path}: does not open with what it owns`);
}

/**
 * Modules without a test file of their own name. A module without a function (types, tables) needs
 * none; `exceptions` maps others to the reason.
 */
export function testFiles(
  files: SourceFile[],
  testPaths: readonly string[],
  exceptions: Record<string, string>,
): string[] {
  const modules = new Set(files.map(({ path }) => path));
  const tested = new Set(testPaths.map((path) => moduleOf(path, modules)));
  const hasTest = (path: string) => tested.has(path);
  const missing = files
    .filter(({ path, text }) => functionLengths(text).length > 0 && !hasTest(path))
    .filter(({ path }) => exceptions[path] === undefined)
    .map(({ path }) => `${path}: has no test file`);
  const stale = Object.keys(exceptions)
    .filter((path) => hasTest(path) || !files.some((file) => file.path === path))
    .map((path) => `${path}: needs no exception`);
  return [...missing, ...stale];
}

/** `tests/a/x_y_test.ts` is about `src/a/x_y.ts`, or else, as a part of its tests, `src/a/x.ts`. */
function moduleOf(testPath: string, modules: Set<string>): string | undefined {
  let stem = testPath.replace(/^tests\//, "src/").replace(/_test\.ts$/, "");
  while (!modules.has(`${stem}.ts`)) {
    if (!/_[^/_]*$/.test(stem)) return undefined;
    stem = stem.replace(/_[^/_]*$/, "");
  }
  return `${stem}.ts`;
}

const NORMATIVE_ID = /\[MQTT-\d+\.\d+\.\d+-\d+\]/g;

/** Normative ids that sources cite and no test names; comments in tests do not count. */
export function untestedRules(sources: SourceFile[], tests: SourceFile[]): string[] {
  const tested = new Set(
    tests.flatMap(({ text }) => withoutComments(text).match(NORMATIVE_ID) ?? []),
  );
  return sources.flatMap(({ path, text }) =>
    [...new Set(text.match(NORMATIVE_ID))]
      .filter((id) => !tested.has(id))
      .map((id) => `${path}: no test names ${id}`)
  );
}

/** Words for work that is left over, written so that this file does not contain them. */
const LEFTOVERS = new RegExp(
  `\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`,
);

export function leftovers(files: SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    commentsOnly(text).split("\n").flatMap((line, index) =>
      LEFTOVERS.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []
    )
  );
}

/** Tests that are left out, or that leave all others out. A condition may decide, a constant may not. */
export function skippedTests(files: SourceFile[]): string[] {
  const skipping = /\.(?:only|ignore|skip)\s*\(|\b(?:only|ignore)\s*:\s*true\b/;
  return files.flatMap(({ path, text }) =>
    codeOnly(text).split("\n").flatMap((line, index) =>
      skipping.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []
    )
  );
}

/** Comments that switch a check off. */
export function silencedChecks(files: SourceFile[]): string[] {
  const silencing = /@ts-(?:ignore|nocheck|expect-error)|deno-(?:lint|fmt)-ignore/;
  return files.flatMap(({ path, text }) =>
    commentsOnly(text).split("\n").flatMap((line, index) =>
      silencing.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []
    )
  );
}
