/**
 * Puts a new file with secrets in the place of an old one, so that there is always one of the two,
 * whole, whatever happens meanwhile.
 *
 * Owns the way: a temporary file in the same folder (mode 0600), synchronized, with owner and mode of
 * the old one, renamed over it. A link stays a link: what it leads to is replaced.
 */

import { dirname } from "node:path";

/** Nobody but the owner reads it. */
export const NEW_FILE_MODE = 0o600;

/** Whom the old file belonged to, when the new one could not be given to them. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes the file. A new one gets mode 0600. Returns the owner that it could not be given to; only
 * the superuser gives files away. Throws what the file system throws, and then nothing has changed.
 */
export function replaceFile(path: string, text: string): Owner | undefined {
  const old = statIfThere(path);
  const target = old === undefined ? path : Deno.realPathSync(path);
  const temporary = `${target}.${crypto.randomUUID()}.tmp`;
  try {
    writeNew(temporary, text);
    const notGivenTo = old === undefined ? undefined : giveTo(temporary, old);
    Deno.renameSync(temporary, target);
    syncFolderOf(target);
    return notGivenTo;
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
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

function writeNew(path: string, text: string): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: NEW_FILE_MODE });
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
  file.syncSync();
}

/** Owner first: changing it may take bits of the mode away. */
function giveTo(path: string, { uid, gid, mode }: Deno.FileInfo): Owner | undefined {
  if (uid === null || gid === null || mode === null) return undefined; // As on Windows.
  const hasGroup = tryToGive(path, null, gid);
  const hasOwner = tryToGive(path, uid, null);
  // What the old group might do is not for another group.
  Deno.chmodSync(path, mode & (hasGroup ? 0o777 : 0o707));
  return hasOwner && hasGroup ? undefined : { uid, gid };
}

function tryToGive(path: string, uid: number | null, gid: number | null): boolean {
  const now = Deno.statSync(path);
  if ((uid === null || now.uid === uid) && (gid === null || now.gid === gid)) return true;
  try {
    Deno.chownSync(path, uid, gid);
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
