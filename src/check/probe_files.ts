/**
 * Whether the broker's user may read the files that the configuration names, and nobody else may read
 * the secret ones.
 *
 * Owns what is demanded of owner, mode and place of each file. What is in them is
 * `probe_contents.ts`'s.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { basename, dirname, join, resolve } from "node:path";
import { nearest } from "../config/nearest.ts";
import { HIDDEN, holdsSecrets, isMarkedSecret } from "../config/secret.ts";
import type { Account } from "./account.ts";
import { accessCure, denialText, ownerText } from "./access_cure.ts";
import {
  type Examination,
  type Finding,
  MAKE_CERTIFICATES,
  placeOf,
  type Severity,
} from "./finding.ts";
import type { FileFacts, Machine } from "./machine.ts";
import { type FileContent, type NamedFile, namedFiles } from "./named_files.ts";
import { type Access, accessTo, grants } from "./path_access.ts";
import { isMadeBySystemd, sandboxFault } from "./sandbox.ts";
import { addToUnit, type ServiceUnit, settingThatMakes } from "./service_unit.ts";

/** Nobody else should be able to open them. */
const SECRET: readonly FileContent[] = ["key", "passwords", "private key"];
/** Everybody may know them. */
const PUBLIC: readonly FileContent[] = ["certificate", "crl"];

/** What 'broker cert' makes. */
const CERT_FILES = ["ca.pem", "server.pem", "server-key.pem"];

/** The configuration itself, and every file that it names. */
export function probeFiles(examination: Examination): Finding[] {
  const { service: { account } } = examination;
  if (account === undefined) return [];
  return [
    ...configFindings(examination, account),
    ...namedFiles(examination.loaded).flatMap((file) => fileFindings(examination, account, file)),
    ...logFindings(examination, account),
  ];
}

function fileFindings(
  examination: Examination,
  account: Account,
  file: NamedFile,
): Finding[] {
  const { machine, service } = examination;
  const { place, shownPath, setting, content, path } = file;
  const access = accessTo(machine, account, path, "r");
  const finding = (severity: Severity, reason: string, cure?: string): Finding => ({
    severity,
    place,
    problem: `Cannot use ${shownPath} as '${setting}': ${reason}`,
    cure: shownPath === HIDDEN ? undefined : cure,
  });
  const fault = sandboxFault(service.unit, path, "read");
  // Rights are of no use behind that.
  if (fault !== undefined && (access.kind === "granted" || access.kind === "denied")) {
    return [finding("error", fault.reason, fault.cure)];
  }
  if (access.kind === "denied" && shownPath === HIDDEN) {
    return [finding("error", `user '${account.name}' may not read it, or a folder above it`)];
  }
  switch (access.kind) {
    case "granted":
      if (access.facts.kind === "folder") return [finding("error", "it is a folder")];
      if (access.facts.kind !== "file") return [finding("error", "it is no regular file")];
      return exposure(account, file, access.facts);
    case "missing":
      return [finding("error", missingText(file, access), missingCure(machine, file))];
    case "denied": {
      const { obstacles } = access;
      const end = obstacles.at(-1)?.facts.kind === "folder" ? "" : obstacles.at(-1)?.path ?? "";
      return [finding(
        "error",
        denialText(machine, account, end, obstacles),
        accessCure(machine, account, obstacles, PUBLIC.includes(content)),
      )];
    }
    case "unknown":
      return [unknown(examination, account, file)];
    case "broken":
      return [finding("error", "a folder on the way to it is none, or links lead in a circle")];
  }
}

/** Another file that is probably meant, or the command that makes one. */
function missingCure(machine: Machine, { content, path }: NamedFile): string {
  const folder = dirname(path);
  const near = nearest(basename(path), machine.list(folder));
  if (near !== undefined) return `is it ${shellQuoted(join(folder, near))}?`;
  if (content === "passwords") return `broker passwd --create ${shellQuoted(path)} USER`;
  if (CERT_FILES.includes(basename(path))) return `broker cert --dir ${shellQuoted(folder)}`;
  return content === "certificate" || content === "private key"
    ? MAKE_CERTIFICATES
    : "make it, or correct the path";
}

function missingText({ path, shownPath }: NamedFile, access: Access): string {
  if (access.kind !== "missing" || access.path === path || shownPath === HIDDEN) {
    return "it does not exist";
  }
  return `it does not exist: there is no ${shellQuoted(access.path)}`;
}

/** Only somebody else can see it. */
function unknown(examination: Examination, account: Account, file: NamedFile): Finding {
  const { place, shownPath, setting } = file;
  return {
    severity: "warning",
    place,
    problem: `Cannot tell whether user '${account.name}' may read ${shownPath}, '${setting}': ` +
      "who runs this may not look at it",
    cure: sudoCheck(examination),
  };
}

/** The same command for who may look everywhere. */
export function sudoCheck({ loaded }: Examination): string {
  return `sudo broker check --config ${shellQuoted(loaded.file)}`;
}

/** A file with a secret that every user of the machine may open. */
function exposure(account: Account, file: NamedFile, facts: FileFacts): Finding[] {
  const { place, shownPath, content } = file;
  if (!SECRET.includes(content) || (facts.mode & 0o007) === 0) return [];
  return [{
    severity: "warning",
    place,
    problem: `Every user of this machine may open ${shownPath}, mode ${octal(facts)}`,
    cure: closingCommand(account, facts, shownPath),
  }];
}

