/**
 * What the options about the connection say, as values, and how they go together.
 *
 * Owns the defaults and what excludes what. Reads no files: `connection_setup.ts` does. Invariant:
 * what `checkConnection()` has let through can be tried.
 */

import type { ProxyOptions } from "../../client/endpoint.ts";
import type { ProtocolVersion, QoS } from "../../protocol/packet.ts";
import { topicNameFault } from "../../protocol/topic.ts";
import type { ConnectionOptionName } from "./options.ts";
import { addProperty, noProperties, type PacketProperties } from "./property_option.ts";
import type { ToolSettings } from "./settings.ts";
import { parseBrokerUrl, parseProxyUrl } from "./url_option.ts";
import { UsageError, wholeNumber } from "./usage_error.ts";

export interface ConnectionSettings {
  host: string;
  port: number | undefined;
  unixPath: string | undefined;
  isWebSocket: boolean;
  webSocketPath: string;
  proxy: ProxyOptions | undefined;
  bindAddress: string | undefined;
  isSrv: boolean;
  isNoDelay: boolean;
  username: string | undefined;
  password: string | undefined;
  clientIdentifier: string | undefined;
  idPrefix: string | undefined;
  /** Seconds. */
  keepAlive: number;
  protocolVersion: ProtocolVersion;
  /** Nobody asked for a version, or for what only MQTT 5 has. */
  mayFallBack: boolean;
  cleanStart: boolean;
  /** Seconds; undefined: nothing is said. */
  sessionExpiryInterval: number | undefined;
  maximumInflight: number;
  properties: PacketProperties;
  readonly will: WillSettings;
  readonly tls: TlsSettings;
}

export interface WillSettings {
  topicName: string | undefined;
  payload: string | undefined;
  qos: QoS;
  retain: boolean;
}

export interface TlsSettings {
  caFile: string | undefined;
  caFolder: string | undefined;
  certificateFile: string | undefined;
  keyFile: string | undefined;
  isKeyFormGiven: boolean;
  useSystemCertificates: boolean;
  isInsecure: boolean;
  isOff: boolean;
  minimumVersion: "1.2" | "1.3" | undefined;
  alpnProtocols: string[];
  ciphers: string | undefined;
}

const TLS_PORT = 8883;
const PLAIN_PORT = 1883;
const NEVER_EXPIRES = 0xffff_ffff;

export function defaultConnection(): ConnectionSettings {
  return {
    host: "localhost",
    port: undefined,
    unixPath: undefined,
    isWebSocket: false,
    webSocketPath: "/mqtt",
    proxy: undefined,
    bindAddress: undefined,
    isSrv: false,
    isNoDelay: false,
    username: undefined,
    password: undefined,
    clientIdentifier: undefined,
    idPrefix: undefined,
    keepAlive: 60,
    protocolVersion: 5,
    mayFallBack: true,
    cleanStart: true,
    sessionExpiryInterval: undefined,
    maximumInflight: 20,
    properties: noProperties(),
    will: { topicName: undefined, payload: undefined, qos: 0, retain: false },
    tls: {
      caFile: undefined,
      caFolder: undefined,
      certificateFile: undefined,
      keyFile: undefined,
      isKeyFormGiven: false,
      useSystemCertificates: false,
      isInsecure: false,
      isOff: false,
      minimumVersion: undefined,
      alpnProtocols: [],
      ciphers: undefined,
    },
  };
}

/** Takes one option of the command line or a file into the settings; throws `UsageError`. */
export type Apply = (settings: ToolSettings, values: readonly string[], flag: string) => void;

/** Those with one value. */
function text(set: (settings: ToolSettings, value: string, flag: string) => void): Apply {
  return (settings, [value = ""], flag) => set(settings, value, flag);
}

