/**
 * All options of `broker pub`, `sub` and `rr` in one table: parsing, help, completions and man pages
 * are made from it.
 *
 * Owns how an option is found. The rows are in `connection_options.ts` and `message_options.ts`.
 */

import { nearest } from "../../config/nearest.ts";
import type { ClientOption } from "./client_option.ts";
import { CONNECTION_OPTIONS } from "./connection_options.ts";
import { MESSAGE_OPTIONS } from "./message_options.ts";
import type { ClientTool } from "./tools.ts";

export type { ClientOption };

export type ConnectionOptionName = typeof CONNECTION_OPTIONS[number]["name"];
export type MessageOptionName = typeof MESSAGE_OPTIONS[number]["name"];
export type OptionName = ConnectionOptionName | MessageOptionName;

/** Those of a message first: people look for them most. */
export const CLIENT_OPTIONS: readonly ClientOption<OptionName>[] = [
  ...MESSAGE_OPTIONS.filter(({ group }) => group !== "Other"),
  ...CONNECTION_OPTIONS,
  ...MESSAGE_OPTIONS.filter(({ group }) => group === "Other"),
];

/** The option that `flag` is, exactly as it is typed, of this tool. */
export function findOption(tool: ClientTool, flag: string): ClientOption<OptionName> | undefined {
  return CLIENT_OPTIONS.find(({ flags, tools }) => tools.includes(tool) && flags.includes(flag));
}

/** What may have been meant by a flag that is none of this tool. */
export function suggestFlag(tool: ClientTool, flag: string): string | undefined {
  const flags = CLIENT_OPTIONS.filter(({ tools }) => tools.includes(tool))
    .flatMap((option) => option.flags);
  if (!flag.startsWith("--") && flags.includes(flag.slice(0, 2)) && flag.length > 2) {
    if (isLong(flags, flag)) return `-${flag}`;
    return `${flag.slice(0, 2)} ${flag.slice(2).replace(/^=/, "")}`;
  }
  return nearest(flag, flags.filter((candidate) => candidate.startsWith("--")));
}

/** "-topic" is "--topic" with a dash too few. */
function isLong(flags: readonly string[], flag: string): boolean {
  return flags.includes(`-${flag}`);
}
