/**
 * PUBLISH from a client (MQTT 5 and 3.1.1 section 3.3): protocol checks, policy, effects.
 */

import { PacketType } from "../protocol/packet.ts";
import type { PublishFrame } from "../protocol/publish_frame.ts";
import { isError, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Broker } from "./broker.ts";
import type { Session } from "./session.ts";
import { publishStoreRefusal } from "./store_refusal.ts";

export function handlePublish(broker: Broker, session: Session, frame: PublishFrame): void {
  checkPublish(broker, session, frame);
  const topic = broker.topics.find(frame.topicBytes, frame.topicStart, frame.topicEnd);
  if (frame.qos === 2 && isReceived(session, frame)) return;
  const unstorable = publishStoreRefusal(broker, session, topic, frame.qos, frame.retain);
  if (unstorable !== undefined) {
    return acknowledge(session, frame, unstorable.reasonCode, unstorable.reasonString);
  }
  if (frame.qos === 2) session.inbound.start(frame.packetIdentifier);

  const refusal = broker.publishRefusal(session.access, topic);
  if (refusal !== undefined) {
    broker.refusePublish(session, topic.name, refusal);
    return acknowledge(session, frame, refusal.reasonCode, refusal.reasonString);
  }

  const recordings = broker.journal.recordings;
  const message = broker.transient;
  message.fill(frame, topic, broker);
  const matched = broker.publishMessage(message, session);
  if (frame.qos === 0) return;
  holdAnswer(broker, session, frame, recordings);
  if (matched > 0 || session.protocolVersion !== 5) return acknowledge(session, frame);
  acknowledge(session, frame, ReasonCode.NoMatchingSubscribers);
}

/** Throws `ProtocolError` for what CONNACK has ruled out. */
function checkPublish(broker: Broker, session: Session, frame: PublishFrame): void {
  const { limits } = broker;
  if (frame.qos > session.maximumQoS) {
    throw new ProtocolError(
      ReasonCode.QoSNotSupported, // [MQTT-3.2.2-11]
      `Cannot accept QoS ${frame.qos}: the maximum is ${session.maximumQoS}`,
    );
  }
  if (frame.retain && !limits.retainAvailable) {
    throw new ProtocolError(ReasonCode.RetainNotSupported, "Cannot retain messages"); // [MQTT-3.2.2-14]
  }
  if (frame.properties.subscriptionIdentifiers !== undefined) {
    throw new ProtocolError(
      ReasonCode.ProtocolError, // [MQTT-3.3.4-6]
      "Cannot accept PUBLISH: Subscription Identifier from a client",
    );
  }
  if (
    frame.qos === 2 && session.inbound.count >= limits.receiveMaximum &&
    session.protocolVersion === 5 && !session.inbound.has(frame.packetIdentifier)
  ) {
    throw new ProtocolError(
      ReasonCode.ReceiveMaximumExceeded, // [MQTT-3.3.4-7]
      `Cannot accept another QoS 2 message: the Receive Maximum is ${limits.receiveMaximum}`,
    );
  }
}

/** A QoS 2 message that was received before is acknowledged, not routed again [MQTT-4.3.3-10]. */
function isReceived(session: Session, frame: PublishFrame): boolean {
  if (!session.inbound.has(frame.packetIdentifier)) return false;
  session.gate();
  acknowledge(session, frame);
  return true;
}

/** The answer waits for the commit of what this message changed; of nothing durable, it does not. */
function holdAnswer(
  broker: Broker,
  session: Session,
  frame: PublishFrame,
  recordingsBefore: number,
): void {
  const isDurable = frame.qos === 2 && session.isDurable; // Its identifier is recorded.
  // What is cleared may have been cleared before, and that not be durable yet.
  if (!isDurable && !frame.retain && broker.journal.recordings === recordingsBefore) return;
  session.link?.gate(broker.journal.pendingCommit);
}

/** PUBACK or PUBREC. MQTT 3 has no Reason Codes: a refused message is acknowledged as well. */
function acknowledge(
  session: Session,
  frame: PublishFrame,
  reasonCode: ReasonCode = ReasonCode.Success,
  reasonString?: string,
): void {
  if (frame.qos === 0) return;
  const type = frame.qos === 1 ? PacketType.Puback : PacketType.Pubrec;
  const packetIdentifier = frame.packetIdentifier;
  if (reasonCode === ReasonCode.Success || session.protocolVersion !== 5) {
    session.link?.acknowledge(type, packetIdentifier);
    return;
  }
  // A PUBREC with an error ends the exchange: the identifier is free again.
  if (frame.qos === 2 && isError(reasonCode)) session.inbound.finish(packetIdentifier);
  const properties = reasonString === undefined ? {} : session.problemInformation(reasonString);
  session.link?.send({ type, packetIdentifier, reasonCode, properties });
}
