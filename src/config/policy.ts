/**
 * The settings in effect, in sentences: who can connect where, and what differs from the defaults.
 *
 * Owns the wording that `broker check` prints and the broker logs when it starts. Does not decide
 * anything.
 */

import { commitIntervalMs } from "./commit_interval.ts";
import { formatLeaf } from "./leaf.ts";
import { defaultSettings, isLeaf } from "./read.ts";
import { type RowMap, settingName } from "./row.ts";
import { ALL_ADDRESSES, type ListenerSettings, type Settings, settingsTable } from "./settings.ts";
import { storePath } from "./store_path.ts";
import { formatDuration } from "./units.ts";

const WHO: Readonly<Record<ListenerSettings["allowAnonymous"], string>> = {
  never: "no anonymous clients",
  local_network: "anonymous clients from the local network only",
  always: "anonymous clients from everywhere, the internet included if the port can be reached",
};

/** "port 1883 on all addresses (IPv4 and IPv6)", "the Unix socket '/run/broker.sock'". */
export function describeEndpoint(listener: ListenerSettings): string {
  if (listener.path !== undefined) return `the Unix socket '${listener.path}'`;
  const port = listener.port === 0 ? "any free port" : `port ${listener.port}`;
  return listener.address === ALL_ADDRESSES
    ? `${port} on all addresses (IPv4 and IPv6)`
    : `${port} on '${listener.address}'`;
}

/** One sentence a listener, without a final full stop: where it listens and who may connect. */
export function describeListeners(settings: Settings): string[] {
  return settings.listeners.map((listener) => {
    const connections = listener.maxConnections === Infinity
      ? ""
      : `, at most ${listener.maxConnections} connections`;
    return `${describeEndpoint(listener)}: ${WHO[listener.allowAnonymous]}${connections}`;
  });
}

/** Where data is kept, and what a power cut could lose; without a final full stop. */
export function describePersistence({ persistence }: Settings): string {
  const { durability } = persistence;
  if (durability === "off") {
    return "Durability off: the end of the process loses sessions, waiting and retained messages";
  }
  const path = storePath(persistence);
  if (durability === "full") {
    return `Durability full, data in '${path}': a power cut loses nothing that was acknowledged`;
  }
  const interval = formatDuration(commitIntervalMs(persistence));
  return `Durability relaxed, data in '${path}': a power cut loses up to the last ${interval}, ` +
    "acknowledged or not";
}

/**
 * One line a setting that is not what it is without a configuration: "limits.max_qos: 1 (default
 * 2)".
 */
export function describeChanges(settings: Settings): string[] {
  return changes(settingsTable.rows, settings, defaultSettings(), "");
}

function changes(rows: RowMap, settings: object, defaults: object, prefix: string): string[] {
  return Object.entries(rows).flatMap(([key, row]) => {
    const name = settingName(key, row);
    const value = property(settings, name);
    const usual = property(defaults, name);
    if (row.kind === "section") {
      return changes(row.rows, Object(value), Object(usual), `${prefix}${key}.`);
    }
    if (!isLeaf(row)) {
      // Listeners have sentences of their own.
      return key === "listeners" || JSON.stringify(value) === JSON.stringify(usual)
        ? []
        : [`${prefix}${key}: ${listText(value)} (default ${listText(usual)})`];
    }
    return Object.is(value, usual)
      ? []
      : [`${prefix}${key}: ${formatLeaf(row, value)} (default ${formatLeaf(row, usual)})`];
  });
}

function listText(value: unknown): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (items.length === 0) return "none";
  return items.map((item) => typeof item === "string" ? item : String(property(item, "file")))
    .join(", ");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [key: string]: unknown })[name]
    : undefined;
}