export const APPLY_CONNECTION: Readonly<Record<ConnectionOptionName, Apply>> = {
  host: text(({ connection }, value, flag) => {
    connection.host = hostOf(value, flag);
    connection.unixPath = undefined;
  }),
  port: text(({ connection }, value, flag) => {
    connection.port = wholeNumber(flag, value, 1, 65_535);
  }),
  unix: text(({ connection }, value) => void (connection.unixPath = value)),
  url: text(applyUrl),
  webSocket: ({ connection }) => void (connection.isWebSocket = true),
  webSocketPath: text(({ connection }, value) => {
    connection.isWebSocket = true;
    connection.webSocketPath = value.startsWith("/") ? value : `/${value}`;
  }),
  proxy: text(({ connection }, value) => void (connection.proxy = parseProxyUrl(value))),
  bindAddress: text(({ connection }, value) => void (connection.bindAddress = value)),
  srv: ({ connection }) => void (connection.isSrv = true),
  noDelay: ({ connection }) => void (connection.isNoDelay = true),
  multipathTcp: () => {},
  username: text(({ connection }, value) => void (connection.username = value)),
  password: text(({ connection }, value) => void (connection.password = value)),
  clientIdentifier: text((settings, value) => applyIdentifier(settings, value, undefined)),
  idPrefix: text((settings, value) => applyIdentifier(settings, undefined, value)),
  keepAlive: text(({ connection }, value, flag) => {
    connection.keepAlive = wholeNumber(flag, value, 5, 65_535);
  }),
  protocolVersion: text(({ connection }, value) => {
    connection.protocolVersion = value.endsWith("5") ? 5 : value.endsWith("311") ? 4 : 3;
    connection.mayFallBack = false;
  }),
  keepSession: ({ connection }) => void (connection.cleanStart = false),
  sessionExpiryInterval: text(({ connection }, value, flag) => {
    const seconds = value === "\u221e" ? -1 : wholeNumber(flag, value, -1, NEVER_EXPIRES);
    connection.sessionExpiryInterval = seconds === -1 ? NEVER_EXPIRES : seconds;
    chooseVersion5(connection);
  }),
  maximumInflight: text(({ connection }, value, flag) => {
    connection.maximumInflight = wholeNumber(flag, value, 1, 65_535);
  }),
  property: ({ connection }, values) => {
    addProperty(connection.properties, values);
    chooseVersion5(connection);
  },
  willTopic: text(({ connection }, value, flag) => {
    const fault = topicNameFault(value);
    if (fault !== undefined) throw new UsageError(`'${flag}' does not take '${value}': ${fault}`);
    connection.will.topicName = value;
  }),
  willPayload: text(({ connection }, value) => void (connection.will.payload = value)),
  willQos: text(({ connection }, value) => void (connection.will.qos = Number(value) as QoS)),
  willRetain: ({ connection }) => void (connection.will.retain = true),
  caFile: text(({ connection: { tls } }, value) => void (tls.caFile = value)),
  caFolder: text(({ connection: { tls } }, value) => void (tls.caFolder = value)),
  certificateFile: text(({ connection: { tls } }, value) => void (tls.certificateFile = value)),
  keyFile: text(({ connection: { tls } }, value) => void (tls.keyFile = value)),
  osCertificates: ({ connection: { tls } }) => void (tls.useSystemCertificates = true),
  insecure: ({ connection: { tls } }) => void (tls.isInsecure = true),
  noTls: ({ connection: { tls } }) => void (tls.isOff = true),
  tlsVersion: text(({ connection: { tls } }, value) => {
    tls.minimumVersion = value === "tlsv1.3" ? "1.3" : "1.2";
  }),
  alpn: text(({ connection: { tls } }, value) => void (tls.alpnProtocols = [value])),
  ciphers: text(({ connection: { tls } }, value) => void (tls.ciphers = value)),
  keyForm: ({ connection: { tls } }) => void (tls.isKeyFormGiven = true),
  // These are refused before they come here.
  keyLogFile: () => {},
  psk: () => {},
  pskIdentity: () => {},
  engine: () => {},
  enginePassword: () => {},
};

