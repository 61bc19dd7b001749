/**
 * The systemd unit that starts the broker: whom it runs as, where its data is, what it may use.
 *
 * Owns the reading of unit files and their drop-ins (systemd.syntax(7)), as far as the probes ask.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { resolve } from "node:path";
import type { Machine } from "./machine.ts";

export const UNIT_NAME = "broker.service";

/** Highest priority first. */
const UNIT_FOLDERS = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** What systemd makes for a service, and where. */
const OWN_FOLDERS = [
  ["StateDirectory", "/var/lib"],
  ["CacheDirectory", "/var/cache"],
  ["LogsDirectory", "/var/log"],
  ["RuntimeDirectory", "/run"],
] as const;

/** What systemd gives to a service that says nothing of it. */
const SYSTEMD_FILES = "1024:524288";

/** What the section [Service] says. */
export interface ServiceUnit {
  readonly path: string;
  /** By name or number; undefined: root. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly supplementaryGroups: readonly string[];
  readonly isDynamicUser: boolean;
  /** The first of `StateDirectory=`, absolute. */
  readonly stateDirectory: string | undefined;
  readonly workingDirectory: string | undefined;
  /** The file behind `--config` of `ExecStart=`, absolute; undefined when there is none. */
  readonly configFile: string | undefined;
  /** Files that the process may open. */
  readonly openFiles: number;
  readonly memoryBytes: number | undefined;
  /** Whether it may listen on ports below 1024 without being root. */
  readonly hasLowPorts: boolean;
  /** `ProtectHome=`; undefined: it may use all homes. */
  readonly protectHome: "yes" | "tmpfs" | "read-only" | undefined;
  /** `ProtectSystem=`; undefined: no. */
  readonly protectSystem: "yes" | "full" | "strict" | undefined;
  readonly isPrivateTmp: boolean;
  /** Of `ReadWritePaths=`: what it may write in spite of the two before. */
  readonly writablePaths: readonly string[];
  /** Where `BindPaths=` and `BindReadOnlyPaths=` put something. */
  readonly boundPaths: readonly string[];
  /** Folders that systemd makes for it, and gives to its user: `StateDirectory=` and the like. */
  readonly ownFolders: readonly string[];
}

/** Of other settings, each drop-in adds one more. */
const SINGLE = /^(?:LimitNOFILE|PrivateTmp|ProtectHome)=.*$/;

/** The command that adds "KEY=VALUE" to the unit, in a drop-in of its own; a shell takes it as it is. */
export function addToUnit(setting: string): string {
  const distinct = SINGLE.test(setting) ? setting.replace(/=.*$/, "") : setting;
  const name = distinct.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `printf '[Service]\\n%s\\n' ${
    shellQuoted(setting)
  } | sudo install -D -m 0644 /dev/stdin ` +
    `/etc/systemd/system/${UNIT_NAME}.d/${name}.conf && sudo systemctl daemon-reload` +
    "  # it counts from the next start on";
}

/** What has systemd make a folder for the service: "LogsDirectory=mqtt"; undefined: nothing does. */
export function settingThatMakes(folder: string): string | undefined {
  for (const [key, parent] of OWN_FOLDERS) {
    if (folder.startsWith(`${parent}/`)) return `${key}=${folder.slice(parent.length + 1)}`;
  }
  return undefined;
}

/** The unit that is installed; undefined when there is none, or it is masked. */
export function findUnit(machine: Machine): ServiceUnit | undefined {
  for (const folder of UNIT_FOLDERS) {
    const path = `${folder}/${UNIT_NAME}`;
    const facts = machine.look(path);
    if (facts === "missing" || facts === "denied") continue;
    if (facts.target === "/dev/null") return undefined;
    const text = readText(machine, path);
    if (text !== undefined) return parseUnit(path, [text, ...dropIns(machine)]);
  }
  return undefined;
}

/** Those of a folder with a higher priority hide others of their name; all are read by name. */
function dropIns(machine: Machine): string[] {
  const paths = new Map<string, string>();
  for (const folder of UNIT_FOLDERS.map((folder) => `${folder}/${UNIT_NAME}.d`)) {
    for (const name of machine.list(folder).filter((name) => name.endsWith(".conf"))) {
      if (!paths.has(name)) paths.set(name, `${folder}/${name}`);
    }
  }
  return [...paths].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, path]) => readText(machine, path)).filter((text) => text !== undefined);
}

