/**
 * CONNECT (MQTT 5 and 3.1.1 sections 3.1 and 3.2): take-over, session, CONNACK. What keeps it from
 * being accepted is in `connect_checks.ts`; authentication is over.
 */

import { type ConnectPacket, PacketType, type Properties, type QoS } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { ClientIdentity, ListenerTerms } from "./access.ts";
import type { Broker } from "./broker.ts";
import { checkConnect, checkOwner, checkWillAllowed, mayResume } from "./connect_checks.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Link } from "./link.ts";
import type { Session } from "./session.ts";
import { checkSessionStorable } from "./store_refusal.ts";
import { toWillMessage } from "./will.ts";

const MS_PER_SECOND = 1000;
/** Session Expiry Interval of a session that never expires (MQTT 5 section 3.1.2.11.2). */
const NEVER_EXPIRES_SECONDS = 0xffff_ffff;
const DEFAULT_RECEIVE_MAXIMUM = 65_535;
/** UTF-16 code units of a Client Identifier that becomes part of Response Information. */
const LONGEST_RESPONSE_TOPIC = 1000;

/**
 * Throws `ProtocolError` when the client is refused: nothing has changed then. `identity` is who it
 * has been proven to be, `terms` what its listener allows.
 */
export function handleConnect(
  broker: Broker,
  link: Link,
  packet: ConnectPacket,
  identity: ClientIdentity,
  terms: ListenerTerms,
): Session {
  const maximumQoS = Math.min(broker.limits.maximumQoS, terms.maximumQoS) as QoS;
  checkConnect(broker.limits, packet, maximumQoS);
  const clientIdentifier = packet.clientIdentifier || broker.assignClientIdentifier();
  checkWillAllowed(broker, clientIdentifier, packet.will, identity);
  const previous = broker.sessions.get(clientIdentifier);
  if (previous !== undefined) checkOwner(broker, previous, link, identity);
  const isStored = isSessionStored(broker, packet, clientIdentifier, previous);
  checkSessionStorable(broker, isStored);
  if (previous === undefined && broker.sessions.size >= broker.limits.maximumSessions) {
    throw new ProtocolError(ReasonCode.ServerBusy, "Cannot accept another session");
  }
  if (previous?.link !== undefined) takeOver(broker, previous, previous.link, link);
  const kept = previous && keptSession(broker, previous, packet, identity);
  const session = kept ?? broker.createSession(clientIdentifier, identity);
  // What waits was encoded for the connection before, and was allowed to who had it.
  broker.settle();
  const wasDurable = kept?.isDurable === true;
  attach(broker, session, link, packet, identity);
  session.maximumQoS = maximumQoS;
  if (kept !== undefined) broker.router.sessionChanged(session);
  if (session.isDurable) broker.journal.saveSession(session);
  else if (wasDurable) broker.forgetStored(session);
  if (isStored) link.gate(broker.journal.pendingCommit);
  link.send({
    type: PacketType.Connack,
    sessionPresent: kept !== undefined, // [MQTT-3.2.2-2] [MQTT-3.2.2-3]
    reasonCode: ReasonCode.Success,
    properties: packet.protocolVersion === 5
      ? connackProperties(broker.limits, packet, session)
      : {},
  });
  broker.events.sessionConnected(session, kept !== undefined);
  session.resume(link);
  return session;
}

/** `previous`, if the client goes on with it; else it has ended with this. */
function keptSession(
  broker: Broker,
  previous: Session,
  packet: ConnectPacket,
  identity: ClientIdentity,
): Session | undefined {
  const isOwner = mayResume(previous, identity);
  if (!previous.ended && isOwner && !packet.cleanStart) return previous;
  const reason = isOwner
    ? "replaced by a clean start"
    : "another user has its Client Identifier now";
  broker.endSession(previous, reason); // [MQTT-3.1.2-4]
  return undefined;
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

/** The same Client Identifier again: the older connection goes [MQTT-3.1.4-3]. */
function takeOver(broker: Broker, session: Session, oldLink: Link, newLink: Link): void {
  broker.events.sessionTakenOver(session, oldLink.remoteAddress, newLink.remoteAddress);
  oldLink.close(
    ReasonCode.SessionTakenOver,
    "Another client connected with this Client Identifier",
  );
  broker.connectionLost(session, oldLink, "session taken over");
}

function attach(
  broker: Broker,
  session: Session,
  link: Link,
  packet: ConnectPacket,
  identity: ClientIdentity,
): void {
  const { limits, statistics } = broker;
  broker.cancelDeadlines(session);
  session.link = link;
  session.identity = identity;
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
  if (session.maximumQoS < 2) properties.maximumQoS = session.maximumQoS; // [MQTT-3.2.2-9]
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
