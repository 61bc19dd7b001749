/**
 * Why an account may not use a path, and the command that lets it.
 *
 * Owns the words. The cures give no more than is needed: nothing that was closed to other users is
 * opened to them, but for what is public anyway.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { type Account, groupName, userName } from "./account.ts";
import type { FileFacts, Machine } from "./machine.ts";
import type { Obstacle } from "./path_access.ts";

/** certbot keeps group and mode of what it renews, and the owner root. */
const CERTBOT = /^\/etc\/letsencrypt\/(?:live|archive)(?:\/|$)/;

/** Behind a command that this program cannot see the effect of; a shell leaves it out. */
const NOT_SEEN = "  # 'broker check' does not see such lists, and will say the same again";

const VERBS: Readonly<Record<string, string>> = {
  r: "may not read",
  w: "may not write to",
  x: "may not enter",
};

/** "user 'broker' may not read it: it belongs to user 'root', group 'root', mode 0600". */
export function denialText(
  machine: Machine,
  account: Account,
  end: string,
  obstacles: readonly Obstacle[],
): string {
  return obstacles.map(({ path, facts, missing }) => {
    const verb = VERBS[missing[0] ?? ""] ?? "may not use";
    const shown = facts.kind === "folder" ? `the folder ${shellQuoted(path)}` : shellQuoted(path);
    const what = path === end ? "it" : shown;
    const subject = path === end ? "it" : "that";
    return `user '${account.name}' ${verb} ${what}: ${subject} ${ownerText(machine, facts)}`;
  }).join("; ");
}

/** "belongs to user 'root', group 'root', mode 0600". */
export function ownerText(machine: Machine, { uid, gid, mode }: FileFacts): string {
  const octal = mode.toString(8).padStart(4, "0");
  return `belongs to user '${userName(machine, uid)}', group '${groupName(machine, gid)}', ` +
    `mode ${octal}`;
}

/** One command for all that is in the way. `isPublic`: every user of the machine may read it. */
export function accessCure(
  machine: Machine,
  account: Account,
  obstacles: readonly Obstacle[],
  isPublic: boolean,
): string {
  if (account.uid === undefined) {
    return "give the service a user of this machine ('User=' in place of 'DynamicUser=', with " +
      "'sudo systemctl edit broker'), and the file to that one";
  }
  if (obstacles.some(({ path }) => CERTBOT.test(path))) return certbotCure(account);
  const commands = obstacles.map((obstacle) => openingCommand(machine, account, obstacle, isPublic))
    .join(" && ");
  return commands.includes("setfacl ") ? commands + NOT_SEEN : commands;
}

function certbotCure({ groupName }: Account): string {
  const folders = "/etc/letsencrypt/live /etc/letsencrypt/archive";
  return `sudo chgrp -R ${groupName} ${folders} && sudo chmod -R g+rX ${folders}`;
}

function openingCommand(
  machine: Machine,
  account: Account,
  { path, facts, missing }: Obstacle,
  isPublic: boolean,
): string {
  const name = shellQuoted(path);
  const isOwn = facts.uid === account.uid;
  // As the owner nobody needs more rights than to ask; root's own commands need them all the same.
  const sudo = facts.uid === machine.userId && machine.userId !== 0 ? "" : "sudo ";
  if (isOwn) return `${sudo}chmod u+${missing} ${name}`;
  if (facts.gid !== null && account.gids.has(facts.gid)) {
    return `${sudo}chmod g+${missing} ${name}`;
  }
  if (facts.kind === "folder" && missing === "x") {
    // A folder of root's group opens to the service's group; others' folders, to this user alone.
    return facts.uid === 0 && facts.gid === 0 && path !== "/root"
      ? `sudo chgrp ${account.groupName} ${name} && sudo chmod g+x ${name}`
      : `${installAcl(machine)}${sudo}setfacl -m u:${account.name}:x ${name}`;
  }
  if (isPublic && missing === "r") return `${sudo}chmod a+r ${name}`;
  const bits = missing === "r" ? "u+r" : `u+${missing}`;
  const hasBits = grantsOwner(facts, missing);
  const chown = `sudo chown ${account.name} ${name}`;
  return hasBits ? chown : `${chown} && sudo chmod ${bits} ${name}`;
}

/** Debian and Raspberry Pi OS do not always have the command. */
function installAcl(machine: Machine): string {
  const isThere = (path: string) => machine.look(path) !== "missing";
  return isThere("/usr/bin/apt") && !isThere("/usr/bin/setfacl") ? "sudo apt install acl && " : "";
}

/** Whether the owner, whoever it is, has the bits. */
function grantsOwner({ mode }: FileFacts, bits: string): boolean {
  const values: Readonly<Record<string, number>> = { r: 0o400, w: 0o200, x: 0o100 };
  return [...bits].every((bit) => (mode & (values[bit] ?? 0)) !== 0);
}