/** Whoever has the right as one of the others must get it in another way first. */
function closingCommand(account: Account, facts: FileFacts, shownPath: string): string {
  const isLeftOut = !grants(account, { ...facts, mode: facts.mode & ~0o007 }, "r");
  return isLeftOut
    ? `sudo chown ${account.name} ${shownPath} && sudo chmod o-rwx ${shownPath}`
    : `chmod o-rwx ${shownPath}`;
}

/** The configuration: readable, and written by nobody whom it does not belong to. */
function configFindings(examination: Examination, account: Account): Finding[] {
  const { loaded, machine, service } = examination;
  const path = resolve(loaded.file);
  const access = accessTo(machine, account, path, "r");
  const place = loaded.file;
  if (access.kind === "denied") {
    return [{
      severity: "error",
      place,
      problem: `The broker cannot read its configuration: ${
        denialText(machine, account, path, access.obstacles)
      }`,
      cure: accessCure(machine, account, access.obstacles, false),
    }];
  }
  if (access.kind !== "granted") return [];
  const { facts } = access;
  const findings: Finding[] = [];
  const fault = sandboxFault(service.unit, path, "read");
  if (fault !== undefined) {
    const problem = `The broker cannot read its configuration: ${fault.reason}`;
    findings.push({ severity: "error", place, problem, cure: fault.cure });
  }
  if ((facts.mode & 0o002) !== 0) {
    findings.push({
      severity: "warning",
      place,
      problem: `Every user of this machine may change the configuration: it ${
        ownerText(machine, facts)
      }`,
      cure: `chmod o-w ${shellQuoted(path)}`,
    });
  }
  if ((facts.mode & 0o004) !== 0 && hasWrittenSecrets(examination)) {
    findings.push({
      severity: "warning",
      place,
      problem: "Every user of this machine may read the secrets that stand in the configuration, " +
        `mode ${octal(facts)}`,
      cure: configCommand(account, path),
    });
  }
  return findings;
}

/** The broker reads it and never writes it: it stays whose it is. */
function configCommand({ uid, groupName }: Account, path: string): string {
  const chmod = `chmod u=rw,g=r,o= ${shellQuoted(path)}`;
  return uid === 0 || groupName === ""
    ? `chmod o-rwx ${shellQuoted(path)}`
    : `sudo chgrp ${groupName} ${shellQuoted(path)} && sudo ${chmod}`;
}

/** Hashes, keys and headers that do not stand elsewhere (`!file`, `!env`, `!credential`). */
function hasWrittenSecrets({ loaded: { settings } }: Examination): boolean {
  const { users, authentication: { jwt, http } } = settings;
  return (users.length > 0 && !users.every((user) => holdsSecrets(user))) ||
    (jwt.key !== undefined && !isMarkedSecret(jwt, "key")) ||
    (http.authorization !== undefined && !isMarkedSecret(http, "authorization"));
}

/** A log that cannot be written never stops the broker. */
function logFindings(examination: Examination, account: Account): Finding[] {
  const { loaded, machine, service: { unit } } = examination;
  const { destinations } = loaded.settings.logging;
  return destinations.flatMap((destination, index): Finding[] => {
    if (typeof destination === "string" || destination.file === undefined) return [];
    const isHidden = isMarkedSecret(destination, "file");
    const path = resolve(unit === undefined ? "" : unit.workingDirectory ?? "/", destination.file);
    const fault = sandboxFault(unit, path, "write") ?? logFault(machine, account, unit, path);
    if (fault === undefined) return [];
    const { reason, cure } = fault;
    return [{
      severity: "warning",
      place: placeOf(loaded, ["logging", "destinations", index]),
      problem: isHidden
        ? `Cannot write the log ${HIDDEN}: permission or folder missing`
        : `Cannot write the log ${shellQuoted(path)}: ${reason}`,
      cure: isHidden ? undefined : cure,
    }];
  });
}

/** Why the account cannot write the log; undefined: it can, or that cannot be told. */
function logFault(
  machine: Machine,
  account: Account,
  unit: ServiceUnit | undefined,
  path: string,
): { readonly reason: string; readonly cure: string } | undefined {
  const folder = accessTo(machine, account, dirname(path), "wx");
  const file = accessTo(machine, account, path, "rw");
  const bad = folder.kind === "granted" && file.kind === "denied" ? file : folder;
  if (bad.kind === "granted" || bad.kind === "unknown") return undefined;
  if (bad.kind === "denied") {
    return {
      reason: denialText(machine, account, path, bad.obstacles),
      cure: accessCure(machine, account, bad.obstacles, false),
    };
  }
  if (isMadeBySystemd(unit, path)) return undefined;
  return { reason: "its folder does not exist", cure: makeFolder(account, dirname(path)) };
}

/** Makes a folder for the account alone. */
export function makeFolder({ name, groupName, uid }: Account, folder: string): string {
  if (uid !== undefined) {
    return `sudo install -d -m 0750 -o ${name} -g ${groupName} ${shellQuoted(folder)}`;
  }
  const setting = settingThatMakes(folder);
  return setting === undefined
    ? "put it where systemd makes folders for such a user: /var/lib/broker, /var/log/broker"
    : addToUnit(setting);
}

function octal({ mode }: FileFacts): string {
  return mode.toString(8).padStart(4, "0");
}
