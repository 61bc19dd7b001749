import assert from "node:assert/strict";
import { Command, Option } from "commander";
import { addCommand, setHelpText } from "../../../src/cli/command_context.ts";
import { programManuals } from "../../../src/cli/manual/program_manual.ts";

function sampleProgram(): Command {
  const program = setHelpText(new Command("broker"), "About it.\n\nExample:\n  broker   start");
  program.description("a broker").option("-v, --verbose", "say more").helpOption(false);
  const context = { program, terminal: { out: () => {}, err: () => {} }, done: () => {} };
  const command = addCommand(
    context,
    "kick <client>",
    "end a connection",
    "Example:\n  broker kick a",
  );
  command.addOption(new Option("--how <way>", "the way").choices(["hard", "soft"]));
  command.addOption(new Option("--secret").hideHelp());
  command.command("all").description("end all").helpOption(false);
  return program;
}

Deno.test("programManuals() has every command, with what follows its options", () => {
  const switches = { values: [], group: "", choices: [] };
  assert.deepEqual(programManuals(sampleProgram()), [
    {
      words: [],
      summary: "a broker",
      usage: ["[options] [command]"],
      paragraphs: ["About it."],
      options: [{ ...switches, flags: ["-v", "--verbose"], description: "say more" }],
      examples: [{ command: "broker", comment: "start" }],
    },
    {
      words: ["kick"],
      summary: "end a connection",
      usage: ["[options] [command] <client>"],
      paragraphs: [],
      options: [
        {
          flags: ["--how"],
          values: ["way"],
          description: "the way",
          group: "",
          choices: ["hard", "soft"],
        },
        { ...switches, flags: ["-h", "--help"], description: "print this help" },
      ],
      examples: [{ command: "broker kick a", comment: "" }],
    },
    {
      words: ["kick", "all"],
      summary: "end all",
      usage: [""],
      paragraphs: [],
      options: [],
      examples: [],
    },
  ]);
});
