/**
 * DISCONNECT from a client (MQTT 5 and 3.1.1 section 3.14).
 */

import type { DisconnectPacket } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Broker } from "./broker.ts";
import { sessionExpiryMs } from "./handle_connect.ts";
import type { Session } from "./session.ts";

export function handleDisconnect(broker: Broker, session: Session, packet: DisconnectPacket): void {
  const expiryInterval = packet.properties.sessionExpiryInterval;
  if (expiryInterval !== undefined) {
    if (expiryInterval > 0 && session.expiryIntervalMs === 0) {
      throw new ProtocolError(
        ReasonCode.ProtocolError, // Section 3.14.2.2.2
        "Cannot give the session an expiry at DISCONNECT: it had none at CONNECT",
      );
    }
    const wasDurable = session.isDurable;
    session.expiryIntervalMs = sessionExpiryMs(broker.limits, expiryInterval);
    if (wasDurable && !session.isDurable) broker.forgetStored(session);
  }
  // 0x00 takes the Will away; 0x04 and the errors leave it [MQTT-3.14.4-3].
  if (packet.reasonCode === ReasonCode.Success) session.will = undefined;
  const link = session.link;
  if (link === undefined) return;
  broker.connectionLost(session, link, "DISCONNECT from the client");
  link.close(ReasonCode.Success, ""); // [MQTT-3.14.4-2]
}
