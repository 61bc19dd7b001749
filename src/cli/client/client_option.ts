/**
 * The form of a row in the tables of options of the client tools.
 *
 * Owns the form and which tools there are to take an option. Invariant: a flag means the same in
 * every tool that takes it, or has a row for each.
 */

import { CLIENT_TOOLS, type ClientTool } from "./tools.ts";

export interface ClientOption<Name extends string = string> {
  /** What it sets, whichever way it is typed. */
  readonly name: Name;
  /** As they are typed: "-t", "--topic". */
  readonly flags: readonly string[];
  /** Names of what follows the flag; none for a switch. */
  readonly values: readonly string[];
  /** One line, without a full stop. */
  readonly description: string;
  /** The heading it stands under. */
  readonly group: string;
  readonly tools: readonly ClientTool[];
  /** All that the value may be, if that is a list of words. */
  readonly choices?: readonly string[];
  /** The first version of Mosquitto that has it, if that is not 2.0. */
  readonly since?: "2.1" | "here";
  /** Why it is known and refused all the same. */
  readonly refused?: string;
}

/** What a row says beside its name, flags, values and description. */
interface Further {
  readonly tools?: readonly ClientTool[];
  readonly choices?: readonly string[];
  readonly since?: "2.1" | "here";
  readonly refused?: string;
}

/** `flags` is "-t --topic", `values` "packet property value". */
interface OptionMaker {
  <const Name extends string>(
    name: Name,
    flags: string,
    values: string,
    description: string,
    further?: Further,
  ): ClientOption<Name>;
}

/** Makes rows of one heading. */
export function optionsOf(
  group: string,
  forTools: readonly ClientTool[] = CLIENT_TOOLS,
): OptionMaker {
  return (name, flags, values, description, further = {}) => ({
    name,
    flags: flags.split(" "),
    values: values === "" ? [] : values.split(" "),
    description,
    group,
    tools: forTools,
    ...further,
  });
}
