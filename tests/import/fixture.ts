/**
 * A mosquitto.conf with the files it names, in a folder of its own, and what becomes of it.
 *
 * Owns the folder while a test looks at it.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/settings.ts";
import type { Finding } from "../../src/import/findings.ts";
import { type ImportOptions, type ImportPlan, planImport } from "../../src/import/plan.ts";
import { temporaryFolder } from "../storage/fixture.ts";

/** What was made of a configuration; `text` has no folder in it. */
export interface Imported {
  readonly plan: ImportPlan;
  readonly yaml: string;
  readonly settings: Settings;
  /** "carried", "changed", "left out" or "LOST" and the text, by "option value". */
  readonly outcomes: Readonly<Record<string, string>>;
}

/** A hash of Mosquitto's that takes no time to verify. */
export function sha512Hash(password: string): string {
  const salt = "import tests";
  const digest = createHash("sha512").update(password).update(salt).digest("base64");
  return `$6$${btoa(salt)}$${digest}`;
}

/** Lines of a password file for users whose password is their name. */
export function passwordLines(...users: readonly string[]): string {
  return users.map((user) => `${user}:${sha512Hash(user)}\n`).join("");
}

/**
 * Plans the import of a configuration in which DIR stands for the folder with `files`. It must be one
 * that can be read.
 */
export async function importConf(
  conf: string | readonly string[],
  files: Readonly<Record<string, string>> = {},
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const planned = await planConf(conf, files, options);
  assert.ok(planned.ok, planned.ok ? "" : planned.report);
  const { plan } = planned;
  const loaded = parseSettings("broker.yaml", plan.yaml);
  assert.ok(loaded.ok, loaded.ok ? "" : loaded.report);
  const outcomes = Object.fromEntries(plan.findings.map((f) => [keyOf(f), outcomeOf(f)]));
  return { plan, yaml: plan.yaml, settings: loaded.settings, outcomes };
}

/** The report of a configuration that cannot be read. */
export async function refusalOf(
  conf: string | readonly string[],
  files: Readonly<Record<string, string>> = {},
  options: Partial<ImportOptions> = {},
): Promise<string> {
  const planned = await planConf(conf, files, options);
  assert.ok(!planned.ok);
  return planned.report;
}

async function planConf(
  conf: string | readonly string[],
  files: Readonly<Record<string, string>>,
  options: Partial<ImportOptions>,
) {
  using folder = temporaryFolder();
  const path = folder.path.replaceAll("\\", "/");
  const put = (name: string, text: string) => {
    const parts = name.split("/").slice(0, -1);
    if (parts.length > 0) Deno.mkdirSync(`${path}/${parts.join("/")}`, { recursive: true });
    Deno.writeTextFileSync(`${path}/${name}`, text.replaceAll("DIR", path));
  };
  for (const [name, text] of Object.entries(files)) put(name, text);
  put("mosquitto.conf", typeof conf === "string" ? conf : `${conf.join("\n")}\n`);
  const planned = await planImport({
    source: `${path}/mosquitto.conf`,
    output: `${path}/broker.yaml`,
    store: `${path}/broker.db`,
    whyNoStore: "",
    acceptUnknown: false,
    ...options,
    paths: (options.paths ?? []).map(({ from, to }) => ({ from, to: to.replace("DIR", path) })),
  });
  return JSON.parse(JSON.stringify(planned).replaceAll(path, "DIR")) as typeof planned;
}

function keyOf({ option, value }: Finding): string {
  return `${option} ${value}`.trimEnd();
}

function outcomeOf({ result, matters, text }: Finding): string {
  const words = { carried: "carried", changed: "changed", not_carried: "left out" };
  return `${matters ? "LOST" : words[result]}: ${text}`;
}

/** What an option of this kind may say. */
export function pick<Value>(record: Readonly<Record<string, Value>>, key: string): Value {
  const value = record[key];
  assert.notEqual(value, undefined, `there is no "${key}" in ${Object.keys(record).join(", ")}`);
  return value as Value;
}
