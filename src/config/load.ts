/**
 * From a file to `Settings`, or to everything that is wrong with it.
 *
 * Owns the order of the checks: file, YAML, values that stand elsewhere, keys and values,
 * contradictions. All of them run, so that all errors are reported at once. Loads the YAML parser and
 * the schema library, and is therefore itself loaded only when a file is to be read. Invariants:
 * settings are returned only when there is no problem at all; no report shows a secret.
 */

import { findConflicts } from "./conflicts.ts";
import { explainUnknownKey, explainValue } from "./explain.ts";
import { readFileText } from "./file.ts";
import type { PathStep } from "./path.ts";
import { LineIndex, type Problem, renderProblems } from "./problem.ts";
import { isRawMap } from "./raw.ts";
import { RawValues } from "./raw_values.ts";
import { readSettings } from "./read.ts";
import { readReference } from "./reference.ts";
import { folderOf } from "./relative_path.ts";
import { configurationSchema } from "./schema.ts";
import { coverSecrets } from "./secret_text.ts";
import type { Settings } from "./settings.ts";
import { MAX_PROBLEMS, parseYaml, type YamlText } from "./yaml_text.ts";

/** Settings, or a report for people. */
export type Loaded = LoadedSettings | RefusedSettings;

/** A file that is right. */
export interface LoadedSettings {
  readonly ok: true;
  readonly settings: Settings;
  /** The file's name, as it was given. */
  readonly file: string;
  /**
   * The line of a value, from 1; `["roles", 0, "allow", 2]`. Of a value that is not in the file: the
   * line of what would hold it.
   */
  lineOf(path: readonly PathStep[]): number;
}

/** A file that is wrong. */
export interface RefusedSettings {
  readonly ok: false;
  readonly problems: readonly Problem[];
  readonly report: string;
}

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

/**
 * Checks the text of a configuration; `name` is what the errors call it, and its folder is where
 * relative paths start. Reads the values that stand elsewhere.
 */
export function parseSettings(name: string, text: string): Loaded {
  const folder = folderOf(name);
  const yaml = parseYaml(text, (reference) => readReference(reference, folder));
  // A file of nothing but comments is null, and means the defaults.
  const values = new RawValues(yaml.value ?? {});
  const problems = withoutRepeats([...yaml.problems, ...findProblems(yaml, values)]);
  if (problems.length > 0) return refused(name, coverSecrets(text, yaml.placedValues()), problems);
  const { root, secrets } = values;
  if (!isRawMap(root)) throw new Error("Cannot read the settings: the schema accepted no section");
  const lines = new LineIndex(text);
  return {
    ok: true,
    settings: readSettings(root, { folder, secrets }),
    file: name,
    lineOf: (path) => lines.lineAt(yaml.rangeOf(path).start),
  };
}

/** Problems of keys and values, except those that may only follow from broken YAML before them. */
function findProblems(yaml: YamlText, values: RawValues): Problem[] {
  const result = configurationSchema.safeParse(values.root);
  const issues: readonly Issue[] = result.success ? [] : result.error.issues.slice(0, MAX_PROBLEMS);
  const problems = [
    ...issues.flatMap((issue) => issueProblems(yaml, values, issue, [])),
    ...findConflicts(values).map(({ path, message, hint }): Problem => ({
      message,
      range: yaml.keyRangeOf(path),
      ...(hint === undefined ? {} : { hint }),
    })),
  ];
  return problems.filter(({ range }) => range === undefined || range.end < yaml.brokenFrom);
}

function issueProblems(
  yaml: YamlText,
  values: RawValues,
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
  // What could not be read was reported where it should have come from.
  if (values.isUnknown(path)) return [];
  const value = values.at(path);
  if (issue.code === "invalid_union" && isRawMap(value)) {
    // The item is a section, so the words it could have been instead say nothing.
    const nested = (issue.errors ?? []).find((errors) => errors.every((e) => !isAboutSelf(e)));
    if (nested !== undefined) {
      return nested.flatMap((inner) => issueProblems(yaml, values, inner, path));
    }
  }
  return [{ ...explainValue(path, value, values.isSecret(path)), range: yaml.rangeOf(path) }];
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
