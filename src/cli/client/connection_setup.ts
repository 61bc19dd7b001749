/**
 * From the settings to what the client library takes: where to connect to, and what CONNECT says.
 *
 * Owns the translation. Files with certificates are read by `tls_setup.ts`, which is loaded only when
 * there are any; so is the look-up of SRV records.
 */

import type { ClientOptions } from "../../client/client_types.ts";
import type { Endpoint } from "../../client/endpoint.ts";
import type { Properties, ProtocolVersion, Will } from "../../protocol/packet.ts";
import { type ConnectionSettings, isEncrypted, portOf } from "./connection_settings.ts";
import type { ToolSettings } from "./settings.ts";
import { ToolExit, ToolFailure } from "./tool_exit.ts";

/** Everything that is needed to connect. */
export interface ConnectionPlan {
  readonly endpoint: Endpoint;
  readonly options: ClientOptions;
  /** For a server that refuses MQTT 5; undefined: nothing else may be tried. */
  readonly fallback: ClientOptions | undefined;
  /** For people: "localhost:1883". */
  readonly name: string;
  /** How long an attempt may take, from the look-up of the name to CONNACK. */
  readonly longestAttemptMs: number;
}

/** Characters of a Client Identifier of MQTT 3.1, at most. */
const LONGEST_OLD_IDENTIFIER = 23;

/** A server that is silent for so long is gone; for a shorter Keep Alive, for that. */
const LONGEST_ATTEMPT_SECONDS = 60;

const encoder = new TextEncoder();

/** Throws `ToolFailure` when files cannot be read, or something needs another version. */
export async function planConnection(
  settings: ToolSettings,
  processId: number,
): Promise<ConnectionPlan> {
  const { connection } = settings;
  const { protocolVersion } = connection;
  const options = clientOptions(settings, protocolVersion, processId);
  const mayFallBack = connection.mayFallBack && protocolVersion === 5;
  const endpoint = await endpointOf(connection);
  return {
    endpoint,
    options,
    fallback: mayFallBack && isPossibleBefore5(connection)
      ? clientOptions(settings, 4, processId)
      : undefined,
    name: nameOf(endpoint),
    longestAttemptMs: Math.min(connection.keepAlive, LONGEST_ATTEMPT_SECONDS) * 1000,
  };
}

async function endpointOf(connection: ConnectionSettings): Promise<Endpoint> {
  const { host, port } = connection.isSrv ? await lookUp(connection) : {
    host: connection.host,
    port: portOf(connection),
  };
  const tls = isEncrypted(connection)
    ? (await import("./tls_setup.ts")).readTlsFiles(connection.tls)
    : undefined;
  return {
    host,
    port,
    unixPath: connection.unixPath,
    tls,
    websocketPath: connection.isWebSocket ? connection.webSocketPath : undefined,
    proxy: connection.proxy,
    bindAddress: connection.bindAddress,
    noDelay: connection.isNoDelay,
  };
}

async function lookUp(connection: ConnectionSettings) {
  const { lookUpServer } = await import("./srv_lookup.ts");
  return await lookUpServer(connection.host, isEncrypted(connection));
}

function nameOf({ host, port, unixPath }: Endpoint): string {
  if (unixPath !== undefined) return `unix:${unixPath}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function clientOptions(
  settings: ToolSettings,
  protocolVersion: ProtocolVersion,
  processId: number,
): ClientOptions {
  const { connection } = settings;
  const { username, password } = connection;
  if (protocolVersion < 5 && password !== undefined && username === undefined) {
    throw new ToolFailure(
      ToolExit.Failure,
      "Cannot send a password without a user name before MQTT 5",
    );
  }
  return {
    protocolVersion,
    clientIdentifier: identifierOf(connection, protocolVersion, processId),
    cleanStart: connection.cleanStart,
    keepAlive: connection.keepAlive,
    username,
    password: password === undefined ? undefined : encoder.encode(password),
    will: willOf(connection, protocolVersion),
    properties: protocolVersion === 5 ? connectProperties(settings) : {},
    maximumInflight: connection.maximumInflight,
  };
}

/** Whether CONNECT can say the same in MQTT 3.1.1. */
function isPossibleBefore5(
  { username, password, cleanStart, clientIdentifier }: ConnectionSettings,
) {
  if (password !== undefined && username === undefined) return false;
  return cleanStart || (clientIdentifier ?? "") !== "";
}

function identifierOf(
  { clientIdentifier, idPrefix }: ConnectionSettings,
  protocolVersion: ProtocolVersion,
  processId: number,
): string {
  if (idPrefix !== undefined) return `${idPrefix}${processId}`;
  const given = clientIdentifier ?? "";
  // MQTT 3.1 has no identifiers that the server assigns.
  return given === "" && protocolVersion === 3 ? randomIdentifier() : given;
}

function randomIdentifier(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LONGEST_OLD_IDENTIFIER));
  return `broker-${Array.from(bytes, (byte) => (byte % 36).toString(36)).join("")}`
    .slice(0, LONGEST_OLD_IDENTIFIER);
}

function willOf(
  { will, properties }: ConnectionSettings,
  protocolVersion: ProtocolVersion,
): Will | undefined {
  if (will.topicName === undefined) return undefined;
  return {
    topicName: will.topicName,
    payload: encoder.encode(will.payload ?? ""),
    qos: will.qos,
    retain: will.retain,
    properties: protocolVersion === 5 ? properties.will : {},
  };
}

function connectProperties({ tool, connection, messages }: ToolSettings): Properties {
  const properties = { ...connection.properties.connect };
  const { sessionExpiryInterval, cleanStart } = connection;
  if (sessionExpiryInterval !== undefined && sessionExpiryInterval > 0) {
    properties.sessionExpiryInterval = sessionExpiryInterval;
  }
  // More than are wanted must not come: they would be acknowledged and never seen. Where a session
  // stays, the next message is to stay in it as well.
  const wanted = tool === "rr" ? 1 : messages.count;
  if (wanted !== undefined && messages.qos > 0) {
    properties.receiveMaximum ??= cleanStart ? Math.min(wanted, 65_535) : 1;
  }
  return properties;
}
