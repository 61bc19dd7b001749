/**
 * Whether each Unix socket can be made where it is to be.
 *
 * Owns the demands on its path, its folder, and what is at the path already.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { dirname } from "node:path";
import { HIDDEN, isMarkedSecret } from "../config/secret.ts";
import type { ListenerSettings } from "../config/settings.ts";
import { accessCure, denialText } from "./access_cure.ts";
import { type Account, findAccount, groupId } from "./account.ts";
import { type Examination, type Finding, placeOf, type Severity } from "./finding.ts";
import { accessTo } from "./path_access.ts";
import { makeFolder } from "./probe_files.ts";
import { findRunningBroker, holds } from "./running_broker.ts";
import { isMadeBySystemd, sandboxFault } from "./sandbox.ts";
import { addToUnit, type ServiceUnit, settingThatMakes } from "./service_unit.ts";

type Report = (severity: Severity, reason: string, cure: string | undefined) => Finding;

export async function probeSockets(examination: Examination): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [index, listener] of examination.loaded.settings.listeners.entries()) {
    if (listener.path === undefined) continue;
    findings.push(...await socketFindings(examination, listener, listener.path, index));
  }
  return findings;
}

async function socketFindings(
  examination: Examination,
  listener: ListenerSettings,
  path: string,
  index: number,
): Promise<readonly Finding[]> {
  const { loaded, machine, service: { account } } = examination;
  const isHidden = isMarkedSecret(listener, "path");
  const shown = isHidden ? HIDDEN : shellQuoted(path);
  const report: Report = (severity, reason, cure) => ({
    severity,
    place: placeOf(loaded, ["listeners", index, "path"]),
    problem: `Cannot make the Unix socket ${shown}: ${reason}`,
    cure: isHidden ? undefined : cure,
  });
  const findings: Finding[] = [];
  const facts = machine.look(path);
  if (typeof facts !== "string" && facts.kind !== "socket") {
    findings.push(report("error", "there is something else already", `ls -l ${shown}`));
  } else if (await machine.trySocket(path) === "answers") {
    const broker = await findRunningBroker(examination);
    if (broker === undefined || !holds(broker, listener)) {
      const cure = `sudo ss -lxp src ${shown} shows which one`;
      findings.push(report("error", "another program listens there", cure));
    }
  }
  if (account !== undefined) {
    findings.push(...folderFindings(examination, account, path, report, isHidden));
    findings.push(...ownerFindings(examination, account, listener, report));
  }
  return findings;
}

/** A socket that is left over is removed, and the new one is made under another name first. */
function folderFindings(
  { machine, service: { unit } }: Examination,
  account: Account,
  path: string,
  report: Report,
  isHidden: boolean,
): Finding[] {
  const fault = sandboxFault(unit, path, "write");
  if (fault !== undefined) return [report("error", fault.reason, fault.cure)];
  const folder = dirname(path);
  const access = accessTo(machine, account, folder, "wx");
  if (access.kind === "granted" || access.kind === "unknown") return [];
  if (access.kind !== "denied") {
    if (isMadeBySystemd(unit, path)) return [];
    const reason = isHidden
      ? "its folder does not exist"
      : `there is no folder ${shellQuoted(folder)}`;
    return [report("error", reason, folderCure(account, unit, folder))];
  }
  const reason = isHidden
    ? "its folder may not be written to"
    : denialText(machine, account, path, access.obstacles);
  return [report("error", reason, accessCure(machine, account, access.obstacles, false))];
}

/** What is in /run is gone after the next start of the machine, unless systemd makes it. */
function folderCure(account: Account, unit: ServiceUnit | undefined, folder: string): string {
  if (!folder.startsWith("/run/")) return makeFolder(account, folder);
  const setting = settingThatMakes(folder);
  return unit !== undefined && setting !== undefined
    ? addToUnit(setting)
    : `${makeFolder(account, folder)}  # until the next start of the machine, which empties /run`;
}

function ownerFindings(
  { machine }: Examination,
  account: Account,
  { owner, group }: ListenerSettings,
  report: Report,
): Finding[] {
  const findings: Finding[] = [];
  const user = owner === undefined ? undefined : findAccount(machine, owner);
  if (owner !== undefined && user === undefined) {
    findings.push(report("error", `there is no user '${owner}'`, "getent passwd lists them"));
  } else if (user !== undefined && account.uid !== 0 && user.uid !== account.uid) {
    const reason = `only root can give it to user '${owner}', and the broker runs as ` +
      `'${account.name}'`;
    findings.push(report("error", reason, "use 'group' and 'mode' in place of 'owner'"));
  }
  const gid = group === undefined ? undefined : groupId(machine, group);
  if (group !== undefined && gid === undefined) {
    findings.push(report("error", `there is no group '${group}'`, `sudo groupadd ${group}`));
  } else if (gid !== undefined && account.uid !== 0 && !account.gids.has(gid)) {
    const reason = `user '${account.name}' is not in the group '${group}'`;
    findings.push(report("error", reason, `sudo usermod -a -G ${group} ${account.name}`));
  }
  return findings;
}
