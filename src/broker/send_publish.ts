/**
 * One PUBLISH to one link: the last step inside the core.
 */

import type { QoS } from "../protocol/packet.ts";
import { newEnvelope } from "../protocol/publish_frame.ts";
import type { Link } from "./link.ts";
import type { Clock, Message } from "./message.ts";
import type { Outgoing } from "./outgoing.ts";

/** Filled again for every delivery: the core is synchronous, so one is enough. */
const envelope = newEnvelope();

/** False when the client takes no packet that large: nothing was sent. */
export function sendPublish(
  link: Link,
  clock: Clock,
  message: Message,
  qos: QoS,
  retain: boolean,
  subscriptionIdentifiers: readonly number[],
  packetIdentifier = 0,
  duplicate = false,
): boolean {
  envelope.qos = qos;
  envelope.retain = retain;
  envelope.duplicate = duplicate;
  envelope.packetIdentifier = packetIdentifier;
  envelope.messageExpiryInterval = message.remainingExpirySeconds(clock);
  envelope.subscriptionIdentifiers = subscriptionIdentifiers;
  envelope.topicAlias = 0;
  envelope.topicNameKnown = false;
  return link.publish(message, envelope);
}

/** A message that has its Packet Identifier. */
export function sendOutgoing(
  link: Link,
  clock: Clock,
  outgoing: Outgoing,
  duplicate: boolean,
): boolean {
  const { message, qos, retain, subscriptionIdentifiers, packetIdentifier } = outgoing;
  return sendPublish(
    link,
    clock,
    message,
    qos,
    retain,
    subscriptionIdentifiers,
    packetIdentifier,
    duplicate,
  );
}
