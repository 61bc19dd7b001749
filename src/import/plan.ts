/**
 * From mosquitto.conf to a plan: the text of broker.yaml, the files beside it, the database to import,
 * and what became of each option.
 *
 * Owns the order of the steps. Reads, and writes nothing. Invariants: a plan is made only when
 * everything could be read; each option that was found is in the table once; the text is one that our
 * own loader takes.
 */

import { resolve } from "node:path";
import { MAX_FILE_BYTES } from "../config/file.ts";
import { parseSettings } from "../config/load.ts";
import { formatSize } from "../config/units.ts";
import { type ConfEntry, readConf } from "./conf_reader.ts";
import { type ConfModel, modelConf } from "./conf_model.ts";
import { type Conversion, type CopiedFile, Draft } from "./conversion.ts";
import { BROKER_CONVERSIONS, convertBrokerDefaults } from "./convert_broker.ts";
import { convertListeners } from "./convert_listeners.ts";
import { convertLogging } from "./convert_logging.ts";
import { convertPersistence, type DatabasePlan } from "./convert_persistence.ts";
import { convertRest } from "./convert_rest.ts";
import { convertRules } from "./convert_rules.ts";
import { convertUsers } from "./convert_users.ts";
import { type Finding, Findings } from "./findings.ts";
import { InputFiles, type PathReplacement } from "./input_files.ts";

export interface ImportOptions {
  /** mosquitto.conf. */
  readonly source: string;
  /** Undefined: standard output. */
  readonly output: string | undefined;
  /** Where the store goes; undefined: the database is left out. */
  readonly store: string | undefined;
  /** Why it is left out. */
  readonly whyNoStore: string;
  readonly paths: readonly PathReplacement[];
  /** Unknown options are left out rather than errors. */
  readonly acceptUnknown: boolean;
}

export interface ImportPlan {
  /** The paths of the files that were read, which are Mosquitto's. */
  readonly sources: readonly string[];
  readonly yaml: string;
  readonly copies: readonly CopiedFile[];
  readonly database: DatabasePlan | undefined;
  readonly findings: readonly Finding[];
}

/** A plan, or a report for people of all that cannot be read. */
export type Planned =
  | { readonly ok: true; readonly plan: ImportPlan }
  | { readonly ok: false; readonly report: string };

export async function planImport(options: ImportOptions): Promise<Planned> {
  const files = new InputFiles(options.source, options.paths);
  const entries = await readConf(options.source, files, options.acceptUnknown);
  const model = modelConf(entries, files);
  const conversion: Conversion = {
    model,
    files,
    findings: new Findings(),
    draft: new Draft(),
    copies: [],
    output: options.output === undefined ? undefined : resolve(options.output),
  };
  // Half a model would say things about the other half that are not so.
  const database = await convertAll(conversion, options);
  if (files.hasProblems) return { ok: false, report: files.report() };
  conversion.findings.account(entries);
  const yaml = conversion.draft.text(headOf(options, entries));
  const report = checkText(options, yaml);
  if (report !== undefined) return { ok: false, report };
  const { copies, findings } = conversion;
  return {
    ok: true,
    plan: { sources: [...files.paths], yaml, copies, database, findings: findings.list },
  };
}

async function convertAll(
  conversion: Conversion,
  options: ImportOptions,
): Promise<DatabasePlan | undefined> {
  convertListeners(conversion);
  const users = await convertUsers(conversion);
  await convertRules(conversion, users);
  convertIdentifiers(conversion);
  convertBroker(conversion);
  convertBrokerDefaults(conversion);
  const store = options.store === undefined ? undefined : resolve(options.store);
  const database = convertPersistence(conversion, {
    store,
    whyNot: options.whyNoStore,
    usersAreProven: users.areProven,
  });
  convertLogging(conversion);
  convertRest(conversion);
  return database;
}

function convertBroker(conversion: Conversion): void {
  for (const [name, entry] of conversion.model.options) {
    BROKER_CONVERSIONS[name]?.(conversion, entry);
  }
  // It may be given more than once, and is therefore in no map.
  for (const entry of conversion.model.entries) {
    if (entry.option?.names[0] === "include_dir") {
      BROKER_CONVERSIONS.include_dir?.(conversion, entry);
    }
  }
}

/** One setting for all listeners here. */
function convertIdentifiers({ model, draft, findings }: Conversion): void {
  const entries = accessEntries(model, "allow_zero_length_clientid");
  const counts = model.isPerListener ? model.listeners.length : 1;
  const refusing = entries.filter(({ value }) => !value.flag);
  for (const entry of entries) {
    if (refusing.length > 0 && (refusing.length < entries.length || entries.length < counts)) {
      findings.lost(entry, "it is for all listeners here: sessions.allow_zero_length_clientid");
    } else {
      draft.section("sessions").put("allow_zero_length_clientid", entry.value.flag);
      findings.carried(entry, `sessions.allow_zero_length_clientid: ${entry.value.flag}`);
    }
  }
}

function accessEntries({ access, listeners }: ConfModel, name: string): ConfEntry[] {
  return [access, ...listeners.map((listener) => listener.access)]
    .flatMap((options) => options.get(name) ?? []);
}

function headOf({ source }: ImportOptions, entries: readonly ConfEntry[]): string[] {
  const others = new Set(entries.map(({ file }) => file.path));
  others.delete(source);
  return [
    "The configuration of the broker, as 'broker import' made it from",
    ...[source, ...others].map((path) => `  ${path}`),
    "",
    "What stands behind a value is where it comes from; everything else has its default.",
    "'broker check --config' this file says what is in effect.",
  ];
}

/** What our own loader says against it, which would be a mistake of this program or an odd value. */
function checkText({ output }: ImportOptions, yaml: string): string | undefined {
  if (new TextEncoder().encode(yaml).length > MAX_FILE_BYTES) {
    const most = formatSize(MAX_FILE_BYTES);
    return `Cannot use what was made of it: it is larger than the ${most} that can be read\n`;
  }
  const loaded = parseSettings(output ?? "broker.yaml", yaml);
  if (loaded.ok) return undefined;
  return `Cannot use what was made of it:\n${loaded.report}`;
}
