/**
 * Converts the listeners: where clients connect, over what, and whether they need a name.
 *
 * Owns Mosquitto's rules of where it listens and whom it serves without a name when the file does not
 * say it. Each written listener says `allow_anonymous`, so that ours decide nothing.
 */

import type { ConfEntry } from "./conf_reader.ts";
import type { ConfListener } from "./conf_model.ts";
import { type Conversion, listenerText } from "./conversion.ts";
import { placeText } from "./input_files.ts";
import { convertTls } from "./convert_tls.ts";
import { textFault } from "../config/text_forms.ts";
import type { Findings } from "./findings.ts";
import type { YamlSection } from "./yaml_draft.ts";

/** Options that a listener of ours has as well. */
const SIMPLE = ["max_qos", "use_username_as_clientid"];

/** The range of our setting. */
const MOST_CONNECTIONS = 1_000_000;

export function convertListeners(conversion: Conversion): void {
  const { model, draft } = conversion;
  const list = draft.root("listeners");
  const { listeners, httpListeners, isLocalOnly } = model;
  for (const listener of httpListeners) leaveOut(conversion, listener);
  for (const listener of listeners) {
    convertListener(conversion, listener, list.appendSection("listeners"));
  }
  if (listeners.length === 0) {
    if (isLocalOnly && httpListeners.length === 0) listenLocally(conversion);
    else failWithout(conversion);
  }
  convertAnonymous(conversion);
  convertTopicAliases(conversion);
  convertPrefixes(conversion);
}

/** Whether clients without a name are served. */
export function servesAnonymous({ model }: Conversion, listener: ConfListener): boolean {
  const own = listener.options.get("listener_allow_anonymous");
  if (own !== undefined) return own.value.flag;
  if (model.isLocalOnly) return true;
  const access = model.isPerListener ? listener.access : model.access;
  return access.get("allow_anonymous")?.value.flag ?? false;
}

/** What rules call a listener: its port or path, and a number where two have the same. */
export function listenerName({ model }: Conversion, listener: ConfListener): string {
  const same = model.listeners.filter((other) => listenerText(other) === listenerText(listener));
  const index = same.indexOf(listener);
  return index > 0 ? `${listenerText(listener)}-${index + 1}` : listenerText(listener);
}

function listenLocally({ draft, findings }: Conversion): void {
  const why = "Mosquitto's default without a 'listener'";
  for (const address of ["127.0.0.1", "::1"]) {
    const yaml = draft.root("listeners").appendSection("listeners");
    yaml.put("port", 1883, why);
    yaml.put("address", address);
    yaml.put("allow_anonymous", "always");
  }
  draft.comment(
    "listeners",
    "Without 'listener', Mosquitto serves this machine alone; for the home",
  );
  draft.comment("listeners", "network, write '- port: 1883' in place of both.");
  const text = "listeners: port 1883 of 127.0.0.1 and ::1, for this machine alone";
  findings.default("listener", "1883 localhost", "carried", text);
}

function leaveOut({ findings }: Conversion, listener: ConfListener): void {
  const { entry, options, access, origins } = listener;
  const text = "only MQTT is served: 'broker status --json' tells what the HTTP API tells";
  if (!findings.has(entry)) findings.lost(entry, text);
  for (const other of [...options.values(), ...access.values(), ...origins]) {
    if (!findings.has(other)) findings.dropped(other, "an option of the listener above");
  }
}

/** A broker without a listener is none, and ours would listen everywhere. */
function failWithout({ model, files }: Conversion): void {
  const entry = model.httpListeners[0]?.entry;
  if (entry === undefined) return;
  const { file: { path, source }, name, range } = entry;
  const message = `Cannot use '${name}': it is no listener for MQTT, and there is no other`;
  files.fail(path, source, { message, range });
}

