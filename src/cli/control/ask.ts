/**
 * Asks the broker that runs, for a command.
 *
 * Owns what is printed when it cannot be asked or refuses, and the exit code of that.
 */

import { messageOf } from "../../error_text.ts";
import { askBroker, type AskOptions } from "../../control/control_client.ts";
import type { ControlCommand } from "../../control/items.ts";
import {
  CONTROL_PROTOCOL,
  type ControlArguments,
  type ControlItem,
} from "../../control/protocol.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { type ControlFlags, findSocket } from "./control_options.ts";

export interface Question {
  readonly command: ControlCommand;
  /** Undefined ones are left out. */
  readonly arguments?: Readonly<Record<string, string | number | boolean | undefined>>;
}

export interface Answered {
  readonly exitCode: number;
  /** What the broker says of what it did. */
  readonly lines: readonly string[];
}

/** `take` gets each item. What went wrong is on standard error already. */
export async function ask(
  flags: ControlFlags,
  { command, arguments: given = {} }: Question,
  terminal: Terminal,
  take: (item: ControlItem) => void,
  options: Pick<AskOptions, "silenceMs"> = {},
): Promise<Answered> {
  const path = await findSocket(flags, terminal);
  if (path === undefined) return { exitCode: ExitCode.Usage, lines: [] };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const request = {
    command,
    protocol: CONTROL_PROTOCOL,
    arguments: Object.fromEntries(entries) as ControlArguments,
  };
  try {
    const { ok, lines } = await askBroker(path, request, { take, ...options });
    if (!ok) writeLines(lines, terminal.err);
    return { exitCode: ok ? ExitCode.Ok : ExitCode.Failure, lines };
  } catch (error) {
    writeLines([messageOf(error)], terminal.err);
    return { exitCode: ExitCode.Failure, lines: [] };
  }
}

/** The same for a command whose answer is one item; undefined: it has none, and that is reported. */
export async function askForOne<Item extends ControlItem>(
  flags: ControlFlags,
  question: Question,
  terminal: Terminal,
  options: Pick<AskOptions, "silenceMs"> = {},
): Promise<Answered & { readonly item: Item | undefined }> {
  let item: Item | undefined;
  // The broker understands the same protocol, so it is of this form.
  const take = (taken: ControlItem) => void (item = taken as Item);
  return { ...await ask(flags, question, terminal, take, options), item };
}
