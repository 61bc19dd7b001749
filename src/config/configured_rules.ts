/**
 * The rules of a configuration, as layers for the engine: the roles of broker.yaml, then the ACL
 * files in their order.
 *
 * Owns that order, where each rule stands, and the reading of ACL files. Invariant: what cannot be read
 * makes no rules at all: half of them would allow or deny too much.
 */

import { readFileText } from "./file.ts";
import type { LoadedSettings } from "./load.ts";
import { positionAt, type Problem } from "./problem.ts";
import { parseRuleText } from "./rule_text.ts";
import { HIDDEN, isMarkedSecret } from "./secret.ts";
import type { RoleSettings, Settings } from "./settings.ts";
import { parseAclFile } from "./acl_file.ts";
import type { Audience, Layer, Role, Rule, RuleSource } from "../access/rule.ts";

/** The settings that are read here. */
export type RuleSettings = Pick<Settings, "roles" | "aclFiles" | "users">;

/** Where settings stand in their file; there is none for the defaults. */
export type SettingPlaces = Pick<LoadedSettings, "file" | "lineOf">;

/** What `RuleEngine` and `RuleAccess` are made of. */
export interface ConfiguredRules {
  /** Empty: no rules are configured, and everybody may everything. */
  readonly layers: readonly Layer[];
  /** Groups of configured users, by user name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** What is valid but does nothing: a place and a sentence each. */
  readonly warnings: readonly string[];
}

/** Reads the ACL files as well; throws an Error that names the one that is wrong, and why. */
export async function readConfiguredRules(
  settings: RuleSettings,
  places: SettingPlaces | undefined,
): Promise<ConfiguredRules> {
  const layers: Layer[] = [];
  const warnings: string[] = [];
  if (settings.roles.length > 0) {
    layers.push({ roles: settings.roles.map((role, index) => readRole(role, index, places)) });
  }
  for (const [index, path] of settings.aclFiles.entries()) {
    const shown = isMarkedSecret(settings, "aclFiles") ? `ACL file ${index + 1}` : path;
    const read = await readAclFile(path, shown);
    layers.push(...read.layers);
    warnings.push(...read.warnings);
  }
  return { layers, groups: groupsOf(settings), warnings };
}

function groupsOf({ users }: RuleSettings): Map<string, readonly string[]> {
  return new Map(users.map(({ name, groups }) => [name, groups]));
}

function readRole(role: RoleSettings, index: number, places: SettingPlaces | undefined): Role {
  const { allow, deny } = role;
  const read = (effect: Rule["effect"], texts: readonly string[]) =>
    texts.map((text, at): Rule => {
      const source = sourceOf(places, ["roles", index, effect, at]);
      return readRule(effect, text, source, isMarkedSecret(role, effect));
    });
  return {
    name: isMarkedSecret(role, "name") ? `role ${index + 1}` : `role '${role.name}'`,
    audience: audienceOf(role),
    rules: [...read("deny", deny), ...read("allow", allow)],
  };
}

function readRule(
  effect: Rule["effect"],
  text: string,
  source: RuleSource | undefined,
  isSecret: boolean,
): Rule {
  const parsed = parseRuleText(text);
  if (parsed === undefined) throw new Error("Cannot read a rule: its settings were not checked");
  return {
    effect,
    ...parsed,
    ...(isSecret ? { shownFilter: HIDDEN } : {}),
    ...(source === undefined ? {} : { source }),
  };
}

function sourceOf(
  places: SettingPlaces | undefined,
  path: readonly (string | number)[],
): RuleSource | undefined {
  return places === undefined ? undefined : { file: places.file, line: places.lineOf(path) };
}

/** `anonymous: false` beside nothing else restricts nothing, as if it were left out. */
function audienceOf(role: RoleSettings): Audience {
  const { users, groups, clientIdentifiers, listeners, networks } = role;
  return {
    ...(users === undefined ? {} : { users }),
    ...(groups === undefined ? {} : { groups }),
    ...(role.anonymous ? { anonymous: true } : {}),
    ...(clientIdentifiers === undefined ? {} : { clientIdentifiers }),
    ...(listeners === undefined ? {} : { listeners }),
    ...(networks === undefined ? {} : { networks }),
  };
}

async function readAclFile(
  path: string,
  shown: string,
): Promise<{ layers: readonly Layer[]; warnings: string[] }> {
  const file = await readFileText(path);
  if (!file.ok) throw refusal(shown, file.source, [file.problem]);
  const { layers, problems, warnings } = parseAclFile(shown, file.text);
  if (problems.length > 0) throw refusal(shown, file.text, problems);
  return { layers, warnings: warnings.map((warning) => placed(shown, file.text, warning)) };
}

function refusal(shown: string, source: string, problems: readonly Problem[]): Error {
  const lines = problems.map((problem) => placed(shown, source, problem));
  return new Error(`Cannot use the ACL file '${shown}': ${lines.join("; ")}`);
}

/** "acl:3:7: Cannot read ...": the place is left out when it is about the file as a whole. */
function placed(shown: string, source: string, { message, range, hint }: Problem): string {
  const advice = hint === undefined ? "" : ` (${hint})`;
  if (range === undefined) return `${message}${advice}`;
  const { line, column } = positionAt(source, range.start);
  return `${shown}:${line}:${column}: ${message}${advice}`;
}
