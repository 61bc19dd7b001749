/**
 * Opens Unix sockets, with the owner, group and mode that the configuration gives them.
 *
 * Owns the file at the path while it listens. Invariant: nobody can connect before owner, group and
 * mode are as they should be; nothing that is not a socket without a listener is ever removed.
 */

import { dirname } from "node:path";

export interface UnixSocketOptions {
  readonly path: string;
  /** As in chmod, in octal: "0660". Undefined: what the process's umask leaves. */
  readonly mode?: string | undefined;
  /** By name or number. */
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** Where the names of users and groups are; the tests have others. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

/** Longest path of a Unix socket on Linux, in bytes (`sun_path` without its final zero). */
const MAX_PATH_BYTES = 107;

const ACCOUNT_FILES: AccountFiles = { passwd: "/etc/passwd", group: "/etc/group" };

/** Why nothing can listen at `path`, in words; undefined when its length is right. */
export function socketPathFault(path: string): string | undefined {
  const { length } = new TextEncoder().encode(path);
  if (length <= MAX_PATH_BYTES) return undefined;
  return `the path of a socket has at most ${MAX_PATH_BYTES} bytes, and this has ${length}`;
}

/** A socket file that nobody listens on is left over from a crash and in the way. */
export async function openUnixSocket(options: UnixSocketOptions): Promise<Deno.Listener> {
  const { path } = options;
  if (await isAbandoned(path)) removeSocketFile(path);
  return listen(options);
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused;
  }
}

export function removeSocketFile(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch {
    // It is gone already.
  }
}

function listen(options: UnixSocketOptions): Deno.Listener {
  const { path, mode, owner, group } = options;
  const isAsItComes = mode === undefined && owner === undefined && group === undefined;
  if (isAsItComes) return Deno.listen({ transport: "unix", path });
  const bits = mode === undefined ? undefined : parseMode(mode);
  const userId = owner === undefined ? null : accountId(owner, "passwd");
  const groupId = group === undefined ? null : accountId(group, "group");
  return inPrivate(dirname(path), (hidden) => {
    const socket = Deno.listen({ transport: "unix", path: hidden });
    try {
      const usualBits = (Deno.statSync(hidden).mode ?? 0) & 0o777;
      if (userId !== null || groupId !== null) Deno.chownSync(hidden, userId, groupId);
      Deno.chmodSync(hidden, bits ?? usualBits);
      // Unlike renaming, this does not take the place of anything.
      Deno.linkSync(hidden, path);
    } catch (error) {
      socket.close();
      throw asInUse(error, path);
    } finally {
      removeSocketFile(hidden);
    }
    return socket;
  });
}

/**
 * Calls `make` with a path in a new folder that is ours alone, where nobody can connect. A umask would
 * do, but not every Deno lets a program without all rights set it.
 */
function inPrivate<T>(parent: string, make: (path: string) => T): T {
  const folder = `${parent}/.${crypto.randomUUID().slice(0, 4)}`;
  Deno.mkdirSync(folder, { mode: 0o700 });
  try {
    return make(`${folder}/s`);
  } finally {
    Deno.removeSync(folder);
  }
}

function asInUse(error: unknown, path: string): unknown {
  if (!(error instanceof Deno.errors.AlreadyExists)) return error;
  return new Deno.errors.AddrInUse(`there is something at '${path}' already`);
}

/** Throws an Error when it is not octal. */
export function parseMode(mode: string): number {
  const digits = /^(?:0o?)?([0-7]{3})$/.exec(mode)?.[1];
  if (digits === undefined) throw new Error(`Cannot read the mode '${mode}': it is not like 0660`);
  return parseInt(digits, 8);
}

/** The number of a user or group. Throws an Error when nobody has the name. */
export function accountId(
  name: string,
  kind: keyof AccountFiles,
  files: AccountFiles = ACCOUNT_FILES,
): number {
  if (/^\d+$/.test(name)) return Number(name);
  // Both files have the number third: "name:password:number:...".
  for (const line of Deno.readTextFileSync(files[kind]).split("\n")) {
    const [entry, , id] = line.split(":");
    if (entry === name && id !== undefined && /^\d+$/.test(id)) return Number(id);
  }
  const what = kind === "passwd" ? "user" : "group";
  throw new Error(`Cannot find the ${what} '${name}' in ${files[kind]}`);
}
