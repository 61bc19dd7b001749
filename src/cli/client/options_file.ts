/**
 * The options file: where it is, and the options that its lines say.
 *
 * Owns the search and the form of a line: an option, a blank, and the rest is its value. Files with
 * Windows line ends are read as well. Does not own what the options mean.
 */

import { propertyValueCount } from "./property_option.ts";
import type { ClientTool } from "./tools.ts";

/** The arguments of one line. */
export interface OptionsLine {
  /** From 1. */
  readonly number: number;
  readonly flag: string;
  /** What follows the flag, without blanks around; empty when nothing does. */
  readonly rest: string;
}

/** The files that are looked for when `-o` names none, the first that is there counts. */
export function defaultOptionsFiles(
  tool: ClientTool,
  env: (name: string) => string | undefined,
  isWindows: boolean = Deno.build.os === "windows",
): readonly string[] {
  if (isWindows) {
    const profile = env("USERPROFILE");
    return profile === undefined
      ? []
      : [`${profile}\\broker_${tool}.conf`, `${profile}\\mosquitto_${tool}.conf`];
  }
  const home = env("HOME");
  const folder = env("XDG_CONFIG_HOME") ?? (home === undefined ? undefined : `${home}/.config`);
  return folder === undefined ? [] : [`${folder}/broker_${tool}`, `${folder}/mosquitto_${tool}`];
}

/** The text of the file; undefined when it is not there. Throws what the file system throws. */
export function readOptionsFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isNotAFolder(error)) return undefined;
    throw error;
  }
}

/** The lines that are no comments and not empty. */
export function parseOptionsFile(text: string): readonly OptionsLine[] {
  return text.replace(/^\ufeff/, "").split(/\r*\n/).flatMap((line, index) => {
    const found = line.startsWith("#") ? null : /^\s*(\S+)(?: +(.*?))?\r?$/s.exec(line);
    if (found === null) return [];
    return [{ number: index + 1, flag: found[1] ?? "", rest: found[2] ?? "" }];
  });
}

/** The values in the rest of a line; the last takes what is left, blanks included. */
export function splitValues(rest: string, count: number, flagName: string): readonly string[] {
  if (rest === "" || count === 0) return rest === "" ? [] : [rest];
  const wanted = flagName === "property" ? propertyValueCount(rest.split(/ +/, 2)[1]) : count;
  const values: string[] = [];
  let left = rest;
  while (values.length + 1 < wanted) {
    const found = /^(\S+) +(.*)$/s.exec(left);
    if (found === null) break;
    values.push(found[1] ?? "");
    left = found[2] ?? "";
  }
  return [...values, left];
}

/** `~/.config` may be a file, and an environment variable anything. */
function isNotAFolder(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTDIR";
}
