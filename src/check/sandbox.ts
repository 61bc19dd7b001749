/**
 * What systemd keeps from the broker although owners and modes allow it, and what systemd makes for it.
 *
 * Owns the reading of `ProtectHome=`, `ProtectSystem=`, `PrivateTmp=` and their exceptions
 * (systemd.exec(5)). Asks nothing of the machine.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { dirname } from "node:path";
import { addToUnit, type ServiceUnit, settingThatMakes } from "./service_unit.ts";

export interface SandboxFault {
  /** A part of a sentence: "'/etc/systemd/system/broker.service' hides it ...". */
  readonly reason: string;
  readonly cure: string;
}

const HOMES = ["/home", "/root", "/run/user"];
const TEMPORARY = ["/tmp", "/var/tmp"];
/** What `ProtectSystem=` makes read-only; "strict" is everything but these last ones. */
const SYSTEM = ["/usr", "/boot", "/efi"];
const FULL = [...SYSTEM, "/etc"];
const NOT_STRICT = ["/dev", "/proc", "/sys"];

/** Why the service cannot use `path` for that, whatever its owner and mode; undefined: it can. */
export function sandboxFault(
  unit: ServiceUnit | undefined,
  path: string,
  need: "read" | "write",
): SandboxFault | undefined {
  if (unit === undefined || isMadeBySystemd(unit, path) || isIn(path, unit.boundPaths)) {
    return undefined;
  }
  const hiding = hidingSetting(unit, path);
  if (hiding !== undefined) {
    const place = need === "read" ? "/etc/broker" : "/var/lib/broker";
    return {
      reason: `${shellQuoted(unit.path)} hides it from the broker with '${hiding}'`,
      cure: `move it to a folder like '${place}'; or: ${addToUnit(hiding.replace(/=.*$/, "=no"))}`,
    };
  }
  if (need === "read" || isIn(path, unit.writablePaths)) return undefined;
  const lock = lockingSetting(unit, path);
  if (lock === undefined) return undefined;
  return {
    reason: `${shellQuoted(unit.path)} makes it read-only for the broker with '${lock}'`,
    cure: addToUnit(settingThatOpens(dirname(path))),
  };
}

/** What is in /run has to be made at every start; the unit starts without the others ("-"), too. */
function settingThatOpens(folder: string): string {
  const made = folder.startsWith("/run/") ? settingThatMakes(folder) : undefined;
  return made ?? `ReadWritePaths=-${folder}`;
}

/** Whether `path` is in a folder that systemd makes for the service and gives to its user. */
export function isMadeBySystemd(unit: ServiceUnit | undefined, path: string): boolean {
  return unit !== undefined && isIn(path, unit.ownFolders);
}

function hidingSetting({ protectHome, isPrivateTmp }: ServiceUnit, path: string) {
  const isHidden = protectHome === "yes" || protectHome === "tmpfs";
  if (isHidden && isIn(path, HOMES)) return `ProtectHome=${protectHome}`;
  return isPrivateTmp && isIn(path, TEMPORARY) ? "PrivateTmp=yes" : undefined;
}

function lockingSetting({ protectHome, protectSystem }: ServiceUnit, path: string) {
  if (protectHome === "read-only" && isIn(path, HOMES)) return "ProtectHome=read-only";
  const isLocked = protectSystem === "strict"
    ? !isIn(path, NOT_STRICT)
    : protectSystem !== undefined && isIn(path, protectSystem === "full" ? FULL : SYSTEM);
  return isLocked ? `ProtectSystem=${protectSystem}` : undefined;
}

function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) =>
    path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`)
  );
}
