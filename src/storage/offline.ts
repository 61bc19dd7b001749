/**
 * What can be done with a store's file without a broker: look into it, copy it, put a copy back, or
 * make a new one.
 *
 * Owns the functions behind `broker inspect` (which `inspect.ts` has), `broker backup` and `broker
 * restore`. Reading and copying work while a broker uses the file; putting back does not. Invariant:
 * until a backup was read in full, and copied to where it shall be, nothing there is touched.
 */

// Not by its name: Deno 2.4 has it only here.
import fs from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { backUpFrom, openToRead, syncFolderOf } from "./copy.ts";
import type { StoreCounts } from "./counts.ts";
import { isLocked, StoreExistsError } from "./errors.ts";
import { FileLock } from "./lock.ts";
import { exists, isLink, leadToOneFile, sizeOf } from "./paths.ts";
import { removeLog, setAside } from "./repair.ts";
import { isRepairPending } from "./replacement.ts";

export {
  type InspectedMessage,
  type InspectedOutgoing,
  type InspectedRetained,
  type InspectedSession,
  type InspectedStore,
  inspectStore,
} from "./inspect.ts";
export type { InspectedCounts, Wanted } from "./sieve.ts";

/** Mode of a file that others than its owner may not read. */
const PRIVATE = 0o600;

/**
 * Copies the store `from` to `to`, consistently, also while a broker uses it. Throws as
 * `inspectStore`, and `StoreDamagedError` when some of it cannot be read.
 */
export async function backupStore(from: string, to: string): Promise<StoreCounts> {
  return await backUpFrom(from, to);
}

/** What `restoreStore` or `createStore` did. */
export interface RestoreReport {
  readonly counts: StoreCounts;
  /** Where the store is now that was there before; undefined when there was none. */
  readonly setAsideAs: string | undefined;
  /** Whom the file should belong to, as the one before did, and could not be given to. */
  readonly notGivenTo: { readonly uid: number; readonly gid: number } | undefined;
}

/** Whom a file belongs to; without numbers where the system has none. */
interface Owner {
  readonly uid: number | null;
  readonly gid: number | null;
  readonly mode: number;
}

/**
 * Puts the backup `from` in the place of the store `to`, which is set aside. The owner and the mode
 * of the file stay as they were; where there was none, it belongs to whom its folder belongs to.
 * Throws `StoreInUseError` when a broker uses `to`, and as `inspectStore` when `from` cannot be read
 * in full; then nothing has changed.
 */
export async function restoreStore(
  from: string,
  to: string,
  wallMs: number,
): Promise<RestoreReport> {
  // Before a lock file is left where nothing can be put back.
  openToRead(from).close();
  if (leadToOneFile(from, to)) throw new Error(`Cannot put '${from}' in its own place`);
  return await putStore(to, (copy) => backUpFrom(from, copy), (target) => {
    return exists(target) ? setAside(target, wallMs, "replaced") : undefined;
  });
}

/**
 * Puts a new store at `to`, where none may be. `make` writes it at the path that it is given, whole
 * and on the disk. The file belongs to whom its folder belongs to. Throws `StoreExistsError` when
 * there is a store, also one that waits to be repaired, `StoreInUseError` when a broker uses it.
 */
export async function createStore(
  to: string,
  make: (path: string) => Promise<StoreCounts>,
): Promise<RestoreReport> {
  refuseStore(to);
  return await putStore(to, make, (target) => {
    refuseStore(target);
    return undefined;
  });
}

function refuseStore(path: string): void {
  const isThere = exists(path) || (sizeOf(`${path}-wal`) ?? 0) > 0 || isRepairPending(path);
  if (isThere) throw new StoreExistsError(path);
}

/** `clear` makes room for the new file, and says where the old one is now. */
async function putStore(
  to: string,
  make: (path: string) => Promise<StoreCounts>,
  clear: (target: string) => string | undefined,
): Promise<RestoreReport> {
  const target = targetOf(to);
  const owner = ownerOf(target);
  const locks = takeLocks(to, target, owner);
  const copy = `${target}.restoring`;
  try {
    const counts = await make(copy);
    const isGiven = give(copy, owner);
    const setAsideAs = clear(target);
    removeLog(target);
    await Deno.rename(copy, target);
    syncFolderOf(target);
    const { uid, gid } = owner;
    const notGivenTo = isGiven || uid === null || gid === null ? undefined : { uid, gid };
    return { counts, setAsideAs, notGivenTo };
  } finally {
    if (exists(copy)) await Deno.remove(copy);
    for (const lock of locks) lock.release();
  }
}

/** Beside the file, and beside the link that leads to it. The owner of the file gets new ones. */
function takeLocks(path: string, target: string, owner: Owner): readonly FileLock[] {
  const locks: FileLock[] = [];
  try {
    for (const each of new Set([path, target])) {
      const isNew = !exists(`${each}.lock`);
      locks.push(FileLock.take(each));
      if (isNew) give(`${each}.lock`, { ...owner, mode: PRIVATE });
    }
    return locks;
  } catch (error) {
    for (const lock of locks) lock.release();
    throw error;
  }
}

/** The file behind `path`, which may be a link to another disk. */
function targetOf(path: string): string {
  const folder = dirname(path);
  // It is not made here: nobody would be told whom it has to belong to.
  if (!exists(folder)) throw new Error(`the folder '${folder}' does not exist`);
  if (!exists(path)) {
    if (isLink(path)) throw new Error(`'${path}' is a link to a file that does not exist`);
    return path;
  }
  if (Deno.statSync(path).isDirectory) throw new Error(`'${path}' is a folder`);
  return isLink(path) ? Deno.realPathSync(path) : path;
}

function ownerOf(path: string): Owner {
  const isThere = exists(path);
  const { uid, gid, mode } = Deno.statSync(isThere ? path : dirname(path));
  return { uid, gid, mode: isThere && mode !== null ? mode & 0o777 : PRIVATE };
}

/** False when the file belongs to somebody else than it should. */
function give(path: string, { uid, gid, mode }: Owner): boolean {
  if (uid === null || gid === null) return true;
  const before = Deno.statSync(path);
  Deno.chmodSync(path, mode);
  if (before.uid === uid && before.gid === gid) return true;
  try {
    // Not through a link: whom the folder belongs to might have put one there meanwhile.
    fs.lchownSync(path, uid, gid);
    return true;
  } catch {
    return before.uid === uid;
  }
}

/**
 * Whether a broker uses the store; undefined when that cannot be told. Leaves nothing behind, and
 * does not keep a broker from starting but for the moment that it takes.
 */
export function isStoreInUse(path: string): boolean | undefined {
  const target = isLink(path) && exists(path) ? Deno.realPathSync(path) : path;
  const isInUse = isHeld(`${path}.lock`);
  return target === path || isInUse ? isInUse : isHeld(`${target}.lock`);
}

function isHeld(lock: string): boolean | undefined {
  if (!exists(lock)) return false;
  try {
    const database = new DatabaseSync(lock, { readOnly: true });
    try {
      database.exec("PRAGMA busy_timeout = 0; SELECT count(*) FROM sqlite_schema");
      return false;
    } finally {
      database.close();
    }
  } catch (error) {
    return isLocked(error) ? true : undefined;
  }
}
