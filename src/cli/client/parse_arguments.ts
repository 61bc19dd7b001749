/**
 * From the words of a command line, and the lines of the options file, to the settings.
 *
 * Owns the order: the file's options first, then those of the command line, and what goes together
 * is checked at the end. Invariant: every word is an option or the value of one.
 */

import { messageOf } from "../../error_text.ts";
import { type Apply, APPLY_CONNECTION, checkConnection } from "./connection_settings.ts";
import { APPLY_MESSAGES, checkMessages } from "./message_settings.ts";
import { type ClientOption, findOption, type OptionName, suggestFlag } from "./options.ts";
import {
  defaultOptionsFiles,
  type OptionsLine,
  parseOptionsFile,
  readOptionsFile,
  splitValues,
} from "./options_file.ts";
import { propertyValueCount } from "./property_option.ts";
import { ToolSettings } from "./settings.ts";
import type { ClientTool } from "./tools.ts";
import { notAmong, UsageError } from "./usage_error.ts";

/** What the command line asks for. */
export type Parsed =
  | { readonly kind: "run"; readonly settings: ToolSettings; readonly warnings: readonly string[] }
  | { readonly kind: "help" | "version" };

/** One option with its values. */
interface Given {
  readonly option: ClientOption<OptionName>;
  /** As it was typed. */
  readonly flag: string;
  readonly values: readonly string[];
}

const APPLY: Readonly<Record<OptionName, Apply>> = { ...APPLY_CONNECTION, ...APPLY_MESSAGES };

/** Throws `UsageError`. `env` is asked for the folder of the options file. */
export function parseArguments(
  tool: ClientTool,
  args: readonly string[],
  env: (name: string) => string | undefined,
): Parsed {
  const given = readWords(tool, args);
  const asked = given.find(({ option: { name } }) => name === "help" || name === "version");
  if (asked !== undefined) return { kind: asked.option.name === "help" ? "help" : "version" };
  const settings = new ToolSettings(tool);
  const warnings: string[] = [];
  applyFile(settings, given, env, warnings);
  settings.isFromFile.payload = settings.messages.payload !== undefined;
  const { clientIdentifier, idPrefix } = settings.connection;
  settings.isFromFile.identifier = (clientIdentifier ?? idPrefix) !== undefined;
  for (const each of given) apply(settings, each);
  checkMessages(settings);
  checkConnection(settings.connection);
  return { kind: "run", settings, warnings };
}

function readWords(tool: ClientTool, args: readonly string[]): readonly Given[] {
  const given: Given[] = [];
  for (let at = 0; at < args.length;) {
    const word = args[at] ?? "";
    const { option, flag, value } = optionOf(tool, word);
    if (value !== undefined) {
      given.push({ option, flag, values: [value] });
      at++;
      continue;
    }
    const count = option.name === "property"
      ? propertyValueCount(args[at + 2])
      : option.values.length;
    const values = args.slice(at + 1, at + 1 + count);
    checkCount(option, flag, values, count);
    given.push({ option, flag, values });
    at += 1 + count;
    // What follows may not be right: help was asked for.
    if (option.name === "help" || option.name === "version") break;
  }
  return given;
}

/** "--name=value" is an option with its value. */
function optionOf(tool: ClientTool, word: string): Omit<Given, "values"> & { value?: string } {
  const option = findOption(tool, word);
  if (option !== undefined) return { option, flag: word };
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  const flag = word.slice(0, Math.max(equals, 0));
  const long = equals < 0 ? undefined : findOption(tool, flag);
  if (long?.values.length === 1) return { option: long, flag, value: word.slice(equals + 1) };
  throw unknownOption(tool, word);
}

function unknownOption(tool: ClientTool, word: string): UsageError {
  if (!word.startsWith("-")) {
    return new UsageError(`'${word}' is no option: topics follow '-t', payloads '-m'`);
  }
  const near = suggestFlag(tool, word);
  const hint = near === undefined ? "" : ` (did you mean '${near}'?)`;
  return new UsageError(`unknown option '${word}'${hint}`);
}

function checkCount(
  option: ClientOption,
  flag: string,
  values: readonly string[],
  count: number,
): void {
  if (values.length === count) return;
  if (count === 0) throw new UsageError(`'${flag}' takes no value`);
  const names = count > 3 ? ["packet", "user-property", "name", "value"] : option.values;
  const form = names.map((name) => `<${name}>`).join(" ");
  throw new UsageError(
    `'${flag}' needs ${count === 1 ? "a value" : `${count} values`}: ${flag} ${form}`,
  );
}

function apply(settings: ToolSettings, { option, flag, values }: Given): void {
  if (option.refused !== undefined) {
    throw new UsageError(`'${flag}' is not supported: ${option.refused}`);
  }
  const [value = ""] = values;
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw notAmong(`the value of '${flag}'`, value, option.choices);
  }
  APPLY[option.name](settings, values, flag);
}

function applyFile(
  settings: ToolSettings,
  given: readonly Given[],
  env: (name: string) => string | undefined,
  warnings: string[],
): void {
  const named = given.filter(({ option }) => option.name === "optionsFile");
  if (named.length > 1) throw new UsageError("'-o' is given twice");
  const path = named[0]?.values[0];
  const paths = path === undefined ? defaultOptionsFiles(settings.tool, env) : [path];
  for (const candidate of paths) {
    const text = readFile(candidate);
    if (text === undefined) continue;
    for (const line of parseOptionsFile(text)) applyLine(settings, candidate, line);
    return;
  }
  // Mosquitto says nothing: going on is what scripts expect.
  if (path !== undefined) warnings.push(`There is no options file '${path}': going on without it`);
}

function readFile(path: string): string | undefined {
  try {
    return readOptionsFile(path);
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`cannot read the options file '${path}': ${reason}`);
  }
}

function applyLine(settings: ToolSettings, path: string, line: OptionsLine): void {
  try {
    const { option, flag, value } = optionOf(settings.tool, line.flag);
    if (option.name === "help" || option.name === "version" || option.name === "optionsFile") {
      throw new UsageError(`'${flag}' is for the command line`);
    }
    const values = value === undefined
      ? splitValues(line.rest, option.values.length, option.name)
      : [value];
    const count = option.name === "property" ? propertyValueCount(values[1]) : option.values.length;
    checkCount(option, flag, values, count);
    apply(settings, { option, flag, values });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${path}:${line.number}: ${error.message}`);
  }
}
