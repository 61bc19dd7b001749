/**
 * One entry for all fifteen packets (MQTT 5 chapters 2 and 3): packets to values and back.
 *
 * Owns the Fixed Header's flags and Remaining Length; each body has its own file. Encoding keeps
 * one byte free for Remaining Length and moves the body only when that takes more. Invariant: what
 * `encodePacket` writes, `decodePacket` reads as the same value; an error leaves the writer as it
 * was.
 */

import { decodeAcknowledgement, encodeAcknowledgement } from "./acknowledgement.ts";
import { decodeAuth, encodeAuth } from "./auth.ts";
import { decodeConnack, encodeConnack } from "./connack.ts";
import { decodeConnect, encodeConnect } from "./connect.ts";
import { decodeDisconnect, encodeDisconnect } from "./disconnect.ts";
import { type Packet, PacketType, type ProtocolVersion } from "./packet.ts";
import { decodePublish, encodePublish, publishFlags } from "./publish.ts";
import { Reader } from "./reader.ts";
import { malformed } from "./reason_code.ts";
import { decodeSuback, encodeSuback } from "./suback.ts";
import { decodeSubscribe, encodeSubscribe } from "./subscribe.ts";
import { decodeUnsuback, encodeUnsuback } from "./unsuback.ts";
import { decodeUnsubscribe, encodeUnsubscribe } from "./unsubscribe.ts";
import type { Writer } from "./writer.ts";

/** DUP in MQTT 3.1, where PUBREL, SUBSCRIBE and UNSUBSCRIBE may be sent again with it. */
const DUPLICATE = 0x08;

/**
 * Decodes the packet whose first byte is `header` and whose body is `bytes[bodyStart..bodyEnd)`, as
 * `Framer` found them. CONNECT tells its own version, whatever `version` is. The packet owns its
 * bytes. Throws `ProtocolError`.
 */
export function decodePacket(
  header: number,
  bytes: Uint8Array,
  bodyStart: number,
  bodyEnd: number,
  version: ProtocolVersion,
): Packet {
  const type = header >> 4;
  if (type !== PacketType.Publish) checkFlags(header, version);
  const reader = new Reader(bytes, bodyStart, bodyEnd);
  switch (type) {
    case PacketType.Connect:
      return decodeConnect(reader);
    case PacketType.Connack:
      return decodeConnack(reader, version);
    case PacketType.Publish:
      return decodePublish(header, reader, version);
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp:
      return decodeAcknowledgement(type, reader, version);
    case PacketType.Subscribe:
      return decodeSubscribe(reader, version);
    case PacketType.Suback:
      return decodeSuback(reader, version);
    case PacketType.Unsubscribe:
      return decodeUnsubscribe(reader, version);
    case PacketType.Unsuback:
      return decodeUnsuback(reader, version);
    case PacketType.Pingreq:
      reader.expectEnd("PINGREQ");
      return { type };
    case PacketType.Pingresp:
      reader.expectEnd("PINGRESP");
      return { type };
    case PacketType.Disconnect:
      return decodeDisconnect(reader, version);
    case PacketType.Auth:
      return decodeAuth(reader, version);
    default:
      throw malformed("Cannot decode packet: type 0 is reserved");
  }
}

/**
 * Appends `packet` in the form of `version` (CONNECT: of its own). Fields that the version does not
 * have are left out. Throws an `Error` (our bug, not the peer's) for what cannot be written: a
 * string over 65,535 bytes, a property that its packet may not carry.
 */
export function encodePacket(writer: Writer, packet: Packet, version: ProtocolVersion): void {
  const packetStart = writer.length;
  try {
    writer.byte(firstByte(packet));
    const bodyStart = writer.beginLength();
    encodeBody(writer, packet, version);
    writer.endLength(bodyStart);
  } catch (error) {
    writer.length = packetStart;
    throw error;
  }
}

function encodeBody(writer: Writer, packet: Packet, version: ProtocolVersion): void {
  switch (packet.type) {
    case PacketType.Connect:
      return encodeConnect(writer, packet);
    case PacketType.Connack:
      return encodeConnack(writer, packet, version);
    case PacketType.Publish:
      return encodePublish(writer, packet, version);
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp:
      return encodeAcknowledgement(writer, packet, version);
    case PacketType.Subscribe:
      return encodeSubscribe(writer, packet, version);
    case PacketType.Suback:
      return encodeSuback(writer, packet, version);
    case PacketType.Unsubscribe:
      return encodeUnsubscribe(writer, packet, version);
    case PacketType.Unsuback:
      return encodeUnsuback(writer, packet, version);
    case PacketType.Pingreq:
    case PacketType.Pingresp:
      return;
    case PacketType.Disconnect:
      return encodeDisconnect(writer, packet, version);
    case PacketType.Auth:
      return encodeAuth(writer, packet, version);
  }
}

function firstByte(packet: Packet): number {
  const flags = packet.type === PacketType.Publish
    ? publishFlags(packet)
    : requiredFlags(packet.type);
  return packet.type << 4 | flags;
}

/** Flags of every packet but PUBLISH (MQTT 5 table 2-2). */
function requiredFlags(type: number): number {
  switch (type) {
    case PacketType.Pubrel: // [MQTT-3.6.1-1]
    case PacketType.Subscribe: // [MQTT-3.8.1-1]
    case PacketType.Unsubscribe: // [MQTT-3.10.1-1]
      return 0x02;
    default: // [MQTT-3.14.1-1] [MQTT-3.15.1-1]
      return 0x00;
  }
}

function checkFlags(header: number, version: ProtocolVersion): void {
  const required = requiredFlags(header >> 4);
  let flags = header & 0x0f;
  if (version === 3 && required !== 0) flags &= ~DUPLICATE;
  if (flags !== required) { // [MQTT-2.1.3-1]
    throw malformed(
      `Cannot decode Fixed Header: flags ${flags} in a packet of type ${header >> 4}, ` +
        `${required} expected`,
    );
  }
}
