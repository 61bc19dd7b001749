/**
 * The machine that this process runs on, as `broker check` asks it.
 *
 * Owns the system calls, and how little of them is lasting: what is opened is closed at once. Works
 * with the broker's permissions alone, which do not let it read /proc, /sys and most of /dev.
 */

import { messageOf } from "../error_text.ts";
import { readlinkSync, statfsSync } from "node:fs";
import process from "node:process";
import { askBroker as ask } from "../control/control_client.ts";
import { CONTROL_PROTOCOL, type ControlItem } from "../control/protocol.ts";
import { isStoreInUse } from "../storage/offline.ts";
import { hasNodeTls } from "../transport/tls_options.ts";
import type {
  BrokerAnswer,
  FileFacts,
  FileSystem,
  Machine,
  MemoryFacts,
  NoFacts,
  PortAttempt,
  SocketAnswer,
} from "./machine.ts";

/** Beyond this many bytes a limit of the control group is none. */
const NO_LIMIT_BYTES = 2 ** 60;

/** How long a broker has for its answer, milliseconds. */
const ANSWER_MS = 500;

/** The longest that counting files may take, milliseconds; a Pi 3 opens some 20,000 in this time. */
const COUNTING_MS = 400;

export const thisMachine: Machine = {
  system: Deno.build.os,
  userId: Deno.uid() ?? undefined,
  nowMs: Date.now,
  hostName: Deno.hostname,
  interfaces: () => Deno.networkInterfaces().map(({ name, address }) => ({ name, address })),
  tryPort,
  trySocket,
  askBroker,
  look,
  read,
  readStart,
  list: namesIn,
  fileSystemOf,
  isReadOnly,
  memory,
  openableFiles,
  isStoreInUse: (path) => isStoreInUse(path),
  hasNodeTls,
};

/**
 * Deno listens with SO_REUSEADDR, as the broker will: a port whose connections have just ended is
 * free. Whoever connects in this moment is turned away.
 */
function tryPort(hostname: string, port: number): PortAttempt {
  try {
    const listener = Deno.listen({ hostname, port });
    return { outcome: "free", close: () => listener.close() };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { outcome: "in use" };
    if (error instanceof Deno.errors.PermissionDenied) return { outcome: "not permitted" };
    if (error instanceof Deno.errors.AddrNotAvailable) return { outcome: "no such address" };
    const reason = messageOf(error);
    // EAFNOSUPPORT of Linux, macOS and Windows: the machine has no addresses of this kind.
    if (/\(os error (97|47|10047)\)/.test(reason)) return { outcome: "no such address" };
    return /lookup|not known|resolve/i.test(reason)
      ? { outcome: "unknown host" }
      : { outcome: "failed", reason };
  }
}

async function trySocket(path: string): Promise<SocketAnswer> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return "answers";
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "denied" : "nobody";
  }
}

async function askBroker(controlPath: string): Promise<BrokerAnswer> {
  const answer = await trySocket(controlPath);
  if (answer !== "answers") return answer;
  const items: ControlItem[] = [];
  try {
    const request = { command: "status", protocol: CONTROL_PROTOCOL };
    await ask(controlPath, request, {
      take: (item) => void items.push(item),
      silenceMs: ANSWER_MS,
    });
  } catch {
    // One that is stuck, or of another version: it runs all the same.
  }
  const { processId, configurationFile, listeners } = items[0] ?? {};
  if (typeof processId !== "number" || !Array.isArray(listeners)) return "silent";
  return {
    processId,
    configurationFile: typeof configurationFile === "string" ? configurationFile : null,
    endpoints: listeners.flatMap(endpointsOf),
  };
}

/** Of what is open; a Unix socket has no address but its path. */
function endpointsOf(listener: unknown): string[] {
  if (typeof listener !== "object" || listener === null) return [];
  const { endpoint, addresses, state }: { [key: string]: unknown } = { ...listener };
  if (state !== "open") return [];
  return [endpoint, ...(Array.isArray(addresses) ? addresses : [])].map(String);
}

function look(path: string): FileFacts | NoFacts {
  try {
    const info = Deno.lstatSync(path);
    return {
      kind: kindOf(info),
      uid: info.uid,
      gid: info.gid,
      mode: (info.mode ?? 0) & 0o7777,
      device: info.dev,
      sizeBytes: info.size,
      changedAtMs: info.mtime?.getTime() ?? 0,
      // Deno.readLinkSync of Deno 2.4 makes the target absolute; this one says what is written there.
      target: info.isSymlink ? readlinkSync(path) : undefined,
    };
  } catch (error) {
    const isDenied = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    return isDenied ? "denied" : "missing";
  }
}

function kindOf(info: Deno.FileInfo): FileFacts["kind"] {
  if (info.isSymlink) return "link";
  if (info.isFile) return "file";
  if (info.isDirectory) return "folder";
  return info.isSocket === true ? "socket" : "other";
}

function read(path: string): Uint8Array {
  refuseOthers(path);
  return Deno.readFileSync(path);
}

/** A pipe would be waited for, and some devices never end. */
function refuseOthers(path: string): void {
  if (!Deno.statSync(path).isFile) throw new Error("it is no regular file");
}

function readStart(path: string, length: number): Uint8Array {
  refuseOthers(path);
  using file = Deno.openSync(path, { read: true });
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, file.readSync(bytes) ?? 0);
}

function namesIn(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function fileSystemOf(path: string): FileSystem | undefined {
  try {
    const { type, bavail, bsize } = statfsSync(path);
    return { type, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}

/** Linux refuses to rename on a read-only file system before it looks whether the name is there. */
function isReadOnly(folder: string): boolean {
  const name = `${folder}/.${crypto.randomUUID()}`;
  try {
    Deno.renameSync(name, `${name}.no`);
    return false;
  } catch (error) {
    return error instanceof Error && /\(os error 30\)/.test(error.message);
  }
}

function memory(): MemoryFacts | undefined {
  try {
    const { total, available } = Deno.systemMemoryInfo();
    return { totalBytes: total, availableBytes: available, limitBytes: limitBytes() };
  } catch {
    return undefined;
  }
}

/** Deno 2.4 does not know it. */
function limitBytes(): number | undefined {
  const { constrainedMemory } = process as { constrainedMemory?: () => number };
  const bytes = constrainedMemory?.() ?? 0;
  return bytes > 0 && bytes < NO_LIMIT_BYTES ? bytes : undefined;
}

function openableFiles(count: number): number | undefined {
  const files: Deno.FsFile[] = [];
  const endMs = performance.now() + COUNTING_MS;
  try {
    while (files.length < count) {
      files.push(Deno.openSync("/dev/null"));
      if (performance.now() > endMs) return undefined;
    }
    return count;
  } catch {
    return files.length;
  } finally {
    for (const file of files) file.close();
  }
}
