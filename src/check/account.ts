/**
 * Users and groups of the machine, as /etc/passwd and /etc/group have them.
 *
 * Owns the reading of both. Users that only a directory service knows are found by their number
 * alone.
 */

import type { Machine } from "./machine.ts";

/** Whom something runs as. */
export interface Account {
  /** The name, or the number where there is no name. */
  readonly name: string;
  /** Undefined for one that systemd makes up when the service starts (DynamicUser=). */
  readonly uid: number | undefined;
  readonly gids: ReadonlySet<number>;
  /** The name of its first group. */
  readonly groupName: string;
}

const USERS = "/etc/passwd";
const GROUPS = "/etc/group";

/** The account of a name or number; undefined when there is none of the name. */
export function findAccount(machine: Machine, nameOrNumber: string): Account | undefined {
  const entry = entries(machine, USERS).find(([name, , uid]) =>
    name === nameOrNumber || uid === nameOrNumber
  );
  if (entry === undefined) {
    if (!/^\d+$/.test(nameOrNumber)) return undefined;
    const id = Number(nameOrNumber);
    return { name: nameOrNumber, uid: id, gids: new Set([id]), groupName: nameOrNumber };
  }
  const [name = "", , uid, gid] = entry;
  const groups = entries(machine, GROUPS)
    .filter(([, , , members]) => members?.split(",").includes(name))
    .map(([, , id]) => Number(id));
  return {
    name,
    uid: Number(uid),
    gids: new Set([Number(gid), ...groups]),
    groupName: nameIn(machine, GROUPS, Number(gid)),
  };
}

/** Who runs `broker check`; undefined where users have no numbers. */
export function currentAccount(machine: Machine): Account | undefined {
  const { userId } = machine;
  return userId === undefined ? undefined : findAccount(machine, String(userId));
}

/** The number of a group; undefined when there is none of the name. */
export function groupId(machine: Machine, nameOrNumber: string): number | undefined {
  if (/^\d+$/.test(nameOrNumber)) return Number(nameOrNumber);
  const id = entries(machine, GROUPS).find(([name]) => name === nameOrNumber)?.[2];
  return id === undefined ? undefined : Number(id);
}

export function userName(machine: Machine, uid: number | null): string {
  return uid === null ? "unknown" : nameIn(machine, USERS, uid);
}

export function groupName(machine: Machine, gid: number | null): string {
  return gid === null ? "unknown" : nameIn(machine, GROUPS, gid);
}

/** The number where there is no name. */
function nameIn(machine: Machine, file: string, id: number): string {
  return entries(machine, file).find(([, , number]) => number === String(id))?.[0] ?? String(id);
}

function entries(machine: Machine, file: string): readonly (readonly string[])[] {
  try {
    const text = new TextDecoder().decode(machine.read(file));
    return text.split("\n").map((line) => line.split(":")).filter(({ length }) => length > 2);
  } catch {
    return [];
  }
}
