/**
 * A machine for the probes of `broker check`: files, accounts, ports and memory as a test wants them.
 *
 * Owns nothing that is real but the settings, which are parsed as always.
 */

import assert from "node:assert/strict";
import type { Examination, Finding } from "../../src/check/finding.ts";
import type { FileFacts, Machine, PortAttempt } from "../../src/check/machine.ts";
import { serviceOf } from "../../src/check/service.ts";
import { type LoadedSettings, parseSettings } from "../../src/config/load.ts";

/** What is not said: a file of root, mode 0644. */
export interface FakeFile {
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly kind?: FileFacts["kind"];
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
  readonly target?: string;
  readonly device?: number;
  readonly changedAtMs?: number;
}

export type FakeFiles = Readonly<Record<string, FakeFile>>;

/** Where the configuration is, in all tests. */
export const CONFIG = "/etc/broker/broker.yaml";
/** 2026-06-01, noon. */
export const NOW_MS = Date.UTC(2026, 5, 1, 12);
export const GIBIBYTE = 1024 ** 3;

const PASSWD = "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000::/home/pi:/bin/bash\n" +
  "broker:x:990:991::/:/usr/sbin/nologin\n";
const GROUP = "root:x:0:\npi:x:1000:\nbroker:x:991:\nssl-cert:x:110:broker,www\n";

const SYSTEM_FILES: FakeFiles = {
  "/etc/passwd": { text: PASSWD },
  "/etc/group": { text: GROUP },
  [CONFIG]: { mode: 0o640, gid: 991 },
};

/** Its folders are those of its files; unless they are named they are root's, mode 0755. */
export function fakeMachine(files: FakeFiles = {}, answers: Partial<Machine> = {}): Machine {
  const all = new Map(Object.entries({ ...SYSTEM_FILES, ...files }));
  for (const path of [...all.keys()]) {
    for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at) || "/";
      if (!all.has(folder)) all.set(folder, { kind: "folder", mode: 0o755 });
      if (at === 0) break;
    }
  }
  const fileAt = (path: string): FakeFile => {
    const file = all.get(path);
    if (file === undefined) throw new Deno.errors.NotFound(path);
    return file.target === undefined ? file : fileAt(file.target);
  };
  const read = (path: string) => {
    const { bytes, text = "" } = fileAt(path);
    return bytes ?? new TextEncoder().encode(text);
  };
  return {
    system: "linux",
    userId: 0,
    nowMs: () => NOW_MS,
    hostName: () => "pi4",
    interfaces: () => [{ name: "lo", address: "127.0.0.1" }, {
      name: "eth0",
      address: "192.168.1.5",
    }],
    tryPort: () => FREE,
    trySocket: () => Promise.resolve("nobody"),
    askBroker: () => Promise.resolve("nobody"),
    look: (path) => factsOf(all.get(path)),
    read,
    readStart: (path, length) => read(path).subarray(0, length),
    list: (folder) =>
      [...all.keys()].filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)).filter((name) => !name.includes("/")),
    fileSystemOf: () => ({ type: 0xef53, freeBytes: 20 * GIBIBYTE }),
    isReadOnly: () => false,
    memory: () => ({
      totalBytes: 8 * GIBIBYTE,
      availableBytes: 6 * GIBIBYTE,
      limitBytes: undefined,
    }),
    openableFiles: (count) => count,
    isStoreInUse: () => false,
    hasNodeTls: () => true,
    ...answers,
  };
}

const FREE: PortAttempt = { outcome: "free", close() {} };

function factsOf(file: FakeFile | undefined): FileFacts | "missing" {
  if (file === undefined) return "missing";
  const { kind = "file", uid = 0, gid = 0, mode = 0o644, target, device = 0x0803 } = file;
  return {
    kind: target === undefined ? kind : "link",
    uid,
    gid,
    mode,
    device,
    sizeBytes: (file.bytes?.length ?? file.text?.length) ?? 0,
    changedAtMs: file.changedAtMs ?? NOW_MS - 1000,
    target,
  };
}

export function loadedFrom(text: string): LoadedSettings {
  const loaded = parseSettings(CONFIG, text);
  if (!loaded.ok) assert.fail(loaded.report);
  return loaded;
}

/** `user`: by default "broker". */
export function examinationOf(text: string, machine: Machine, user = "broker"): Examination {
  const loaded = loadedFrom(text);
  return {
    loaded,
    machine,
    service: serviceOf(machine, CONFIG, loaded.settings.persistence, user),
  };
}

/** The same with the user of the unit among the machine's files, or of who runs it. */
export function examinationOfUnit(text: string, machine: Machine): Examination {
  const loaded = loadedFrom(text);
  return { loaded, machine, service: serviceOf(machine, CONFIG, loaded.settings.persistence) };
}

/** A finding as one text: "error 3: what | cure"; the place is that in the configuration. */
export function shown(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, place, problem, cure }) => {
    const line = place === undefined ? "" : ` ${place.replace(`${CONFIG}:`, "")}`;
    return `${severity}${line}: ${problem}${cure === undefined ? "" : ` | ${cure}`}`;
  });
}
