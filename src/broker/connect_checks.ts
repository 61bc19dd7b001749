/**
 * What keeps a CONNECT from being accepted: a demand that no client may make, a Will that the rules
 * forbid, a Client Identifier that is another user's (MQTT 5 section 3.1).
 *
 * Owns nothing and changes nothing but counters: a CONNECT that is refused leaves every session as
 * it was. Who the client is has been proven before.
 */

import type { ConnectPacket, QoS, Will } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { type ClientIdentity, notAuthorized, type Refusal } from "./access.ts";
import type { Broker } from "./broker.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Link } from "./link.ts";
import type { Session } from "./session.ts";
import { checkTopicSize } from "./topic_limits.ts";

const utf8Encoder = new TextEncoder();

/**
 * Throws `ProtocolError` for what no client may ask for. Whoever has carried out an enhanced
 * authentication leaves its properties out of `packet`: one that is still there was not carried out.
 */
export function checkConnect(limits: BrokerLimits, packet: ConnectPacket, maximumQoS: QoS): void {
  const { authenticationMethod } = packet.properties;
  if (authenticationMethod !== undefined) {
    throw new ProtocolError(
      ReasonCode.BadAuthenticationMethod, // [MQTT-4.12.0-1]
      `Cannot accept Authentication Method '${authenticationMethod}'`,
    );
  }
  if (packet.clientIdentifier === "" && !mayAssignIdentifier(limits, packet)) {
    throw new ProtocolError(
      ReasonCode.ClientIdentifierNotValid, // [MQTT-3.1.3-8]
      "Cannot accept an empty Client Identifier",
    );
  }
  if (packet.will !== undefined) checkWill(limits, packet.will, maximumQoS);
}

/** MQTT 3.1 has no empty identifiers; 3.1.1 has them with Clean Session only. */
function mayAssignIdentifier(limits: BrokerLimits, packet: ConnectPacket): boolean {
  if (!limits.allowZeroLengthClientIdentifier || packet.protocolVersion === 3) return false;
  return packet.protocolVersion === 5 || packet.cleanStart;
}

function checkWill(limits: BrokerLimits, will: Will, maximumQoS: QoS): void {
  if (will.qos > maximumQoS) {
    throw new ProtocolError(
      ReasonCode.QoSNotSupported, // [MQTT-3.2.2-12]
      `Cannot accept a Will of QoS ${will.qos}: the maximum is ${maximumQoS}`,
    );
  }
  if (will.retain && !limits.retainAvailable) {
    throw new ProtocolError(ReasonCode.RetainNotSupported, "Cannot retain the Will"); // [MQTT-3.2.2-13]
  }
  checkTopicSize(will.topicName, utf8Encoder.encode(will.topicName).length, limits);
}

/**
 * Throws `ProtocolError` when the client may not publish to the topic of its Will. It is asked again
 * when the Will is published, since rules may change in between.
 */
export function checkWillAllowed(
  broker: Broker,
  clientIdentifier: string,
  will: Will | undefined,
  identity: ClientIdentity,
): void {
  if (will === undefined) return;
  const access = broker.access.accessOf(clientIdentifier, identity);
  const refusal = broker.publishRefusal(access, broker.topics.findByName(will.topicName));
  if (refusal === undefined) return;
  broker.statistics.publishRefused++;
  broker.events.willRefused(clientIdentifier, identity, will.topicName, refusal);
  throw toError(refusal);
}

/**
 * Whether the client may have what waits in `session`: it is of the same user, or of nobody. An
 * anonymous client never gets what somebody with a name has left.
 */
export function mayResume(session: Session, identity: ClientIdentity): boolean {
  return session.username === undefined || session.username === identity.username;
}

/**
 * Throws `ProtocolError` when the session is another user's, and either its client is connected or the
 * newcomer is anonymous: nobody without a name ends what somebody with one has left.
 */
export function checkOwner(
  broker: Broker,
  session: Session,
  link: Link,
  identity: ClientIdentity,
): void {
  if (mayResume(session, identity)) return;
  if (session.link === undefined && identity.username !== undefined) return;
  const refusal = notAuthorized(`the Client Identifier is in use by user '${session.username}'`);
  broker.events.takeOverRefused(session, identity, link.remoteAddress, refusal);
  throw toError(refusal);
}

function toError({ reasonCode, reasonString }: Refusal): ProtocolError {
  return new ProtocolError(reasonCode, reasonString);
}
