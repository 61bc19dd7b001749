/**
 * PUBACK, PUBREC, PUBREL and PUBCOMP from a client (MQTT 5 and 3.1.1 sections 3.4 to 3.7, 4.3).
 */

import { type AcknowledgementPacket, PacketType, type QoS } from "../protocol/packet.ts";
import { isError, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Session } from "./session.ts";

/** Acts on an acknowledgement of any kind. Throws `ProtocolError` for one that cannot be. */
export function handleAcknowledgement(
  session: Session,
  type: AcknowledgementPacket["type"],
  packetIdentifier: number,
  reasonCode: ReasonCode,
): void {
  switch (type) {
    case PacketType.Puback:
      return handlePuback(session, packetIdentifier);
    case PacketType.Pubrec:
      return handlePubrec(session, packetIdentifier, reasonCode);
    case PacketType.Pubrel:
      return handlePubrel(session, packetIdentifier);
    case PacketType.Pubcomp:
      return handlePubcomp(session, packetIdentifier);
  }
}

/** The client has a QoS 1 message [MQTT-4.3.2-3]. One that we do not know of was done before. */
function handlePuback(session: Session, packetIdentifier: number): void {
  const outgoing = inflight(session, packetIdentifier, 1, "PUBACK");
  if (outgoing !== undefined) session.completeDelivery(outgoing);
}

/** The client has a QoS 2 message; with an error it does not want it [MQTT-4.3.3-4]. */
function handlePubrec(session: Session, packetIdentifier: number, reasonCode: ReasonCode): void {
  const outgoing = inflight(session, packetIdentifier, 2, "PUBREC");
  if (isError(reasonCode)) {
    if (outgoing !== undefined) session.completeDelivery(outgoing);
    return;
  }
  if (outgoing !== undefined) session.releaseDelivery(outgoing);
  // Released with a crash before it is recorded, the message would be sent again.
  session.gate();
  if (outgoing !== undefined || session.protocolVersion !== 5) {
    session.link?.acknowledge(PacketType.Pubrel, packetIdentifier);
    return;
  }
  session.link?.send({
    type: PacketType.Pubrel,
    packetIdentifier,
    reasonCode: ReasonCode.PacketIdentifierNotFound,
    properties: {},
  });
}

/** The client releases a Packet Identifier of a QoS 2 message it sent [MQTT-4.3.3-11]. */
function handlePubrel(session: Session, packetIdentifier: number): void {
  const known = session.inbound.finish(packetIdentifier);
  // Answered with a crash before it is recorded, a new message of this identifier would be taken
  // for the old one.
  session.gate();
  if (known || session.protocolVersion !== 5) {
    session.link?.acknowledge(PacketType.Pubcomp, packetIdentifier);
    return;
  }
  session.link?.send({
    type: PacketType.Pubcomp,
    packetIdentifier,
    reasonCode: ReasonCode.PacketIdentifierNotFound,
    properties: {},
  });
}

/** The client is done with a QoS 2 message. */
function handlePubcomp(session: Session, packetIdentifier: number): void {
  const outgoing = inflight(session, packetIdentifier, 2, "PUBCOMP");
  if (outgoing === undefined) return;
  if (!outgoing.released) {
    throw new ProtocolError(
      ReasonCode.ProtocolError,
      "Cannot accept PUBCOMP: no PUBREC came before",
    );
  }
  session.completeDelivery(outgoing);
}

function inflight(
  session: Session,
  packetIdentifier: number,
  qos: QoS,
  packetName: string,
): Outgoing | undefined {
  const outgoing = session.inflightMessage(packetIdentifier);
  if (outgoing !== undefined && outgoing.qos !== qos) {
    throw new ProtocolError(
      ReasonCode.ProtocolError,
      `Cannot accept ${packetName}: the message was sent at QoS ${outgoing.qos}`,
    );
  }
  return outgoing;
}
