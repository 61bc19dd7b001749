/**
 * What becomes of everything that turns into no setting: options without a counterpart, those that a
 * later line or a missing listener makes void, plugins, bridges, unknown words.
 *
 * Owns what is said about plugins. Runs last, so that each entry is accounted for.
 */

import { isKnownPlugin } from "./access_files.ts";
import type { ConfEntry } from "./conf_reader.ts";
import type { ConfPlugin } from "./conf_model.ts";
import type { Conversion } from "./conversion.ts";
import { placeText } from "./input_files.ts";

/** What to do without a plugin, by the end of its path. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /mosquitto_dynamic_security\./,
    "the plugin is not run: write its clients as 'users' and its roles as 'roles'",
  ],
  [
    /mosquitto_persist_sqlite\./,
    "its database is not read: sessions and retained messages start anew",
  ],
  [/mosquitto_sparkplug_aware\./, "the plugin is not run: certificates of birth are not retained"],
  [
    /go-auth/,
    "the plugin is not run: give each client of it a user ('broker passwd' makes the hash for " +
    "'users'), also Home Assistant itself and its add-ons, and write its rules as 'roles'; or let " +
    "authentication.http ask another program",
  ],
];

const OTHER_PLUGIN =
  "plugins are not run: what it decides can be written as 'users' and 'roles', " +
  "or authentication.http asks another program";

const OF_PLUGIN = "an option of the plugin above";

export function convertRest(conversion: Conversion): void {
  const { model, findings } = conversion;
  for (const [earlier, later] of model.superseded) {
    if (!findings.has(earlier)) {
      findings.dropped(earlier, `${placeText(later.place)} says it again`);
    }
  }
  for (const entry of model.idle) {
    findings.dropped(entry, "it stands before the first 'listener', and says what is so anyway");
  }
  for (const plugin of model.plugins) convertPlugin(conversion, plugin);
  for (const entry of model.entries) {
    if (!findings.has(entry)) applyFate(conversion, entry);
  }
}

function convertPlugin({ findings }: Conversion, plugin: ConfPlugin): void {
  const isKnown = isKnownPlugin(plugin);
  if (isKnown) findings.carried(plugin.entry, "the broker does this itself");
  else {
    const [, advice] = ADVICE.find(([path]) => path.test(plugin.path)) ?? [];
    findings.lost(plugin.entry, advice ?? OTHER_PLUGIN);
  }
  for (const option of plugin.options) {
    if (!findings.has(option)) findings.dropped(option, OF_PLUGIN);
  }
}

function applyFate({ findings }: Conversion, entry: ConfEntry): void {
  const { option } = entry;
  if (option === undefined) {
    return findings.lost(entry, "Mosquitto 2.1 has no such option, so nothing is known about it");
  }
  const { fate } = option;
  // What they name is at `plugin_load`, and at the listener.
  if (option.names[0] === "plugin_use") return findings.dropped(entry, "see its 'plugin_load'");
  if (fate.kind === "needless") return findings.dropped(entry, fate.text);
  if (fate.kind === "converted") return;
  const isHarmless = fate.harmless !== undefined && asWord(entry) === fate.harmless;
  if (isHarmless) findings.carried(entry, "it is so here");
  else if (fate.matters) findings.lost(entry, fate.text);
  else findings.dropped(entry, fate.text);
}

/** A flag has two words for each value. */
function asWord({ option, value }: ConfEntry): string {
  if (option?.value.kind === "boolean") return String(value.flag);
  return option?.value.kind === "integer" ? String(value.number) : value.text;
}
