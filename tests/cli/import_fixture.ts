/**
 * `broker import` in this process, on files of a folder of its own.
 *
 * Owns what it printed.
 */

import { Command, CommanderError } from "commander";
import { addImport } from "../../src/cli/import_command.ts";
import type { Outcome } from "./store_fixture.ts";

/** Runs `import` with these arguments, as the command line does. */
export async function runImport(...args: readonly string[]): Promise<Outcome> {
  const outcome = { exitCode: 0, out: "", err: "" };
  const terminal = {
    out: (text: string) => void (outcome.out += text),
    err: (text: string) => void (outcome.err += text),
  };
  const program = new Command("broker").exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  addImport({ program, terminal, done: (exitCode) => void (outcome.exitCode = exitCode) });
  try {
    await program.parseAsync(["import", ...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    outcome.exitCode = error.exitCode === 0 ? 0 : 2;
  }
  return outcome;
}

/** Writes files into a folder; DIR in them stands for it. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    Deno.writeTextFileSync(`${folder}/${name}`, text.replaceAll("DIR", folder));
  }
}
