/**
 * CONNECT (MQTT 5 section 3.1, MQTT 3.1.1 section 3.1): bodies to values and back.
 *
 * The only packet that tells its own version. Checks what can be said of the packet alone; which
 * Client Identifiers and users are welcome is for the broker. Invariant: a decoded CONNECT has a
 * valid Will Topic and flags that agree with each other.
 */

import {
  type ConnectPacket,
  PacketType,
  type ProtocolVersion,
  type QoS,
  type Will,
} from "./packet.ts";
import { NO_PROPERTIES, readProperties, WILL_PROPERTIES, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";
import { checkTopicName } from "./topic.ts";
import type { Writer } from "./writer.ts";

const USER_NAME_FLAG = 0x80;
const PASSWORD_FLAG = 0x40;
const WILL_RETAIN = 0x20;
const WILL_QOS = 0x18;
const WILL_FLAG = 0x04;
const CLEAN_START = 0x02;
const RESERVED_FLAG = 0x01;
const BRIDGE_LEVEL = 0x80;

/**
 * Reads the body of a CONNECT of any version. Throws `ProtocolError` 0x84 for a protocol that we
 * do not speak, 0x90 for a Will Topic that is not valid, 0x81 and 0x82 for the rest.
 */
export function decodeConnect(reader: Reader): ConnectPacket {
  const { protocolVersion, bridge } = readProtocol(reader);
  const flags = reader.byte("Connect Flags");
  checkFlags(flags, protocolVersion);
  const keepAlive = reader.twoByteInteger("Keep Alive");
  const properties = protocolVersion === 5
    ? readProperties(reader, PacketType.Connect)
    : NO_PROPERTIES;
  if (properties.authenticationData && properties.authenticationMethod === undefined) {
    throw new ProtocolError( // Section 3.1.2.11.10
      ReasonCode.ProtocolError,
      "Cannot accept CONNECT: Authentication Data without Authentication Method",
    );
  }
  const packet: ConnectPacket = {
    type: PacketType.Connect,
    protocolVersion,
    cleanStart: (flags & CLEAN_START) !== 0,
    keepAlive,
    clientIdentifier: reader.utf8String("Client Identifier"), // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
    properties,
    bridge,
  };
  if ((flags & WILL_FLAG) !== 0) packet.will = readWill(reader, flags, protocolVersion);
  readCredentials(reader, flags, packet);
  reader.expectEnd("CONNECT");
  return packet;
}

/** Writes the body of a CONNECT of `packet.protocolVersion`. */
export function encodeConnect(writer: Writer, packet: ConnectPacket): void {
  const { protocolVersion, will, username, password } = packet;
  writer.utf8String(protocolVersion === 3 ? "MQIsdp" : "MQTT");
  writer.byte(protocolVersion | (packet.bridge ? BRIDGE_LEVEL : 0));
  let flags = packet.cleanStart ? CLEAN_START : 0;
  if (will !== undefined) flags |= WILL_FLAG | will.qos << 3 | (will.retain ? WILL_RETAIN : 0);
  if (username !== undefined) flags |= USER_NAME_FLAG;
  if (password !== undefined) flags |= PASSWORD_FLAG;
  writer.byte(flags);
  writer.twoByteInteger(packet.keepAlive);
  if (protocolVersion === 5) writeProperties(writer, PacketType.Connect, packet.properties);
  writer.utf8String(packet.clientIdentifier);
  if (will !== undefined) {
    if (protocolVersion === 5) writeProperties(writer, WILL_PROPERTIES, will.properties);
    writer.utf8String(will.topicName);
    writer.binaryData(will.payload);
  }
  if (username !== undefined) writer.utf8String(username);
  if (password !== undefined) writer.binaryData(password);
}

function readProtocol(reader: Reader): { protocolVersion: ProtocolVersion; bridge: boolean } {
  const name = reader.utf8String("Protocol Name");
  const level = reader.byte("Protocol Level");
  if (name === "MQTT" && level === 5) return { protocolVersion: 5, bridge: false };
  const protocolVersion = level & ~BRIDGE_LEVEL;
  const bridge = (level & BRIDGE_LEVEL) !== 0;
  if (name === "MQTT" && protocolVersion === 4) return { protocolVersion, bridge };
  if (name === "MQIsdp" && protocolVersion === 3) return { protocolVersion, bridge };
  throw new ProtocolError( // [MQTT-3.1.2-1] [MQTT-3.1.2-2]
    ReasonCode.UnsupportedProtocolVersion,
    `Cannot accept CONNECT: protocol ${JSON.stringify(name.slice(0, 20))} level ${level} ` +
      "is not spoken here",
  );
}

function checkFlags(flags: number, version: ProtocolVersion): void {
  if ((flags & (WILL_FLAG | WILL_QOS)) === (WILL_FLAG | WILL_QOS)) {
    throw malformed("Cannot decode CONNECT: Will QoS 3"); // [MQTT-3.1.2-12]
  }
  if (version === 3) return; // MQTT 3.1 tells servers to ignore the flags that do not apply.
  if ((flags & RESERVED_FLAG) !== 0) {
    throw malformed("Cannot decode CONNECT: the reserved flag is set"); // [MQTT-3.1.2-3]
  }
  if ((flags & WILL_FLAG) === 0 && (flags & (WILL_QOS | WILL_RETAIN)) !== 0) {
    // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
    throw malformed("Cannot decode CONNECT: Will QoS or Will Retain without a Will");
  }
}

function readWill(reader: Reader, flags: number, version: ProtocolVersion): Will {
  const properties = version === 5 ? readProperties(reader, WILL_PROPERTIES) : NO_PROPERTIES;
  const topicName = reader.utf8String("Will Topic"); // [MQTT-3.1.3-11]
  checkTopicName(topicName, "Will Topic");
  return {
    topicName,
    payload: reader.binaryData("Will Payload"),
    qos: ((flags & WILL_QOS) >> 3) as QoS,
    retain: (flags & WILL_RETAIN) !== 0,
    properties,
  };
}

function readCredentials(reader: Reader, flags: number, packet: ConnectPacket): void {
  const version = packet.protocolVersion;
  if (version < 5 && (flags & PASSWORD_FLAG) !== 0 && (flags & USER_NAME_FLAG) === 0) {
    // MQTT 3.1.1 section 3.1.2.9; MQTT 5 allows it.
    throw malformed("Cannot decode CONNECT: Password without User Name");
  }
  // In MQTT 3.1 the strings may be missing although their flags are set (its section 3.1).
  const announced = (flag: number) =>
    (flags & flag) !== 0 && !(version === 3 && reader.remaining === 0);
  if (announced(USER_NAME_FLAG)) packet.username = reader.utf8String("User Name"); // [MQTT-3.1.2-17]
  if (announced(PASSWORD_FLAG)) packet.password = reader.binaryData("Password"); // [MQTT-3.1.2-19]
}
