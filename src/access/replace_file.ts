/**
 * Puts a new file with secrets in the place of an old one, so that there is always one of the two,
 * whole, whatever happens meanwhile.
 *
 * Owns the way: a temporary file in the same folder (mode 0600), synchronized, with owner and mode of
 * the old one, renamed over it. A link stays a link: what it leads to is replaced, unless the link is
 * somebody else's and the superuser asks.
 */

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** Nobody but the owner reads it. */
export const NEW_FILE_MODE = 0o600;

/** Whom the old file belonged to, when the new one could not be given to them. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What a file gets that was not there before. */
export interface NewFileRights {
  readonly mode: number;
  /** Undefined: whoever makes it. */
  readonly owner: Owner | undefined;
}

const PRIVATE: NewFileRights = { mode: NEW_FILE_MODE, owner: undefined };

const ALL_MODES = 0o777;

/**
 * Writes the file. Of the mode of an old one, what is not in `mostMode` is taken away. Returns the
 * owner of the old one if it could not be given to them; only the superuser gives files away. Throws
 * what the file system throws, and then nothing has changed.
 */
export function replaceFile(
  path: string,
  text: string,
  whenNew: NewFileRights = PRIVATE,
  mostMode = ALL_MODES,
): Owner | undefined {
  const { target, old } = findTarget(path);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    const { mode, owner } = old === undefined ? whenNew : rightsOf(old);
    const rights = { mode: mode & mostMode, owner };
    const notGivenTo = writeNew(temporary, text, rights);
    Deno.renameSync(temporary, target);
    syncFolderOf(target);
    return notGivenTo;
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

interface Target {
  /** What is renamed over: never a link. */
  readonly target: string;
  readonly old: Deno.FileInfo | undefined;
}

/** The superuser does not go where somebody else's link leads: it may be anybody's file. */
function findTarget(path: string): Target {
  const entry = entryIfThere(path);
  if (entry?.isSymlink !== true) return { target: path, old: entry };
  if (Deno.build.os !== "windows" && Deno.uid() === 0 && entry.uid !== 0) {
    throw new Error(
      `Cannot replace '${path}': it is a link of another user; name what it leads to`,
    );
  }
  const target = Deno.realPathSync(path);
  return { target, old: Deno.statSync(target) };
}

function entryIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function rightsOf({ uid, gid, mode }: Deno.FileInfo): NewFileRights {
  if (uid === null || gid === null || mode === null) return PRIVATE; // As on Windows.
  return { mode: mode & ALL_MODES, owner: { uid, gid } };
}

/** What is known of a file; undefined when there is none. */
export function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Owner and mode are changed through the open file: by its name, whoever owns the folder could have
 * put something else there meanwhile.
 */
function writeNew(path: string, text: string, { mode, owner }: NewFileRights): Owner | undefined {
  const file = openNew(path);
  try {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(file, bytes, written, bytes.length - written);
    }
    if (Deno.build.os === "windows") return undefined;
    // Owner first: changing it may take bits of the mode away.
    const { hasOwner, hasGroup } = owner === undefined ? MINE : giveTo(file, owner);
    // What the old group might do is not for another group.
    fchmodSync(file, mode & (hasGroup ? 0o777 : 0o707));
    return hasOwner && hasGroup ? undefined : owner;
  } finally {
    fsyncSync(file);
    closeSync(file);
  }
}

/** Throws as Deno's own functions do. */
function openNew(path: string): number {
  try {
    return openSync(path, "wx", NEW_FILE_MODE);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const folder = dirname(path);
    if (code === "ENOENT") throw new Deno.errors.NotFound(`there is no folder '${folder}'`);
    if (code === "EACCES") {
      throw new Deno.errors.PermissionDenied(`no files may be made in '${folder}'`);
    }
    throw error;
  }
}

const MINE = { hasOwner: true, hasGroup: true };

function giveTo(file: number, { uid, gid }: Owner): typeof MINE {
  const now = fstatSync(file);
  const hasGroup = now.gid === gid || tryToGive(file, now.uid, gid);
  const hasOwner = now.uid === uid || tryToGive(file, uid, hasGroup ? gid : now.gid);
  return { hasOwner, hasGroup };
}

function tryToGive(file: number, uid: number, gid: number): boolean {
  try {
    fchownSync(file, uid, gid);
    return true;
  } catch {
    return false;
  }
}

/** Without it, a power cut may take back that the file was renamed. */
function syncFolderOf(path: string): void {
  try {
    using folder = Deno.openSync(dirname(path), { read: true });
    folder.syncSync();
  } catch {
    // Not every system opens folders; then there is nothing more to be done.
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was not made, or it has its name already.
  }
}
