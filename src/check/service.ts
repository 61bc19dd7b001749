/**
 * Whom the broker runs as with this configuration, and where it keeps its data then.
 *
 * Owns that choice: what was asked for, else the installed unit if it is for this configuration, else
 * who runs `broker check`.
 */

import { resolve } from "node:path";
import type { Settings } from "../config/settings.ts";
import { storePath } from "../config/store_path.ts";
import { type Account, currentAccount, findAccount, groupId } from "./account.ts";
import type { Machine } from "./machine.ts";
import { findUnit, type ServiceUnit, UNIT_NAME } from "./service_unit.ts";

export interface Service {
  /** Undefined where files have no owners (Windows). */
  readonly account: Account | undefined;
  /** "user 'broker', as whom broker.service runs". */
  readonly described: string;
  /** The unit that starts the broker with this configuration; undefined when none does. */
  readonly unit: ServiceUnit | undefined;
  /** Of another configuration, and therefore not looked at. */
  readonly otherUnit: ServiceUnit | undefined;
  /** Absolute. */
  readonly storePath: string;
}

/** Nobody has the name. */
export class NoSuchUserError extends Error {
  override readonly name = "NoSuchUserError";
}

/** `user`: a name or number that was asked for. Throws `NoSuchUserError`. */
export function serviceOf(
  machine: Machine,
  configFile: string,
  persistence: Settings["persistence"],
  user?: string,
): Service {
  const { unit, otherUnit } = unitsFor(machine, configFile);
  const common = { unit, otherUnit, storePath: storePath(persistence, folderOf(unit)) };
  if (machine.userId === undefined) {
    return { ...common, account: undefined, described: "the user who starts it" };
  }
  const [account, described] = whom(machine, unit, user);
  return { ...common, account, described };
}

/** Where the installed unit has the data of this configuration; undefined: it is for another one. */
export function storePathOfUnit(
  machine: Machine,
  configFile: string,
  persistence: Settings["persistence"],
): string | undefined {
  const { unit } = unitsFor(machine, configFile);
  return unit === undefined ? undefined : storePath(persistence, folderOf(unit));
}

/** The installed unit, as the one for this configuration or as another one. */
function unitsFor(machine: Machine, configFile: string): Pick<Service, "unit" | "otherUnit"> {
  const found = findUnit(machine);
  const isOurs = found !== undefined &&
    (found.configFile === undefined || isSameFile(machine, found.configFile, configFile));
  return isOurs ? { unit: found, otherUnit: undefined } : { unit: undefined, otherUnit: found };
}

function whom(
  machine: Machine,
  unit: ServiceUnit | undefined,
  user: string | undefined,
): [Account | undefined, described: string] {
  if (user !== undefined) return [named(machine, user, "/etc/passwd"), `user '${user}'`];
  if (unit === undefined) {
    const account = currentAccount(machine);
    return [account, `user '${account?.name}', who runs this`];
  }
  if (unit.isDynamicUser) {
    const gids = groupsOf(machine, unit);
    const account = { name: unit.user ?? "broker", uid: undefined, gids, groupName: "" };
    return [account, `the user that systemd makes for ${UNIT_NAME} (DynamicUser=)`];
  }
  const account = named(machine, unit.user ?? "root", unit.path);
  const gids = new Set([...account.gids, ...groupsOf(machine, unit)]);
  return [
    { ...account, gids, groupName: unit.group ?? account.groupName },
    `user '${account.name}', as whom ${UNIT_NAME} runs`,
  ];
}

function named(machine: Machine, name: string, where: string): Account {
  const account = findAccount(machine, name);
  if (account !== undefined) return account;
  const cure = `sudo useradd --system --no-create-home --shell /usr/sbin/nologin ${name}`;
  throw new NoSuchUserError(
    where === "/etc/passwd"
      ? `There is no user '${name}' in ${where}`
      : `There is no user '${name}', as whom '${where}' starts the broker; to make it: ${cure}`,
  );
}

function groupsOf(machine: Machine, { group, supplementaryGroups }: ServiceUnit): Set<number> {
  const names = group === undefined ? supplementaryGroups : [group, ...supplementaryGroups];
  return new Set(names.map((name) => groupId(machine, name)).filter((id) => id !== undefined));
}

/** Where a relative path of the store starts; undefined: as for this process. */
function folderOf(unit: ServiceUnit | undefined): string | undefined {
  return unit === undefined ? undefined : unit.stateDirectory ?? unit.workingDirectory ?? "/";
}

export function isSameFile(machine: Machine, one: string, other: string): boolean {
  return linked(machine, resolve(one)) === linked(machine, resolve(other));
}

/** One step is enough for a link in the place of the file. */
function linked(machine: Machine, path: string): string {
  const facts = machine.look(path);
  if (typeof facts === "string" || facts.target === undefined) return path;
  return resolve(path, "..", facts.target);
}