function readText(machine: Machine, path: string): string | undefined {
  try {
    return new TextDecoder().decode(machine.read(path));
  } catch {
    return undefined;
  }
}

function parseUnit(path: string, texts: readonly string[]): ServiceUnit {
  const values = serviceValues(texts);
  const last = (key: string) => values.get(key)?.at(-1);
  const words = (key: string) => (values.get(key) ?? []).flatMap((text) => text.split(/\s+/));
  const ownFolders = OWN_FOLDERS.flatMap(([key, parent]) =>
    words(key).map((name) => `${parent}/${name.replace(/:.*$/, "")}`)
  );
  const [state] = words("StateDirectory");
  const workingDirectory = last("WorkingDirectory")?.replace(/^-/, "");
  const home = last("ProtectHome");
  const system = last("ProtectSystem");
  return {
    path,
    user: last("User"),
    group: last("Group"),
    supplementaryGroups: words("SupplementaryGroups"),
    isDynamicUser: isYes(last("DynamicUser")),
    stateDirectory: state === undefined ? undefined : `/var/lib/${state.replace(/:.*$/, "")}`,
    workingDirectory,
    configFile: configIn(last("ExecStart"), workingDirectory),
    openFiles: openFilesIn(last("LimitNOFILE"), last("ExecStart")),
    memoryBytes: bytesIn(last("MemoryMax")),
    hasLowPorts: words("AmbientCapabilities").includes("CAP_NET_BIND_SERVICE"),
    protectHome: isYes(home) ? "yes" : home === "tmpfs" || home === "read-only" ? home : undefined,
    protectSystem: isYes(system)
      ? "yes"
      : system === "full" || system === "strict"
      ? system
      : undefined,
    isPrivateTmp: isYes(last("PrivateTmp")),
    writablePaths: words("ReadWritePaths").map(withoutMarks),
    boundPaths: [...words("BindPaths"), ...words("BindReadOnlyPaths")].map(boundTo),
    ownFolders,
  };
}

/** What each key of [Service] was given, in order; an empty value takes back those before it. */
function serviceValues(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const text of texts) {
    let section = "";
    for (const line of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
      section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
      const [, key, value = ""] = /^\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key === undefined || section !== "Service") continue;
      values.set(key, value === "" ? [] : [...values.get(key) ?? [], value]);
    }
  }
  return values;
}

/** "-" and "+" before a path: it may be missing, it is that of the service's root. */
function withoutMarks(path: string): string {
  return path.replace(/^[-+]+/, "");
}

/** "SOURCE:TARGET:OPTIONS"; a source alone is its own target. */
function boundTo(text: string): string {
  const [source, target] = withoutMarks(text).split(":");
  return target ?? source ?? "";
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(?:yes|true|on|1)$/i.test(value);
}

/** The words of a command are not taken apart any further than this needs. */
function configIn(command: string | undefined, folder: string | undefined): string | undefined {
  const found = /(?:\s--config(?:=|\s+)|\s-c\s*)(?:"([^"]+)"|'([^']+)'|(\S+))/.exec(command ?? "");
  const file = found?.[1] ?? found?.[2] ?? found?.[3];
  return file === undefined || file.includes("$") ? undefined : resolve(folder ?? "/", file);
}

/**
 * "SOFT:HARD", or one number for both. The first one counts for an executable of this program; `deno`
 * raises it to the second.
 */
function openFilesIn(value = SYSTEMD_FILES, command: string | undefined): number {
  const [soft = "", hard = soft] = value.split(":");
  const counts = /^\S*\/deno\s/.test(command ?? "") ? hard : soft;
  return counts === "infinity" ? Infinity : Number(counts) || 0;
}

/** "512M", of 1024; a share of the memory ("50%") says nothing here. */
function bytesIn(value: string | undefined): number | undefined {
  const [, number, unit = ""] = /^(\d+)([KMGT]?)$/.exec(value ?? "") ?? [];
  return number === undefined ? undefined : Number(number) * 1024 ** " KMGT".indexOf(unit || " ");
}
