/**
 * CONNECT (MQTT 5 and 3.1.1 sections 3.1 and 3.2): checks, take-over, session, CONNACK.
 */

import { type ConnectPacket, PacketType, type Properties } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { ClientOrigin } from "./access.ts";
import type { Broker } from "./broker.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Link } from "./link.ts";
import type { Session } from "./session.ts";
import { checkSessionStorable } from "./store_refusal.ts";
import { checkTopicSize } from "./topic_limits.ts";
import { toWillMessage } from "./will.ts";

const MS_PER_SECOND = 1000;
/** Session Expiry Interval of a session that never expires (MQTT 5 section 3.1.2.11.2). */
const NEVER_EXPIRES_SECONDS = 0xffff_ffff;
const DEFAULT_RECEIVE_MAXIMUM = 65_535;
/** UTF-16 code units of a Client Identifier that becomes part of Response Information. */
const LONGEST_RESPONSE_TOPIC = 1000;

export function handleConnect(
  broker: Broker,
  link: Link,
  packet: ConnectPacket,
  origin: ClientOrigin,
): Session {
  checkConnect(broker.limits, packet);
  const refusal = broker.access.mayConnect(packet, origin);
  if (refusal !== undefined) throw new ProtocolError(refusal.reasonCode, refusal.reasonString);

  const clientIdentifier = packet.clientIdentifier || broker.assignClientIdentifier();
  const previous = broker.sessions.get(clientIdentifier);
  const isStored = isSessionStored(broker, packet, clientIdentifier, previous);
  checkSessionStorable(broker, isStored);
  if (previous === undefined && broker.sessions.size >= broker.limits.maximumSessions) {
    throw new ProtocolError(ReasonCode.ServerBusy, "Cannot accept another session");
  }
  if (previous?.link !== undefined) takeOver(broker, previous, previous.link, link);
  const resumed = previous !== undefined && !previous.ended && !packet.cleanStart;
  if (previous !== undefined && !resumed) {
    broker.endSession(previous, "replaced by a clean start"); // [MQTT-3.1.2-4]
  }
  const session = resumed ? previous : broker.createSession(clientIdentifier);
  // What waits was encoded for the connection before.
  broker.settle();
  const wasDurable = resumed && session.isDurable;
  attach(broker, session, link, packet);
  if (session.isDurable) broker.journal.saveSession(session);
  else if (wasDurable) broker.forgetStored(session);
  if (isStored) link.gate(broker.journal.pendingCommit);
  link.send({
    type: PacketType.Connack,
    sessionPresent: resumed, // [MQTT-3.2.2-2] [MQTT-3.2.2-3]
    reasonCode: ReasonCode.Success,
    properties: packet.protocolVersion === 5
      ? connackProperties(broker.limits, packet, session)
      : {},
  });
  broker.events.sessionConnected(session, resumed);
  if (resumed) broker.router.sessionChanged(session);
  session.resume(link);
  return session;
}

/**
 * CONNACK says what must be true after a crash: the session is to be stored, or one that was stored
 * is gone for good.
 */
function isSessionStored(
  { limits, sessionEnds }: Broker,
  packet: ConnectPacket,
  clientIdentifier: string,
  previous: Session | undefined,
): boolean {
  return expiryIntervalMs(limits, packet) > 0 || previous?.isDurable === true ||
    sessionEnds.has(clientIdentifier);
}

/** Throws `ProtocolError` for what no client may ask for. */
function checkConnect(limits: BrokerLimits, packet: ConnectPacket): void {
  if (packet.properties.authenticationMethod !== undefined) {
    throw new ProtocolError(
      ReasonCode.BadAuthenticationMethod, // [MQTT-4.12.0-1]
      `Cannot accept Authentication Method '${packet.properties.authenticationMethod}'`,
    );
  }
  if (packet.clientIdentifier === "" && !mayAssignIdentifier(limits, packet)) {
    throw new ProtocolError(
      ReasonCode.ClientIdentifierNotValid, // [MQTT-3.1.3-8]
      "Cannot accept an empty Client Identifier",
    );
  }
  const will = packet.will;
  if (will === undefined) return;
  if (will.qos > limits.maximumQoS) {
    throw new ProtocolError(
      ReasonCode.QoSNotSupported, // [MQTT-3.2.2-12]
      `Cannot accept a Will of QoS ${will.qos}: the maximum is ${limits.maximumQoS}`,
    );
  }
  if (will.retain && !limits.retainAvailable) {
    throw new ProtocolError(ReasonCode.RetainNotSupported, "Cannot retain the Will"); // [MQTT-3.2.2-13]
  }
  checkTopicSize(will.topicName, new TextEncoder().encode(will.topicName).length, limits);
}