function convertListener(
  conversion: Conversion,
  listener: ConfListener,
  yaml: YamlSection,
): void {
  const { findings, model } = conversion;
  const { entry, isDefault } = listener;
  if (model.isPerListener) yaml.put("name", listenerName(conversion, listener));
  convertEndpoint(conversion, listener, yaml);
  convertProtocol(conversion, listener, yaml);
  convertTls(conversion, listener, yaml);
  for (const name of SIMPLE) {
    const option = listener.options.get(name);
    if (option !== undefined) convertSimple(conversion, option, name, yaml);
  }
  convertConnections(conversion, listener, yaml);
  convertMountPoint(conversion, listener, yaml);
  convertProxy(conversion, listener, yaml);
  const anonymous = servesAnonymous(conversion, listener) ? "always" : "never";
  const own = listener.options.get("listener_allow_anonymous");
  const source = own ??
    (model.isPerListener ? listener.access : model.access).get("allow_anonymous");
  const note = source === undefined ? "Mosquitto's default" : placeText(source.place);
  yaml.put("allow_anonymous", anonymous, note);
  if (own !== undefined) findings.carried(own, `allow_anonymous: ${anonymous}`);
  if (!isDefault) findings.carried(entry, `listeners: ${endpointText(conversion, listener)}`);
  else if (model.isLocalOnly) {
    const text = `listeners: port 1883, as Mosquitto 2.0 listens because of '${entry.name}'; ` +
      "Mosquitto 2.1 serves this machine alone";
    findings.default("listener", "1883", "carried", text);
  }
}

function convertEndpoint(
  { files, findings }: Conversion,
  listener: ConfListener,
  yaml: YamlSection,
): void {
  const { entry, path, options } = listener;
  if (path !== undefined) {
    yaml.put("path", files.locate(path), placeText(entry.place));
    for (const name of ["socket_domain", "bind_interface"]) {
      const option = options.get(name);
      if (option !== undefined) findings.dropped(option, "a Unix socket has none");
    }
    return;
  }
  const port = options.get("port");
  yaml.put("port", listener.port, placeText((port ?? entry).place));
  if (port !== undefined) findings.carried(port, `listeners: port ${listener.port}`);
  const bound = options.get("bind_address");
  if (bound !== undefined) findings.carried(bound, `listeners: address ${bound.value.text}`);
  if (listener.address !== undefined && textFault("address", listener.address) !== undefined) {
    const { name, range, file: { path, source } } = bound ?? entry;
    const message = `Cannot use '${name}': '${listener.address}' is no IP address and no host name`;
    files.fail(path, source, { message, range });
  }
  const domain = options.get("socket_domain");
  const all = domain?.value.text === "ipv6" ? "::" : "0.0.0.0";
  if (listener.address !== undefined) yaml.put("address", listener.address);
  else if (domain !== undefined) yaml.put("address", all, placeText(domain.place));
  if (domain !== undefined) {
    if (listener.address === undefined && all === "0.0.0.0") {
      findings.carried(domain, `address: ${all}`);
    } else if (listener.address === undefined) {
      findings.changed(domain, `address: "${all}", by which most systems take IPv4 as well`);
    } else findings.changed(domain, `address: ${listener.address} says it`);
  }
  const device = options.get("bind_interface");
  if (device !== undefined) {
    findings.lost(device, "name the address of the interface, as 'address:' of the listener");
  }
}

function convertProtocol(
  { findings }: Conversion,
  { options, origins }: ConfListener,
  yaml: YamlSection,
): void {
  const protocol = options.get("protocol");
  const isWebSocket = protocol?.value.text === "websockets";
  if (protocol !== undefined && isWebSocket) {
    yaml.put("protocol", "websocket", placeText(protocol.place));
    const text =
      "protocol: websocket, at the paths / and /mqtt of the URL; others: websocket.paths";
    findings.changed(protocol, text);
  } else if (protocol !== undefined) findings.carried(protocol, "protocol: mqtt");
  for (const origin of origins) {
    if (isWebSocket) convertOrigin(findings, origin, yaml);
    else findings.dropped(origin, "it has no effect without 'protocol websockets'");
  }
  const versions = options.get("accept_protocol_versions");
  if (versions === undefined) return;
  const names = new Map([["3", "3.1"], ["4", "3.1.1"], ["5", "5"]]);
  const spoken = [...names].filter(([number]) =>
    versions.value.text.split(/[, \t]+/).includes(number)
  );
  for (const [, name] of spoken) {
    yaml.append("protocol_versions", name, placeText(versions.place));
  }
  findings.carried(versions, `protocol_versions: ${spoken.map(([, name]) => name).join(", ")}`);
}

function convertOrigin(findings: Findings, entry: ConfEntry, yaml: YamlSection): void {
  const { text } = entry.value;
  if (textFault("origin", text) !== undefined) {
    const form = "as in https://home.example.org, without a path";
    return findings.lost(entry, `no browser sends it: an origin is a scheme and a host, ${form}`);
  }
  yaml.section("websocket").append("origins", text, placeText(entry.place));
  findings.carried(entry, `websocket.origins: ${text}`);
}

