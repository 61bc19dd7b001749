/**
 * PUBLISH on the broker's hot path (MQTT 5 section 3.3): read without copying, write from parts.
 *
 * A `PublishFrame` points into the read buffer and is filled again for every packet, so nothing is
 * allocated for a message without properties. Whoever keeps a part of it beyond the current call
 * copies that part. `publish.ts` has the owning form for clients and tests.
 */

import { PacketType, type Properties, type ProtocolVersion, type QoS } from "./packet.ts";
import { NO_PROPERTIES, readProperties } from "./property.ts";
import { Reader } from "./reader.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";
import { variableByteIntegerLength, type Writer } from "./writer.ts";

export class PublishFrame {
  qos: QoS = 0;
  retain = false;
  duplicate = false;
  /** The Topic Name as UTF-8, in the read buffer or, for a Topic Alias, wherever it is kept. */
  topicBytes: Uint8Array = new Uint8Array(0);
  topicStart = 0;
  topicEnd = 0;
  /** 0 at QoS 0. */
  packetIdentifier = 0;
  properties: Properties = NO_PROPERTIES;
  payloadBytes: Uint8Array = this.topicBytes;
  payloadStart = 0;
  payloadEnd = 0;

  /**
   * Fills this frame from the PUBLISH whose body is `bytes[start..end)`. The Topic Name is not
   * validated here: that is done once for each topic, when it is first seen (`TopicTable`).
   * Throws `ProtocolError`.
   */
  read(
    header: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    version: ProtocolVersion,
  ): void {
    const qos = header >> 1 & 3;
    if (qos === 3) throw malformed("Cannot decode PUBLISH: QoS 3"); // [MQTT-3.3.1-4]
    this.qos = qos as QoS;
    this.retain = (header & 1) !== 0;
    this.duplicate = (header & 8) !== 0;
    if (this.duplicate && qos === 0) {
      throw malformed("Cannot decode PUBLISH: DUP is set at QoS 0"); // [MQTT-3.3.1-2]
    }
    const topicStart = start + 2;
    const topicEnd = topicStart + ((bytes[start] as number) << 8 | (bytes[start + 1] as number));
    if (topicStart > end || topicEnd > end) throw topicTooLong(end - start, topicEnd - topicStart);
    this.topicBytes = this.payloadBytes = bytes;
    this.topicStart = topicStart;
    this.topicEnd = topicEnd;
    let position = topicEnd;
    this.packetIdentifier = 0;
    if (qos > 0) {
      if (position + 2 > end) throw malformed("Cannot decode PUBLISH: no Packet Identifier");
      this.packetIdentifier = (bytes[position] as number) << 8 | (bytes[position + 1] as number);
      if (this.packetIdentifier === 0) {
        throw new ProtocolError(
          ReasonCode.ProtocolError, // [MQTT-2.2.1-3]
          "Cannot decode PUBLISH: Packet Identifier is 0",
        );
      }
      position += 2;
    }
    this.properties = NO_PROPERTIES;
    if (version === 5) {
      if (position < end && bytes[position] === 0) position++;
      else position = this.#readProperties(bytes, position, end);
      if (topicStart === topicEnd && this.properties.topicAlias === undefined) {
        throw new ProtocolError(
          ReasonCode.ProtocolError,
          "Cannot decode PUBLISH: neither Topic Name nor Topic Alias",
        );
      }
    }
    this.payloadStart = position;
    this.payloadEnd = end;
  }

  #readProperties(bytes: Uint8Array, position: number, end: number): number {
    const reader = new Reader(bytes, position, end);
    this.properties = readProperties(reader, PacketType.Publish);
    return reader.position;
  }
}

function topicTooLong(remaining: number, announced: number): ProtocolError {
  if (remaining < 2) return malformed("Cannot decode Topic Name: no length");
  return malformed(
    `Cannot decode Topic Name: ${announced} bytes announced, ${remaining - 2} remain`,
  );
}

