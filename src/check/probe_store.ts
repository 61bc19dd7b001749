/**
 * Whether the broker can keep its data where it is to be kept, and whether that is a good place.
 *
 * Owns the demands on the folder, the file system, and a store that is there already. Opens no
 * database: its first bytes say enough, and nothing is locked or made.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { dirname } from "node:path";
import { HIDDEN, isMarkedSecret } from "../config/secret.ts";
import { formatSize } from "../config/units.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "../storage/schema.ts";
import { socketPathFault } from "../transport/unix_socket.ts";
import { accessCure, denialText } from "./access_cure.ts";
import type { Account } from "./account.ts";
import { isMemoryCard, troubleWith } from "./file_system.ts";
import { type Examination, type Finding, placeOf, type Severity } from "./finding.ts";
import { type Access, accessTo, type Obstacle } from "./path_access.ts";
import { makeFolder } from "./probe_files.ts";
import { findRunningBroker, isOfThis, nameOf } from "./running_broker.ts";
import { isMadeBySystemd, sandboxFault } from "./sandbox.ts";
import type { ServiceUnit } from "./service_unit.ts";

const MEBIBYTE = 1024 * 1024;
/** Below it, the store will be full before long; and below it, it is so already. */
const LITTLE_BYTES = 128 * MEBIBYTE;
const NO_BYTES = 4 * MEBIBYTE;

/** What lies beside the store, and what it ends with. */
const BESIDE = ["", "-wal", "-shm", ".lock"];

/** Of the header of an SQLite file (https://www.sqlite.org/fileformat.html). */
const HEADER_BYTES = 100;
const HEADER_TEXT = "SQLite format 3\0";
const VERSION_OFFSET = 60;
const APPLICATION_OFFSET = 68;

type Report = (severity: Severity, problem: string, cure?: string) => Finding;

export async function probeStore(examination: Examination): Promise<readonly Finding[]> {
  const { loaded, machine, service: { account, unit, storePath: path } } = examination;
  const { persistence } = loaded.settings;
  if (persistence.durability === "off") return [];
  const isHidden = isMarkedSecret(persistence, "path");
  const place = placeOf(loaded, ["persistence", "path"]);
  const report: Report = (severity, problem, cure) => ({
    severity,
    place,
    problem: isHidden ? problem.replaceAll(/'\/[^']*'/g, HIDDEN) : problem,
    cure: isHidden ? undefined : cure,
  });
  const fault = sandboxFault(unit, path, "write");
  if (fault !== undefined) {
    return [report("error", `Cannot keep data in '${path}': ${fault.reason}`, fault.cure)];
  }
  const access = account === undefined ||
      isMadeBySystemd(unit, path) && machine.look(dirname(path)) === "missing"
    ? undefined
    : accessTo(machine, account, path, "rw");
  const found = access === undefined || account === undefined
    ? []
    : accessFindings(examination, account, access, report);
  if (found.some(({ severity }) => severity === "error")) return found;
  const folder = existingFolder(examination, access);
  return [
    ...found,
    ...diskFindings(examination, folder, report),
    ...headerFindings(examination, report),
    ...controlFindings(path, report),
    ...await useFindings(examination, report),
  ];
}

/** The file, what lies beside it, and the folder, in which new files are made. */
function accessFindings(
  { machine, service: { unit, storePath: path } }: Examination,
  account: Account,
  access: Access,
  report: Report,
): Finding[] {
  const folder = access.kind === "missing" ? access.folder : dirname(path);
  if (access.kind === "unknown") {
    const problem = `Cannot tell whether user '${account.name}' may write '${path}': who runs ` +
      "this may not look there";
    return [report("warning", problem, "run this with sudo")];
  }
  if (access.kind === "broken") {
    return [report("error", `Cannot keep data in '${path}': a folder on the way to it is none`)];
  }
  if (access.kind === "granted" && access.facts.kind === "folder") {
    const cure = `persistence: {path: ${path}/broker.db}`;
    return [report("error", `Cannot keep data in '${path}': it is a folder`, cure)];
  }
  const tried = [
    accessTo(machine, account, folder, "wx"),
    ...BESIDE.map((end) => accessTo(machine, account, `${path}${end}`, "rw")),
  ];
  const obstacles = tried.flatMap((each) => each.kind === "denied" ? each.obstacles : [])
    .filter((one, index, all) => all.findIndex(({ path }) => path === one.path) === index)
    .filter((obstacle) => !isGivenBySystemd(unit, account, obstacle));
  if (obstacles.length === 0) return [];
  const problem = `Cannot keep data in '${path}': ${denialText(machine, account, path, obstacles)}`;
  // A system folder is not given away for the sake of one that is missing in it.
  const isShared = access.kind === "missing" && access.folder !== dirname(path);
  const cure = isShared
    ? makeFolder(account, dirname(path))
    : accessCure(machine, account, obstacles, false);
  return [report("error", problem, cure)];
}

/**
 * At every start, systemd gives the folders that it has made to the service's user, the files in them
 * only to one that it makes up.
 */
function isGivenBySystemd(
  unit: ServiceUnit | undefined,
  { uid }: Account,
  { path, facts }: Obstacle,
): boolean {
  if (unit === undefined) return false;
  return uid === undefined
    ? /^\/var\/lib\/private(?:\/|$)/.test(path) || isMadeBySystemd(unit, path)
    : facts.kind === "folder" && unit.ownFolders.includes(path);
}