function convertSimple(
  { findings }: Conversion,
  entry: ConfEntry,
  name: string,
  yaml: YamlSection,
): void {
  const { number, flag } = entry.value;
  const value = name === "use_username_as_clientid" ? flag : number;
  yaml.put(name, value, placeText(entry.place));
  findings.carried(entry, `${name}: ${value}`);
}

function convertConnections(
  { findings }: Conversion,
  { options }: ConfListener,
  yaml: YamlSection,
): void {
  const entry = options.get("max_connections");
  if (entry === undefined) return;
  const { number } = entry.value;
  if (number <= 0) return findings.carried(entry, "it is so here");
  const value = Math.min(number, MOST_CONNECTIONS);
  yaml.put("max_connections", value, placeText(entry.place));
  findings.carried(entry, `max_connections: ${value}`);
}

function convertMountPoint(
  { findings }: Conversion,
  { options }: ConfListener,
  yaml: YamlSection,
): void {
  const entry = options.get("mount_point");
  if (entry === undefined) return;
  const { text } = entry.value;
  const fault = textFault("topic prefix", text);
  if (fault !== undefined) {
    const advice = "clients share the topics of the other listeners without it";
    return findings.lost(entry, `a prefix is whole levels of topics, as in garden/; ${advice}`);
  }
  yaml.put("mount_point", text, placeText(entry.place));
  findings.changed(
    entry,
    `mount_point: ${text}; clients get topics without it, which Mosquitto 2.0 does from 2.0.12 on`,
  );
}

function convertProxy(
  { findings }: Conversion,
  { options }: ConfListener,
  yaml: YamlSection,
): void {
  const entry = options.get("enable_proxy_protocol");
  if (entry === undefined) return;
  yaml.put("proxy_protocol", "on", placeText(entry.place));
  const text = "proxy_protocol: on, version 1 and 2; proxy_networks says where the proxies are";
  findings.changed(entry, text);
}

/** What becomes of `allow_anonymous` itself; its effect is in each listener. */
function convertAnonymous(conversion: Conversion): void {
  const { model, findings } = conversion;
  const entries = [model.access, ...model.listeners.map(({ access }) => access)]
    .flatMap((access) => access.get("allow_anonymous") ?? [])
    .filter((entry) => !findings.has(entry));
  for (const entry of entries) {
    const isIgnored = model.isLocalOnly && !entry.value.flag;
    const value = entry.value.flag ? "always" : "never";
    if (!isIgnored) findings.carried(entry, `listeners: allow_anonymous: ${value}`);
    else {
      const text = "Mosquitto does not look at it without a 'listener'; for what it says: " +
        "'allow_anonymous: never'";
      findings.changed(entry, text);
    }
  }
  if (entries.length > 0 || model.isLocalOnly) return;
  if (model.listeners.every(({ options }) => options.has("listener_allow_anonymous"))) return;
  findings.default("allow_anonymous", "false", "carried", "listeners: allow_anonymous: never");
}

/** Mosquitto has them for each listener, we for all. */
function convertTopicAliases({ model, draft, findings }: Conversion): void {
  for (const name of ["max_topic_alias", "max_topic_alias_broker"]) {
    const entries = model.listeners.flatMap(({ options }) => options.get(name) ?? [])
      .filter((entry) => !findings.has(entry));
    const values = entries.map(({ value }) => value.number);
    const most = Math.max(...values);
    for (const entry of entries) {
      draft.section("limits").put(name, most, placeText(entry.place));
      const text = `limits.${name}: ${most}`;
      if (entry.value.number === most && entries.length === model.listeners.length) {
        findings.carried(entry, text);
      } else findings.changed(entry, `${text}, for all listeners`);
    }
  }
}

function convertPrefixes({ model, draft, findings }: Conversion): void {
  const entry = model.options.get("clientid_prefixes");
  if (entry === undefined) return;
  const named = model.listeners.filter(({ options }) =>
    options.get("use_username_as_clientid")?.value.flag === true
  );
  if (named.length > 0) {
    const text = "with use_username_as_clientid, clients choose no Client Identifier";
    return findings.lost(entry, text);
  }
  for (const listener of draft.root("listeners").sectionsOf("listeners")) {
    listener.append("clientid_prefixes", entry.value.text, placeText(entry.place));
  }
  findings.carried(entry, `clientid_prefixes: ${entry.value.text}, on every listener`);
}

function endpointText({ files }: Conversion, { port, address, path }: ConfListener): string {
  if (path !== undefined) return `path ${files.locate(path)}`;
  return address === undefined ? `port ${port}` : `port ${port} of ${address}`;
}
