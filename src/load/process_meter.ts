/**
 * The broker's process on this machine: found by the port it listens at, measured through /proc.
 *
 * Owns the reading of /proc, which Deno allows only with all permissions: where it does not, there are
 * reasons in words instead of figures. Standard input may be the process's /proc/PID/stat, which needs
 * no permission, for whoever started this program has opened it.
 */

import { messageOf } from "../error_text.ts";
import { readSync } from "node:fs";
import {
  cpuSecondsOf,
  listeningInodes,
  memoryOf,
  processIdOf,
  programNameOf,
  residentBytesOf,
  unixInodes,
} from "./proc_files.ts";

export interface ProcessUsage {
  /** Of all threads, since the process began. */
  readonly cpuSeconds: number;
  /** Undefined where it cannot be told. */
  readonly rssBytes: number | undefined;
  /** Most that it ever was; through standard input, most that was seen. */
  readonly peakRssBytes: number | undefined;
}

/** Where the broker listens on this machine. */
export type LocalPlace = { readonly port: number } | { readonly unixPath: string };

/** Why a process cannot be measured; the message is for people. */
export class ProcessUnknown extends Error {
  override readonly name = "ProcessUnknown";
}

/** Standard input, as far as it is used. */
export interface StandardInput {
  isTerminal(): boolean;
  /** Its start, read anew each time. Throws when it cannot be read so. */
  readStart(): string;
}

export const standardInput: StandardInput = {
  isTerminal: () => Deno.stdin.isTerminal(),
  readStart() {
    const bytes = new Uint8Array(STAT_BYTES);
    return new TextDecoder().decode(bytes.subarray(0, readSync(0, bytes, 0, bytes.length, 0)));
  },
};

/** More than a /proc/PID/stat ever has. */
const STAT_BYTES = 4096;

export class ProcessMeter {
  readonly pid: number;
  readonly program: string;
  readonly #read: () => ProcessUsage | undefined;

  private constructor(pid: number, stat: string, read: () => ProcessUsage | undefined) {
    this.pid = pid;
    this.program = programNameOf(stat);
    this.#read = read;
  }

  /** Throws `ProcessUnknown`. `root` is where /proc is. */
  static open(pid: number, root = "/proc"): ProcessMeter {
    const folder = `${root}/${pid}`;
    return new ProcessMeter(pid, readProc(`${folder}/stat`), () => {
      const cpuSeconds = cpuSecondsOf(readProc(`${folder}/stat`));
      const memory = memoryOf(readProc(`${folder}/status`));
      if (cpuSeconds === undefined || memory === undefined) return undefined;
      return { cpuSeconds, ...memory };
    });
  }

  /** The process whose /proc/PID/stat is standard input; undefined when that is something else. */
  static fromInput(input: StandardInput = standardInput): ProcessMeter | undefined {
    const stat = input.isTerminal() ? "" : startOf(input);
    const pid = processIdOf(stat);
    if (pid === undefined) return undefined;
    let peakRssBytes: number | undefined;
    return new ProcessMeter(pid, stat, () => {
      const now = startOf(input);
      const cpuSeconds = cpuSecondsOf(now);
      const rssBytes = residentBytesOf(now, Deno.build.arch);
      if (cpuSeconds === undefined) return undefined;
      if (rssBytes !== undefined) peakRssBytes = Math.max(peakRssBytes ?? 0, rssBytes);
      return { cpuSeconds, rssBytes, peakRssBytes };
    });
  }

  /** The process that listens at the place. Throws `ProcessUnknown`. */
  static find(place: LocalPlace, root = "/proc"): ProcessMeter {
    const inodes = "port" in place
      ? ["tcp", "tcp6"].flatMap((name) =>
        listeningInodes(readProc(`${root}/net/${name}`), place.port)
      )
      : unixInodes(readProc(`${root}/net/unix`), place.unixPath);
    if (inodes.length === 0) {
      throw new ProcessUnknown(
        "nothing listens there on this machine, as in a container or behind NAT",
      );
    }
    const pid = ownerOf(new Set(inodes.map((inode) => `socket:[${inode}]`)), root);
    if (pid !== undefined) return ProcessMeter.open(pid, root);
    throw new ProcessUnknown(
      "the process is another user's: run this as root, or name it with --pid",
    );
  }

  /** Undefined when the process has ended. */
  read(): ProcessUsage | undefined {
    try {
      return this.#read();
    } catch (error) {
      if (error instanceof ProcessUnknown) return undefined;
      throw error;
    }
  }
}

/** Empty when it has none: a pipe, a closed stream, a process that has ended. */
function startOf(input: StandardInput): string {
  try {
    return input.readStart();
  } catch {
    return "";
  }
}

function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new ProcessUnknown(explain(path, error));
  }
}

function explain(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return Deno.build.os === "linux"
      ? `${path} does not exist`
      : "there is no /proc on this system";
  }
  if (error instanceof Deno.errors.NotCapable) {
    return "this program may not look into others; give it the process with " +
      "'broker bench ... < /proc/PID/stat'";
  }
  return messageOf(error);
}

/** The process that has one of the sockets open, of those that may be looked into. */
function ownerOf(sockets: ReadonlySet<string>, root: string): number | undefined {
  for (const { name } of Deno.readDirSync(root)) {
    if (!/^\d+$/.test(name)) continue;
    if (hasOneOf(sockets, `${root}/${name}/fd`)) return Number(name);
  }
  return undefined;
}

function hasOneOf(sockets: ReadonlySet<string>, folder: string): boolean {
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (sockets.has(linkOf(`${folder}/${name}`))) return true;
    }
  } catch {
    // Another user's, or it has ended.
  }
  return false;
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}
