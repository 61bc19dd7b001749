/**
 * The files that are imported: where they are on this machine, their text, and all that is wrong with
 * them.
 *
 * Owns the way from a path of mosquitto.conf to a file: Mosquitto takes a relative path from the folder
 * it is started in, which nobody who reads the file can know, so that folder and the one of the
 * configuration are both tried; and a path of a container may be elsewhere here (`--path`). Mosquitto
 * reads bytes: a comment need not be UTF-8. Invariant: no file is changed.
 */

import { messageOf } from "../error_text.ts";
import { dirname, resolve } from "node:path";
import { readFileText } from "../config/file.ts";
import { positionAt, type Problem, renderProblems, type TextRange } from "../config/problem.ts";
import { statIfThere } from "../access/replace_file.ts";

/** Where something stands. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** "mosquitto.conf:12", for comments and texts. */
export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** `/mosquitto` in the configuration is `./mosquitto-data` here. */
export interface PathReplacement {
  readonly from: string;
  readonly to: string;
}

/** Where a file is named: its own place, if it is the main one. */
export interface NamedAt {
  readonly file: { readonly path: string; readonly source: string };
  readonly range: TextRange;
}

/** What is wrong with one file. */
interface FaultyFile {
  readonly source: string;
  readonly problems: Problem[];
}

/** Room for the hashes of a hundred thousand users. */
const MOST_SECRET_BYTES = 16 * 1024 * 1024;

/** What stands for bytes that are no UTF-8 in the text of a file that cannot be read. */
const REPLACEMENT = "\ufffd";

export class InputFiles {
  readonly #folder: string;
  readonly #replacements: readonly PathReplacement[];
  readonly #faults = new Map<string, FaultyFile>();
  readonly #paths = new Set<string>();

  /** `mainFile` is the path of mosquitto.conf. */
  constructor(mainFile: string, replacements: readonly PathReplacement[]) {
    this.#folder = dirname(resolve(mainFile));
    this.#replacements = replacements;
  }

  /** Of all files that were read. */
  get paths(): ReadonlySet<string> {
    return this.#paths;
  }

  get hasProblems(): boolean {
    return this.#faults.size > 0;
  }

  /** Everything that is wrong, file by file, each with its line and a caret. */
  report(): string {
    return [...this.#faults].map(([file, { source, problems }]) =>
      renderProblems(file, source, problems)
    ).join("\n");
  }

  /** Notes what is wrong in a file that was read. */
  fail(file: string, source: string, ...problems: readonly Problem[]): void {
    const known = this.#faults.get(file);
    if (known === undefined) this.#faults.set(file, { source, problems: [...problems] });
    else known.problems.push(...problems);
  }

  /** Where a path of the configuration leads, absolute. */
  locate(path: string): string {
    for (const { from, to } of this.#replacements) {
      const base = from.replace(/\/+$/, "");
      if (path === base || path.startsWith(`${base}/`)) {
        return resolve(to + path.slice(base.length));
      }
    }
    const here = resolve(path);
    if (path.startsWith("/") || exists(here)) return here;
    const beside = resolve(this.#folder, path);
    return exists(beside) ? beside : here;
  }

  /** Whether something is there; what may not be looked at is. */
  isThere(path: string): boolean {
    return exists(path);
  }

  /** The text of a file; undefined when it cannot be read, which is noted then, where it is named. */
  async read(path: string, namedAt?: NamedAt): Promise<string | undefined> {
    this.#paths.add(path);
    const file = await readFileText(path);
    if (file.ok) return file.text;
    if (isFaultyInComments(file.source)) return file.source;
    this.#failToRead(path, file.source, file.problem, namedAt);
    return undefined;
  }

  /** The same of a file with secrets, which may be large; nothing of it is shown. */
  async readSecrets(path: string, namedAt: NamedAt): Promise<string | undefined> {
    this.#paths.add(path);
    const file = await readFileText(path, MOST_SECRET_BYTES);
    if (file.ok) return file.text;
    const { source, problem: { range, ...problem } } = file;
    if (isFaultyInComments(source)) return source;
    const place = range === undefined ? "" : `, in line ${positionAt(source, range.start).line}`;
    const message = problem.message + place;
    this.#failToRead(path, "", { ...problem, message, range: undefined }, namedAt);
    return undefined;
  }

  #failToRead(path: string, source: string, problem: Problem, namedAt?: NamedAt): void {
    const { message, range, hint = adviceFor(path, message) } = problem;
    const advice = hint === undefined ? {} : { hint };
    if (range !== undefined || namedAt === undefined) {
      return this.fail(path, source, { message, range, ...advice });
    }
    const text = message.replace(/ the file:/, ` '${path}':`);
    this.fail(namedAt.file.path, namedAt.file.source, {
      message: text,
      range: namedAt.range,
      ...advice,
    });
  }

  /** The names in a folder; undefined when it cannot be read: `reason` says why. */
  names(path: string): { readonly names: string[] } | { readonly reason: string } {
    try {
      return { names: [...Deno.readDirSync(path)].map(({ name }) => name) };
    } catch (error) {
      const reason = messageOf(error);
      return { reason };
    }
  }
}

/** Whether what is no UTF-8 stands in comments alone, as names of people in Latin-1 do. */
function isFaultyInComments(source: string): boolean {
  const faulty = source.split("\n").filter((line) => line.includes(REPLACEMENT));
  return faulty.length > 0 && faulty.every((line) => line.startsWith("#"));
}

/** What to do about a file that is not there, or that only others may read. */
function adviceFor(path: string, message: string): string | undefined {
  if (message.includes("permission denied")) {
    return "read it as root: put 'sudo' before the command";
  }
  if (message.includes("does not exist") && path.startsWith("/")) {
    return "if it is a path of a container, say where it is here: --path /mosquitto=./mosquitto";
  }
  return undefined;
}

function exists(path: string): boolean {
  try {
    return statIfThere(path) !== undefined;
  } catch {
    return true; // It may not be looked at, so something is there.
  }
}