/** What a PUBLISH carries, whoever receives it. */
export interface PublishContent {
  /** Topic Name as UTF-8 Encoded String, its two-byte length included. */
  readonly encodedTopicName: Uint8Array;
  /** The properties that are forwarded unaltered, encoded, without their Property Length. */
  readonly encodedProperties: Uint8Array;
  readonly payloadBytes: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** What differs from receiver to receiver. One object is filled again for every delivery. */
export interface PublishEnvelope {
  qos: QoS;
  retain: boolean;
  duplicate: boolean;
  /** 0 at QoS 0. */
  packetIdentifier: number;
  /** Seconds that remain; -1: the message does not expire. */
  messageExpiryInterval: number;
  subscriptionIdentifiers: readonly number[];
  /** 0: none. */
  topicAlias: number;
  /** True once the client knows `topicAlias`: the Topic Name is sent empty. */
  topicNameKnown: boolean;
}

/** For QoS 0 and nothing else. */
export function newEnvelope(): PublishEnvelope {
  return {
    qos: 0,
    retain: false,
    duplicate: false,
    packetIdentifier: 0,
    messageExpiryInterval: -1,
    subscriptionIdentifiers: [],
    topicAlias: 0,
    topicNameKnown: false,
  };
}

const EMPTY_TOPIC_NAME = new Uint8Array(2);

/** Bytes of the properties of one delivery, without the Property Length itself. */
function propertyBytes(content: PublishContent, envelope: PublishEnvelope): number {
  let count = content.encodedProperties.length;
  if (envelope.messageExpiryInterval >= 0) count += 5;
  if (envelope.topicAlias !== 0) count += 3;
  for (const identifier of envelope.subscriptionIdentifiers) {
    count += 1 + variableByteIntegerLength(identifier);
  }
  return count;
}

/** Remaining Length of the PUBLISH that `writePublish` would write. */
export function publishRemainingLength(
  version: ProtocolVersion,
  content: PublishContent,
  envelope: PublishEnvelope,
): number {
  let length = envelope.topicNameKnown ? 2 : content.encodedTopicName.length;
  length += content.payloadEnd - content.payloadStart;
  if (envelope.qos > 0) length += 2;
  if (version === 5) {
    const properties = propertyBytes(content, envelope);
    length += properties + variableByteIntegerLength(properties);
  }
  return length;
}

/** Appends one PUBLISH for a receiver that speaks `version`. */
export function writePublish(
  writer: Writer,
  version: ProtocolVersion,
  content: PublishContent,
  envelope: PublishEnvelope,
): void {
  const remainingLength = publishRemainingLength(version, content, envelope);
  writer.reserve(5 + remainingLength);
  writer.byte(
    PacketType.Publish << 4 | (envelope.duplicate ? 8 : 0) | envelope.qos << 1 |
      (envelope.retain ? 1 : 0),
  );
  writer.variableByteInteger(remainingLength);
  const topicName = envelope.topicNameKnown ? EMPTY_TOPIC_NAME : content.encodedTopicName;
  writer.rawBytes(topicName, 0, topicName.length);
  if (envelope.qos > 0) writer.twoByteInteger(envelope.packetIdentifier);
  if (version === 5) writePublishProperties(writer, content, envelope);
  writer.rawBytes(content.payloadBytes, content.payloadStart, content.payloadEnd);
}

function writePublishProperties(
  writer: Writer,
  content: PublishContent,
  envelope: PublishEnvelope,
): void {
  writer.variableByteInteger(propertyBytes(content, envelope));
  if (envelope.messageExpiryInterval >= 0) {
    writer.byte(0x02);
    writer.fourByteInteger(envelope.messageExpiryInterval);
  }
  if (envelope.topicAlias !== 0) {
    writer.byte(0x23);
    writer.twoByteInteger(envelope.topicAlias);
  }
  for (const identifier of envelope.subscriptionIdentifiers) {
    writer.byte(0x0b);
    writer.variableByteInteger(identifier);
  }
  writer.rawBytes(content.encodedProperties, 0, content.encodedProperties.length);
}
