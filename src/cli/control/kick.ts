/**
 * `broker kick`: ends a client's connection, and its session if that is asked for.
 */

import { jsonText } from "../json_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { askForOne } from "./ask.ts";
import type { ControlFlags } from "./control_options.ts";

export interface KickRequest extends ControlFlags {
  readonly client: string;
  readonly session: boolean;
  readonly json: boolean;
}

export async function kick(
  { client, session, json, ...flags }: KickRequest,
  terminal: Terminal,
): Promise<number> {
  const question = { command: "kick", arguments: { client, session } } as const;
  const { exitCode, lines, item } = await askForOne(flags, question, terminal);
  if (exitCode !== ExitCode.Ok) return exitCode;
  if (json) terminal.out(`${jsonText(item ?? {})}\n`);
  else writeLines(lines, terminal.out);
  return exitCode;
}
