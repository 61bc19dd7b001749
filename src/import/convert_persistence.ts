/**
 * Converts what survives a restart, and finds the database that is to be imported.
 *
 * Owns where the database is and where our store goes. Does not read the database: `database/`.
 */

import { dirname, join, resolve } from "node:path";
import { carry, type Conversion } from "./conversion.ts";
import { statIfThere } from "../access/replace_file.ts";
import { parseDuration } from "../config/units.ts";
import type { ConfEntry } from "./conf_reader.ts";
import { expirationOf } from "./convert_broker.ts";

/** A database of Mosquitto, and the store it becomes. */
export interface DatabasePlan {
  readonly source: string;
  readonly target: string;
  /** Infinity: sessions do not end by themselves. */
  readonly persistentClientExpirationMs: number;
  /** Client Identifiers that bridges have on Mosquitto's side. */
  readonly bridges: readonly string[];
  /** Whether user names were proven: a session is that of its user alone then. */
  readonly usersAreProven: boolean;
}

export interface PersistenceOptions {
  readonly usersAreProven: boolean;
  /** Where our store goes, absolute; undefined: the database is left out. */
  readonly store: string | undefined;
  /** Why it is left out, for people. */
  readonly whyNot: string;
}

const SAVED =
  "nothing waits to be saved: with persistence.durability 'full', what is acknowledged " +
  "is on the disk";

/** What is to be imported; undefined when there is nothing, or it is not wanted. */
export function convertPersistence(
  conversion: Conversion,
  options: PersistenceOptions,
): DatabasePlan | undefined {
  const { model, findings, draft } = conversion;
  const entry = model.options.get("persistence");
  const isOn = entry?.value.flag ?? false;
  for (const name of ["autosave_interval", "autosave_on_changes"]) {
    const autosave = model.options.get(name);
    if (autosave === undefined) continue;
    if (isOn) findings.changed(autosave, SAVED);
    else findings.dropped(autosave, "it has no effect without 'persistence true'");
  }
  if (entry === undefined) {
    const text = "what is acknowledged survives a restart; 'persistence.durability: off' keeps " +
      "everything in memory";
    findings.default("persistence", "false", "changed", text);
  } else carry(conversion, entry, "persistence", "durability", isOn ? "full" : "off");
  const source = isOn ? databasePath(conversion) : undefined;
  const { store, whyNot } = options;
  const isThere = source !== undefined && isFile(conversion, source);
  explainPlace(conversion, { source, isThere, store, whyNot });
  if (store === undefined || (entry !== undefined && !isOn)) return undefined;
  if (source !== undefined && isThere) {
    const note = "what was kept in Mosquitto's database is here now";
    draft.section("persistence").put("path", store, note);
    const { usersAreProven } = options;
    return { source, target: store, usersAreProven, ...sessionTerms(conversion) };
  }
  return undefined;
}

const PLACE_OPTIONS = ["persistence_file", "persistence_location"];

/** Says what became of the place of the database. */
function explainPlace(
  { model, findings }: Conversion,
  { source, isThere, store, whyNot }: Omit<PersistenceOptions, "usersAreProven"> & {
    readonly source: string | undefined;
    readonly isThere: boolean;
  },
): void {
  const entries = PLACE_OPTIONS.flatMap((name) => model.options.get(name) ?? []);
  for (const entry of entries) {
    if (source === undefined) findings.dropped(entry, "nothing is kept without 'persistence true'");
    else if (store === undefined) findings.dropped(entry, whyNot);
    else if (isThere) findings.carried(entry, `persistence.path: ${store}`);
    else if (isFolder(dirname(source))) {
      findings.dropped(entry, `there is no database yet: ${source}`);
    } else findings.lost(entry, noFolder(dirname(source)));
  }
  if (entries.length > 0 || source === undefined || store === undefined) return;
  const text = isThere ? `persistence.path: ${store}` : `there is no database here: ${source}`;
  const result = isThere ? "carried" : "not_carried";
  findings.default("persistence_file", "mosquitto.db", result, text);
}

/** Sessions and retained messages may be elsewhere, as those of a container are. */
function noFolder(folder: string): string {
  return `there is no folder '${folder}' here: say where it is, as in --path ${folder}=./data, or ` +
    "leave sessions and retained messages out: --no-database";
}

function databasePath({ model, files }: Conversion): string {
  const location = model.options.get("persistence_location")?.value.text;
  const file = model.options.get("persistence_file")?.value.text ?? "mosquitto.db";
  return location === undefined ? files.locate(file) : resolve(join(files.locate(location), file));
}

function isFolder(path: string): boolean {
  try {
    return statIfThere(path)?.isDirectory === true;
  } catch {
    return true; // It may not be looked at, so something is there.
  }
}

/** Whether it is there; one that may not be looked at is an error. */
function isFile({ files, model }: Conversion, path: string): boolean {
  try {
    const isThere = statIfThere(path)?.isFile === true;
    if (isThere) Deno.openSync(path).close();
    return isThere;
  } catch (error) {
    const entry = model.options.get("persistence");
    if (entry === undefined) throw error;
    const reason = error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : error instanceof Error
      ? error.message
      : String(error);
    files.fail(entry.file.path, entry.file.source, {
      message: `Cannot open the database '${path}': ${reason}`,
      range: entry.range,
      hint: "read it as root: put 'sudo' before the command; or leave it out: --no-database",
    });
    return false;
  }
}

function sessionTerms(
  { model }: Conversion,
): Pick<DatabasePlan, "persistentClientExpirationMs" | "bridges"> {
  const expiration = model.options.get("persistent_client_expiration")?.value.text;
  const value = expiration === undefined ? undefined : expirationOf(expiration);
  return {
    persistentClientExpirationMs: value === undefined ? Infinity : parseDuration(value) ?? Infinity,
    bridges: bridgeIdentifiers(model.entries),
  };
}

/** `local_clientid`, or what Mosquitto makes of `remote_clientid` or the bridge's name. */
function bridgeIdentifiers(entries: readonly ConfEntry[]): string[] {
  const bridges: { name: string; local?: string; remote?: string }[] = [];
  for (const { option, value: { text } } of entries) {
    const name = option?.names[0];
    const bridge = bridges.at(-1);
    if (name === "connection") bridges.push({ name: text });
    else if (name === "local_clientid" && bridge !== undefined) bridge.local = text;
    else if (name === "remote_clientid" && bridge !== undefined) bridge.remote = text;
  }
  return bridges.map(({ name, local, remote }) =>
    local ?? `local.${remote ?? `${Deno.hostname()}.${name}`}`
  );
}
