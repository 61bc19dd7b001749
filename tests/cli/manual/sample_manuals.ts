/**
 * Manuals to test with: the broker, a command with every kind of option, and one with commands below.
 */

import type { CommandManual, ManualOption } from "../../../src/cli/manual/manual.ts";

const NOTHING = { usage: [""], paragraphs: [], options: [], examples: [] };

export function option(flags: readonly string[], more: Partial<ManualOption> = {}): ManualOption {
  return {
    flags,
    values: [],
    description: `about ${flags.at(-1)}`,
    group: "",
    choices: [],
    ...more,
  };
}

const HELP = option(["-h", "--help"]);

export const SAMPLE: readonly CommandManual[] = [
  { ...NOTHING, words: [], summary: "A broker", options: [HELP] },
  {
    ...NOTHING,
    words: ["passwd"],
    summary: "change the users of a file: it's [safe]",
    options: [
      option(["--format"], { values: ["format"], choices: ["argon2id", "pbkdf2"] }),
      option(["-c", "--config"], { values: ["file"], description: "the file: [any]; it's read" }),
      option(["-t", "--topic"], { values: ["topic"] }),
      HELP,
    ],
  },
  { ...NOTHING, words: ["retained"], summary: "retained messages", options: [HELP] },
  { ...NOTHING, words: ["retained", "list"], summary: "list them", options: [option(["--json"])] },
  { ...NOTHING, words: ["retained", "clear"], summary: "clear them", options: [option(["--yes"])] },
];
