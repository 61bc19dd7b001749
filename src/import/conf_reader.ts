/**
 * Reads mosquitto.conf with the files of its `include_dir` into a list of options, in the order in
 * which Mosquitto meets them.
 *
 * Owns the syntax: one option a line, words separated by spaces, a comment has "#" as the first
 * character of its line. Line ends may be those of Windows. What the options mean for each other is up
 * to `conf_model.ts`. Invariant: passwords are in the values of entries alone; the text that reports of
 * mistakes quote has none.
 */

import { join } from "node:path";
import type { TextRange } from "../config/problem.ts";
import { includedNames } from "./include_order.ts";
import type { InputFiles, NamedAt, Place } from "./input_files.ts";
import type { OptionReading, OptionRow } from "./option_row.ts";
import { findOption, isSecretName, nearestOption } from "./option_table.ts";
import { readOptionValue } from "./option_value.ts";

/** One line of the configuration that says something. */
export interface ConfEntry {
  /** Undefined: an option that Mosquitto does not have. */
  readonly option: OptionRow | undefined;
  /** As it was written. */
  readonly name: string;
  readonly value: OptionReading;
  readonly place: Place;
  readonly file: ConfFile;
  /** Where the name stands in the file. */
  readonly range: TextRange;
}

/** One file that was read. */
export interface ConfFile {
  readonly path: string;
  /** Its text, with "*" for every character of a secret. */
  readonly source: string;
}

/** One line of a file that is read. */
interface Line {
  readonly file: ConfFile;
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Where it starts in the file. */
  readonly start: number;
}

const NO_VALUE: OptionReading = { text: "", words: [], flag: false, number: NaN };

/** `acceptUnknown`: unknown options are entries, too, rather than errors. */
export async function readConf(
  path: string,
  files: InputFiles,
  acceptUnknown: boolean,
): Promise<ConfEntry[]> {
  return await new ConfReader(files, acceptUnknown).read(path, true);
}

const NO_OPTION = "Mosquitto has no such option";
const LEAVE_IT_OUT = "with --allow-unsupported it is left out";

class ConfReader {
  readonly #files: InputFiles;
  readonly #acceptUnknown: boolean;

  constructor(files: InputFiles, acceptUnknown: boolean) {
    this.#files = files;
    this.#acceptUnknown = acceptUnknown;
  }

  async read(path: string, isMain: boolean, namedAt?: NamedAt): Promise<ConfEntry[]> {
    const source = await this.#files.read(path, namedAt);
    if (source === undefined) return [];
    const file: ConfFile = { path, source: withoutSecrets(source) };
    const entries: ConfEntry[] = [];
    let start = 0;
    for (const [index, text] of source.split("\n").entries()) {
      const entry = this.#readLine({ file, text, number: index + 1, start });
      start += text.length + 1;
      if (entry === undefined) continue;
      entries.push(entry);
      if (entry.option?.names[0] === "include_dir") {
        entries.push(...await this.#include(entry, isMain));
      }
    }
    return entries;
  }

  #readLine({ file, text, number, start }: Line): ConfEntry | undefined {
    if (text.startsWith("#")) return undefined;
    const found = /^( *)([^ \r\n]+)([^]*)$/.exec(text.replace(/[\r\n]+$/, ""));
    if (found === null) return undefined;
    const [, indent = "", name = "", rest = ""] = found;
    const range = { start: start + indent.length, end: start + indent.length + name.length };
    const place = { file: file.path, line: number };
    const option = findOption(name);
    if (option === undefined) {
      if (!this.#acceptUnknown || isNoName(name)) return this.#failUnknown(file, name, range);
      const value = { ...NO_VALUE, text: rest.trim() };
      return { option, name, value, place, file, range };
    }
    const value = readOptionValue(option.value, rest);
    if (value.ok) return { option, name, value: value.reading, place, file, range };
    const message = `Cannot read '${name}': ${value.reason}`;
    const wrong = valueRange(range, rest);
    this.#files.fail(file.path, file.source, { message, range: wrong });
    return undefined;
  }

  #failUnknown(file: ConfFile, name: string, range: TextRange): undefined {
    // What follows a tab is a value, which may be a password.
    const [word = ""] = /^\t*[^\t]*/.exec(name) ?? [];
    const near = nearestOption(name);
    const [reason, hint] = name.includes("\t")
      ? ["there is a tab with it", "words are separated by spaces, not tabs"]
      : name.startsWith("#")
      ? [NO_OPTION, "a comment starts in the first column"]
      : [NO_OPTION, near === undefined ? LEAVE_IT_OUT : `did you mean '${near}'?`];
    const message = `Cannot read '${word}': ${reason}`;
    const shown = { start: range.start, end: range.start + word.length };
    this.#files.fail(file.path, file.source, { message, range: shown, hint });
  }

  async #include(entry: ConfEntry, isMain: boolean): Promise<ConfEntry[]> {
    const { file, range, value } = entry;
    if (!isMain) {
      const message = "Cannot use 'include_dir' here: only the main file may have it";
      this.#files.fail(file.path, file.source, { message, range });
      return [];
    }
    const folder = this.#files.locate(value.text);
    const listing = this.#files.names(folder);
    if ("reason" in listing) {
      const message = `Cannot read the folder '${folder}': ${listing.reason}`;
      this.#files.fail(file.path, file.source, { message, range });
      return [];
    }
    const entries: ConfEntry[] = [];
    for (const name of includedNames(listing.names)) {
      entries.push(...await this.read(join(folder, name), false, entry));
    }
    return entries;
  }
}

/** The text with secrets made unreadable, in which everything is where it was. */
function withoutSecrets(source: string): string {
  return source.replace(
    /^([ \t]*)([^ \t\r\n#][^ \t\r\n]*)([ \t][^\r\n]*)/gm,
    (line, indent: string, name: string, rest: string) =>
      isSecretName(name) ? `${indent}${name}${rest.replace(/[^ \t]/g, "*")}` : line,
  );
}

/** What can be no option of any version. */
function isNoName(name: string): boolean {
  return !/^[A-Za-z_][\w.-]*$/.test(name);
}

/** The value, or the name where there is none. */
function valueRange(name: TextRange, rest: string): TextRange {
  const text = rest.trim();
  if (text === "") return name;
  const start = name.end + rest.indexOf(text);
  return { start, end: start + text.length };
}