/** Where the data will be, or the deepest folder on the way that is there. */
function existingFolder({ machine, service }: Examination, access: Access | undefined): string {
  if (access?.kind === "granted") return dirname(access.path);
  let folder = dirname(service.storePath);
  while (folder !== "/" && machine.look(folder) === "missing") folder = dirname(folder);
  return folder;
}

function diskFindings({ machine }: Examination, folder: string, report: Report): Finding[] {
  if (machine.isReadOnly(folder)) {
    const problem = `Cannot keep data in '${folder}': its file system is mounted read-only`;
    return [
      report(
        "error",
        problem,
        `sudo mount -o remount,rw "$(findmnt -n -o TARGET -T ${shellQuoted(folder)})"`,
      ),
    ];
  }
  const findings: Finding[] = [];
  const disk = machine.fileSystemOf(folder);
  const trouble = disk === undefined ? undefined : troubleWith(disk.type);
  if (trouble !== undefined) {
    findings.push(report(
      "warning",
      `The data in '${folder}' is on a file system of kind ${trouble.name}, which ${trouble.trouble}`,
      "give persistence.path a place on a disk of this machine, as /var/lib/broker/broker.db",
    ));
  }
  if (disk === undefined) {
    findings.push(
      report(
        "info",
        `The free space in '${folder}' was not looked at: the system does ` +
          "not say it",
      ),
    );
  } else if (disk.freeBytes < LITTLE_BYTES) {
    const isFull = disk.freeBytes < NO_BYTES;
    const free = formatSize(Math.floor(disk.freeBytes / MEBIBYTE) * MEBIBYTE);
    findings.push(report(
      isFull ? "error" : "warning",
      `The disk of '${folder}' has ${free} left; when it is full, QoS 1 and 2 messages are refused`,
      `sudo du -xh ${shellQuoted(folder)} | sort -h | tail shows what is large`,
    ));
  }
  const facts = machine.look(folder);
  if (typeof facts !== "string" && isMemoryCard(facts.device)) {
    findings.push(report(
      "info",
      `The data in '${folder}' is on an SD card or eMMC, which wears by writing`,
      "a longer persistence.commit_interval, as 1s, writes less; $SYS/broker/store/bytes/written " +
        "counts it",
    ));
  }
  return findings;
}

/** A store that this program would set aside. */
function headerFindings(
  { machine, service: { storePath: path } }: Examination,
  report: Report,
): Finding[] {
  let header: Uint8Array;
  try {
    header = machine.readStart(path, HEADER_BYTES);
  } catch {
    return [];
  }
  // New ones have everything in their log.
  if (header.length === 0) return [];
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const isDatabase = header.length === HEADER_BYTES &&
    new TextDecoder().decode(header.subarray(0, HEADER_TEXT.length)) === HEADER_TEXT;
  const keep = "give persistence.path another file, or move this one away";
  if (!isDatabase || view.getUint32(APPLICATION_OFFSET) !== APPLICATION_ID) {
    if (isDatabase && view.getUint32(APPLICATION_OFFSET) === 0 && hasLog(machine, path)) return [];
    const what = isDatabase ? "is a database of another program" : "is no database, or damaged";
    return [
      report(
        "error",
        `'${path}' ${what}: it would be set aside, and the broker would start ` +
          "with what can be read of it",
        keep,
      ),
    ];
  }
  const version = view.getUint32(VERSION_OFFSET);
  if (version <= SCHEMA_VERSION) return [];
  return [report(
    "error",
    `'${path}' has version ${version}, and this program knows version ${SCHEMA_VERSION} at most: ` +
      "it would be set aside, and the broker would start with what it understands of it",
    `install the newer broker again, or ${keep}`,
  )];
}

function hasLog(machine: Examination["machine"], path: string): boolean {
  const log = machine.look(`${path}-wal`);
  return typeof log !== "string" && log.sizeBytes > 0;
}

/** Beside the data is the socket by which the broker is asked. */
function controlFindings(path: string, report: Report): Finding[] {
  const fault = socketPathFault(`${path}.control`);
  if (fault === undefined) return [];
  return [report(
    "warning",
    `'broker status', 'broker reload' and the like will not reach the broker by '${path}.control': ` +
      fault,
    "give persistence.path a place that has a shorter name",
  )];
}

/** Two brokers never share one. */
async function useFindings(examination: Examination, report: Report): Promise<readonly Finding[]> {
  const { loaded, machine, service: { storePath: path } } = examination;
  const broker = await findRunningBroker(examination);
  if (broker !== undefined) {
    const problem = `The data in '${path}' is in use by ${nameOf(broker, examination)}`;
    if (isOfThis(broker, examination) === false) {
      const cure = "stop that one before this is started, or give persistence.path another file";
      return [report("warning", `${problem}: two brokers cannot share it`, cure)];
    }
    const cure = `broker reload --config ${shellQuoted(loaded.file)} gives it what has changed`;
    return [report("info", problem, cure)];
  }
  const isThere = machine.look(path) !== "missing" && machine.look(`${path}.lock`) !== "missing";
  return isThere && machine.isStoreInUse(path) === undefined
    ? [report("info", `Whether a broker uses '${path}' could not be told`)]
    : [];
}