/** MQTT 3.1 has no empty identifiers; 3.1.1 has them with Clean Session only. */
function mayAssignIdentifier(limits: BrokerLimits, packet: ConnectPacket): boolean {
  if (!limits.allowZeroLengthClientIdentifier || packet.protocolVersion === 3) return false;
  return packet.protocolVersion === 5 || packet.cleanStart;
}

/** The same Client Identifier again: the older connection goes [MQTT-3.1.4-3]. */
function takeOver(broker: Broker, session: Session, oldLink: Link, newLink: Link): void {
  broker.events.sessionTakenOver(session, oldLink.remoteAddress, newLink.remoteAddress);
  oldLink.close(
    ReasonCode.SessionTakenOver,
    "Another client connected with this Client Identifier",
  );
  broker.connectionLost(session, oldLink, "session taken over");
}

function attach(broker: Broker, session: Session, link: Link, packet: ConnectPacket): void {
  const { limits, statistics } = broker;
  broker.cancelDeadlines(session);
  session.link = link;
  session.username = packet.username;
  session.protocolVersion = packet.protocolVersion;
  session.bridge = packet.bridge;
  session.connectedAtMs = broker.nowMs();
  session.disconnectedAtMs = undefined;
  session.expiresAtMs = Infinity;
  session.expiryIntervalMs = expiryIntervalMs(limits, packet);
  session.wantsProblemInformation = packet.properties.requestProblemInformation !== 0;
  session.receiveMaximum = Math.min(
    packet.properties.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM,
    limits.maximumInflightMessages,
  );
  session.will = packet.will === undefined ? undefined : toWillMessage(packet.will);
  statistics.connectionsAccepted++;
  statistics.clientsConnected++;
  statistics.clientsMaximum = Math.max(statistics.clientsMaximum, statistics.clientsConnected);
}

function expiryIntervalMs(limits: BrokerLimits, packet: ConnectPacket): number {
  if (packet.protocolVersion !== 5) {
    return packet.cleanStart ? 0 : limits.persistentClientExpirationMs;
  }
  return sessionExpiryMs(limits, packet.properties.sessionExpiryInterval ?? 0);
}

/** A Session Expiry Interval in milliseconds, at most what the configuration allows. */
export function sessionExpiryMs(limits: BrokerLimits, seconds: number): number {
  const wanted = seconds === NEVER_EXPIRES_SECONDS ? Infinity : seconds * MS_PER_SECOND;
  return Math.min(wanted, limits.maximumSessionExpiryMs);
}

/** What differs from the defaults of MQTT 5 section 3.2.2.3, and what the client asked for. */
function connackProperties(
  limits: BrokerLimits,
  packet: ConnectPacket,
  session: Session,
): Properties {
  const properties: Properties = {
    receiveMaximum: limits.receiveMaximum,
    maximumPacketSize: limits.maximumPacketSize,
  };
  if (limits.topicAliasMaximum > 0) properties.topicAliasMaximum = limits.topicAliasMaximum;
  if (limits.maximumQoS < 2) properties.maximumQoS = limits.maximumQoS; // [MQTT-3.2.2-9]
  if (!limits.retainAvailable) properties.retainAvailable = 0;
  if (packet.clientIdentifier === "") {
    properties.assignedClientIdentifier = session.clientIdentifier; // [MQTT-3.1.3-7]
  }
  const wantedExpiry = packet.properties.sessionExpiryInterval ?? 0;
  const grantedExpiry = session.expiryIntervalMs / MS_PER_SECOND;
  if (wantedExpiry > grantedExpiry) properties.sessionExpiryInterval = grantedExpiry;
  const keepAlive = serverKeepAlive(limits, packet.keepAlive);
  if (keepAlive !== packet.keepAlive) properties.serverKeepAlive = keepAlive;
  if (
    packet.properties.requestResponseInformation === 1 &&
    session.clientIdentifier.length <= LONGEST_RESPONSE_TOPIC &&
    !/[+#]/.test(session.clientIdentifier)
  ) {
    properties.responseInformation = `response/${session.clientIdentifier}/`; // [MQTT-3.1.2-28]
  }
  return properties;
}

/** Seconds of Keep Alive that hold for a client that asked for `keepAlive` [MQTT-3.1.2-21]. */
export function serverKeepAlive(limits: BrokerLimits, keepAlive: number): number {
  if (limits.maximumKeepAlive === 0) return keepAlive;
  return keepAlive === 0 ? limits.maximumKeepAlive : Math.min(keepAlive, limits.maximumKeepAlive);
}