/** Whether the connection is encrypted, by all that the options say. */
export function isEncrypted({ tls, port, unixPath }: ConnectionSettings): boolean {
  if (tls.isOff) return false;
  if (tls.caFile ?? tls.caFolder ?? tls.certificateFile) return true;
  return tls.useSystemCertificates || (port === TLS_PORT && unixPath === undefined);
}

/** The port that is connected to. */
export function portOf(connection: ConnectionSettings): number {
  return connection.port ?? (isEncrypted(connection) ? TLS_PORT : PLAIN_PORT);
}

/** Throws `UsageError` when the options do not go together. */
export function checkConnection(connection: ConnectionSettings): void {
  const { will, tls, properties } = connection;
  if (will.topicName === undefined) {
    const given = will.payload !== undefined
      ? "'--will-payload'"
      : will.retain
      ? "'--will-retain'"
      : Object.keys(properties.will).length > 0
      ? "'-D will'"
      : undefined;
    if (given !== undefined) throw new UsageError(`${given} needs '--will-topic'`);
  }
  if ((tls.certificateFile === undefined) !== (tls.keyFile === undefined)) {
    throw new UsageError("'--cert' and '--key' need each other");
  }
  if (tls.isKeyFormGiven && tls.keyFile === undefined) {
    throw new UsageError("'--keyform' needs '--key'");
  }
  checkSession(connection);
}

/** A session is found again by its Client Identifier, and only by that. */
function checkSession(connection: ConnectionSettings): void {
  const { cleanStart, properties: { connect } } = connection;
  const isAssigned = (connection.clientIdentifier ?? "") === "";
  const isFor5 = connection.protocolVersion === 5;
  if (isFor5 && !cleanStart && connect.sessionExpiryInterval === undefined) {
    connection.sessionExpiryInterval ??= NEVER_EXPIRES;
  }
  const isKept = isFor5 ? connection.sessionExpiryInterval === NEVER_EXPIRES : !cleanStart;
  if (isKept && isAssigned) {
    const flag = cleanStart ? "-x" : "-c";
    throw new UsageError(`'${flag}' needs a Client Identifier that stays the same: '-i'`);
  }
  if (!isFor5 || connection.sessionExpiryInterval === undefined) return;
  if (connect.sessionExpiryInterval !== undefined) {
    throw new UsageError("'-x' and '-D connect session-expiry-interval' say the same");
  }
}

/** A name or an address; one of IPv6 may stand in brackets. An empty one is a variable not set. */
function hostOf(text: string, flag: string): string {
  const fault = text === ""
    ? "it is empty"
    : text.includes("://")
    ? "a URL is for '-L'"
    : /^[^:]+:\d+$/.test(text)
    ? "the port is for '-p'"
    : undefined;
  if (fault !== undefined) throw new UsageError(`'${flag}' does not take '${text}': ${fault}`);
  return text.replace(/^\[(.*)\]$/, "$1");
}

function chooseVersion5(connection: ConnectionSettings): void {
  connection.protocolVersion = 5;
  connection.mayFallBack = false;
}

function applyIdentifier(
  settings: ToolSettings,
  clientIdentifier: string | undefined,
  idPrefix: string | undefined,
): void {
  const { connection, isFromFile } = settings;
  const other = clientIdentifier === undefined ? connection.clientIdentifier : connection.idPrefix;
  if (other !== undefined && !isFromFile.identifier) {
    throw new UsageError("'-i' and '-I' cannot be used together");
  }
  isFromFile.identifier = false;
  connection.clientIdentifier = clientIdentifier;
  connection.idPrefix = idPrefix;
}

function applyUrl(settings: ToolSettings, value: string): void {
  const url = parseBrokerUrl(value);
  const { connection } = settings;
  connection.host = url.host;
  connection.port = url.port;
  connection.unixPath = undefined;
  if (url.isWebSocket) connection.isWebSocket = true;
  if (url.isTls) connection.tls.useSystemCertificates = true;
  if (url.username !== undefined) connection.username = url.username;
  if (url.password !== undefined) connection.password = url.password;
  settings.addTopic(url.topic, "-L");
}
