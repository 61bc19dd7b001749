/**
 * PUBLISH as a value that owns its bytes (MQTT 5 section 3.3, MQTT 3.1.1 section 3.3), for clients,
 * bridges and tests. The broker's hot path is `publish_frame.ts`.
 *
 * Invariant: a decoded PUBLISH has a valid Topic Name, or in MQTT 5 a Topic Alias. Whether that
 * alias is known, and whether a client may send what only servers send, is for the caller.
 */

import { readPacketIdentifier } from "./packet_identifier.ts";
import { PacketType, type ProtocolVersion, type PublishPacket, type QoS } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";
import { checkTopicName } from "./topic.ts";
import type { Writer } from "./writer.ts";

const DUPLICATE = 0x08;
const RETAIN = 0x01;

/**
 * Reads the body; `header` is the first byte of the packet. Throws `ProtocolError` 0x81, 0x82, 0x90
 * for a Topic Name that is not valid, 0x94 for Topic Alias 0.
 */
export function decodePublish(
  header: number,
  reader: Reader,
  version: ProtocolVersion,
): PublishPacket {
  const qos = header >> 1 & 3;
  if (qos === 3) throw malformed("Cannot decode PUBLISH: QoS 3"); // [MQTT-3.3.1-4]
  const duplicate = (header & DUPLICATE) !== 0;
  if (duplicate && qos === 0) {
    throw malformed("Cannot decode PUBLISH: DUP is set at QoS 0"); // [MQTT-3.3.1-2]
  }
  const topicName = reader.utf8String("Topic Name"); // [MQTT-3.3.2-1]
  const packetIdentifier = qos > 0 ? readPacketIdentifier(reader, "PUBLISH") : 0;
  const properties = version === 5 ? readProperties(reader, PacketType.Publish) : NO_PROPERTIES;
  if (version === 5 && topicName === "") {
    if (properties.topicAlias === undefined) {
      throw new ProtocolError( // Section 3.3.2.1
        ReasonCode.ProtocolError,
        "Cannot accept PUBLISH: neither Topic Name nor Topic Alias",
      );
    }
  } else {
    checkTopicName(topicName); // [MQTT-3.3.2-2]
  }
  return {
    type: PacketType.Publish,
    topicName,
    payload: reader.rawBytes(reader.remaining, "Payload"),
    qos: qos as QoS,
    retain: (header & RETAIN) !== 0,
    duplicate,
    packetIdentifier,
    properties,
  };
}

/** The flags of the Fixed Header: DUP, QoS and RETAIN. */
export function publishFlags(packet: PublishPacket): number {
  return (packet.duplicate ? DUPLICATE : 0) | packet.qos << 1 | (packet.retain ? RETAIN : 0);
}

/** Writes the body. The Packet Identifier is left out at QoS 0 [MQTT-2.2.1-2]. */
export function encodePublish(
  writer: Writer,
  packet: PublishPacket,
  version: ProtocolVersion,
): void {
  writer.utf8String(packet.topicName);
  if (packet.qos > 0) writer.twoByteInteger(packet.packetIdentifier);
  if (version === 5) writeProperties(writer, PacketType.Publish, packet.properties);
  writer.rawBytes(packet.payload, 0, packet.payload.length);
}
