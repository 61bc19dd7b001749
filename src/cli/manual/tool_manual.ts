/**
 * The manuals of the client tools, from the tables that their options are read by.
 */

import { clientToolManual } from "../client/help.ts";
import { CLIENT_OPTIONS } from "../client/options.ts";
import type { ClientTool } from "../client/tools.ts";
import type { CommandManual } from "./manual.ts";

export function toolManual(tool: ClientTool): CommandManual {
  const { summary, usage, description, examples } = clientToolManual(tool);
  return {
    words: [tool],
    summary,
    usage,
    paragraphs: description,
    options: CLIENT_OPTIONS.filter(({ tools }) => tools.includes(tool)).map((option) => ({
      flags: option.flags,
      values: option.values,
      description: option.description,
      group: option.group,
      choices: option.choices ?? [],
    })),
    examples: examples.map(([command, comment]) => ({ command, comment })),
  };
}
