/**
 * The settings in effect, in sentences: who can connect where, and what differs from the defaults.
 *
 * Owns the wording that `broker check` prints and the broker logs when it starts. Does not decide
 * anything.
 */

import { commitIntervalMs } from "./commit_interval.ts";
import { hasCredentials } from "./derived.ts";
import { formatLeaf } from "./leaf.ts";
import { defaultSettings, isLeaf } from "./read.ts";
import { type RowMap, settingName } from "./row.ts";
import { HIDDEN, isHidden, isMarkedSecret } from "./secret.ts";
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
  const hidden = (name: string, value: unknown) =>
    isMarkedSecret(listener, name) ? HIDDEN : `${value}`;
  if (listener.path !== undefined) return `the Unix socket '${hidden("path", listener.path)}'`;
  const port = listener.port === 0 ? "any free port" : `port ${hidden("port", listener.port)}`;
  return listener.address === ALL_ADDRESSES
    ? `${port} on all addresses (IPv4 and IPv6)`
    : `${port} on '${hidden("address", listener.address)}'`;
}

/**
 * One sentence a listener, without a final full stop: where it listens, over what, who may connect,
 * and what else restricts it.
 */
export function describeListeners(settings: Settings): string[] {
  return settings.listeners.map((listener) => {
    const transport = transportTexts(listener).map((text) => `, ${text}`).join("");
    const terms = [WHO[listener.allowAnonymous], ...termTexts(listener)].join(", ");
    return `${describeEndpoint(listener)}${transport}: ${terms}`;
  });
}

/**
 * What is allowed and is probably not meant: one sentence each, without a final full stop. An empty
 * list is the usual case.
 */
export function describeWarnings(settings: Settings): string[] {
  return settings.listeners.flatMap((listener) => {
    const { name, allowAnonymous, tls } = listener;
    const shownName = `Listener '${name}'`;
    const isOpen = allowAnonymous === "always" && listener.path === undefined &&
      isAllAddresses(listener.address) && tls.certificate === undefined;
    const nobody = allowAnonymous === "never" && !hasCredentials(settings) &&
      tls.identity === "none";
    const claims = listener.proxyProtocol === "on" && listener.proxyNetworks.length === 0 &&
      listener.path === undefined && !isLoopback(listener.address);
    return [
      ...(claims
        ? [
          `${shownName} believes everybody who claims another address by the PROXY protocol: ` +
          "name the proxies in proxy_networks",
        ]
        : []),
      ...(isOpen
        ? [`${shownName} serves anybody who reaches it, on all addresses and without TLS`]
        : []),
      ...(nobody
        ? [`${shownName} serves nobody: it has 'allow_anonymous: never', and there are no users`]
        : []),
    ];
  });
}

function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || address.startsWith("127.");
}

function isAllAddresses(address: string): boolean {
  return address === ALL_ADDRESSES || address === "0.0.0.0" || /^[0:]+$/.test(address);
}

/** What is spoken below MQTT. */
function transportTexts(listener: ListenerSettings): string[] {
  const { path, protocol, tls, websocket, proxyProtocol } = listener;
  const texts: string[] = [];
  if (tls.certificate === undefined) {
    if (path === undefined) texts.push("without TLS");
  } else {
    const names = tls.identity === "none"
      ? ""
      : `, user names from their ${IDENTITY[tls.identity]}`;
    texts.push(
      `TLS ${tls.minVersion} or later${CERTIFICATES[tls.clientCertificate]}${names}`,
    );
  }
  if (protocol === "websocket") texts.push(`WebSocket at ${websocket.paths.join(" and ")}`);
  if (proxyProtocol === "on") texts.push("behind a proxy (PROXY protocol)");
  return texts;
}

const CERTIFICATES = {
  none: "",
  request: ", client certificates asked for",
  require: ", client certificates required",
} as const;

const IDENTITY = {
  common_name: "common name",
  subject: "subject",
  san: "subject alternative name",
} as const;

/** What a listener allows less than the broker as a whole. */
function termTexts(listener: ListenerSettings): string[] {
  const { protocolVersions, mountPoint, maxQos, maxConnections } = listener;
  const texts: string[] = [];
  if (!["3.1", "3.1.1", "5"].every((version) => protocolVersions.some((has) => has === version))) {
    texts.push(`MQTT ${protocolVersions.join(" and ")} only`);
  }
  if (mountPoint !== "") {
    texts.push(`topics below '${isMarkedSecret(listener, "mountPoint") ? HIDDEN : mountPoint}'`);
  }
  if (maxQos < 2) texts.push(`at most QoS ${maxQos}`);
  if (maxConnections !== Infinity) texts.push(`at most ${maxConnections} connections`);
  return texts;
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
    // Listeners have sentences of their own.
    if (key === "listeners" && prefix === "") return [];
    const written = isLeaf(row) ? (of: unknown) => formatLeaf(row, of) : listText;
    const isSame = isLeaf(row)
      ? Object.is(value, usual)
      : JSON.stringify(value) === JSON.stringify(usual);
    if (isSame) return [];
    const shown = isHidden(row, settings, name) ? HIDDEN : written(value);
    return [`${prefix}${key}: ${shown} (default ${written(usual)})`];
  });
}

/** Texts as they are; sections by their name or file, for the rest of them may be secret. */
function listText(value: unknown): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (items.length === 0) return "none";
  return items.map((item) => {
    if (typeof item !== "object" || item === null) return String(item);
    const name = ["name", "file"].find((key) => property(item, key) !== undefined) ?? "name";
    return isMarkedSecret(item, name) ? HIDDEN : String(property(item, name));
  }).join(", ");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [key: string]: unknown })[name]
    : undefined;
}
