/**
 * The manuals of all commands: those of commander, and in place of the client tools' entries there
 * those from their own tables.
 */

import type { Command } from "commander";
import { CLIENT_TOOLS } from "../client/tools.ts";
import type { CommandManual } from "./manual.ts";
import { programManuals } from "./program_manual.ts";
import { toolManual } from "./tool_manual.ts";

/** The broker itself first. */
export function allManuals(program: Command): readonly CommandManual[] {
  return programManuals(program).map((manual) => {
    const tool = CLIENT_TOOLS.find((name) => manual.words.length === 1 && manual.words[0] === name);
    return tool === undefined ? manual : toolManual(tool);
  });
}
