/**
 * From a file to `Settings`, or to everything that is wrong with it.
 *
 * Owns the order of the checks: file, YAML, keys and values, contradictions. All of them run, so
 * that all errors are reported at once. Loads the YAML parser and the schema library, and is
 * therefore itself loaded only when a file is to be read. Invariant: settings are returned only
 * when there is no problem at all.
 */

import { findConflicts } from "./conflicts.ts";
import { explainUnknownKey, explainValue } from "./explain.ts";
import { readFileText } from "./file.ts";
import { type PathStep, rawAt } from "./path.ts";
import { type Problem, renderProblems } from "./problem.ts";
import { isRawMap, readSettings } from "./read.ts";
import { configurationSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { MAX_PROBLEMS, parseYaml, type YamlText } from "./yaml_text.ts";

/** Settings, or a report for people. */
export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly report: string };

/** What zod says about a place, as far as it is used: unions nest. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** Reads and checks a configuration file. Never throws because of what is in it. */
export async function loadSettings(path: string): Promise<Loaded> {
  const file = await readFileText(path);
  return file.ok ? parseSettings(path, file.text) : refused(path, file.source, [file.problem]);
}

/** Checks the text of a configuration; `name` is what the errors call it. */
export function parseSettings(name: string, text: string): Loaded {
  const yaml = parseYaml(text);
  // A file of nothing but comments is null, and means the defaults.
  const raw = yaml.value ?? {};
  const problems = [...yaml.problems, ...findProblems(yaml, raw)];
  if (problems.length > 0) return refused(name, text, problems);
  if (!isRawMap(raw)) throw new Error("Cannot read the settings: the schema accepted no section");
  return { ok: true, settings: readSettings(raw) };
}

/** Problems of keys and values, except those that may only follow from broken YAML before them. */
function findProblems(yaml: YamlText, raw: unknown): Problem[] {
  const result = configurationSchema.safeParse(raw);
  const issues: readonly Issue[] = result.success ? [] : result.error.issues.slice(0, MAX_PROBLEMS);
  const problems = [
    ...issues.flatMap((issue) => issueProblems(yaml, raw, issue, [])),
    ...findConflicts(raw).map(({ path, message, hint }): Problem => ({
      message,
      range: yaml.keyRangeOf(path),
      ...(hint === undefined ? {} : { hint }),
    })),
  ];
  return withoutRepeats(problems).filter(({ range }) =>
    range === undefined || range.end < yaml.brokenFrom
  );
}

function issueProblems(
  yaml: YamlText,
  raw: unknown,
  issue: Issue,
  parent: readonly PathStep[],
): Problem[] {
  const path = [...parent, ...issue.path.map(step)];
  if (issue.code === "unrecognized_keys") {
    return (issue.keys ?? []).slice(0, MAX_PROBLEMS).map((key) => ({
      ...explainUnknownKey([...path, key]),
      range: yaml.keyRangeOf([...path, key]),
    }));
  }
  const value = rawAt(raw, path);
  if (issue.code === "invalid_union" && isRawMap(value)) {
    // The item is a section, so the words it could have been instead say nothing.
    const nested = (issue.errors ?? []).find((errors) => errors.every((e) => !isAboutSelf(e)));
    if (nested !== undefined) {
      return nested.flatMap((inner) => issueProblems(yaml, raw, inner, path));
    }
  }
  return [{ ...explainValue(path, value), range: yaml.rangeOf(path) }];
}

/** A value that fails two checks of the schema has one problem. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const key = ({ message, range }: Problem) => `${range?.start} ${message}`;
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()];
}

/** Whether an error of a union's branch says that the value as a whole is of another kind. */
function isAboutSelf(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== "unrecognized_keys";
}

function step(key: PropertyKey): PathStep {
  return typeof key === "symbol" ? String(key) : key;
}

function refused(name: string, source: string, problems: readonly Problem[]): Loaded {
  return { ok: false, problems, report: renderProblems(name, source, problems) };
}
