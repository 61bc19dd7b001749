/**
 * The mount point of a listener: its clients see only what is below it, and do not see its name.
 *
 * Owns the translation of Topic Names and Topic Filters, in both directions. The prefix is put before
 * the text as it stands, as in Mosquitto: with "home/", "lamp" becomes "home/lamp". The broker and its
 * rules know whole names only. Invariant: nothing valid becomes of what the client sent invalid, and
 * no message from outside the mount point is sent to a client inside.
 */

import type { Message } from "../broker/message.ts";
import {
  type ConnectPacket,
  PacketType,
  type Properties,
  type SubscribePacket,
  type UnsubscribePacket,
} from "../protocol/packet.ts";
import { encodeProperties, readProperties } from "../protocol/property.ts";
import type { PublishContent, PublishFrame } from "../protocol/publish_frame.ts";
import { Reader } from "../protocol/reader.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { isSharedFilter, parseSharedFilter } from "../protocol/topic.ts";
import { variableByteIntegerLength, Writer } from "../protocol/writer.ts";

const LONGEST_TEXT_BYTES = 65_535;
const encoder = new TextEncoder();

/** What a client gets of a message; filled again for each. */
interface MountedContent extends PublishContent {
  encodedTopicName: Uint8Array;
  encodedProperties: Uint8Array;
  payloadBytes: Uint8Array;
  payloadStart: number;
  payloadEnd: number;
}

const NO_BYTES = new Uint8Array(0);

export class MountPoint {
  readonly prefix: string;
  readonly #prefixBytes: Uint8Array;
  /** The Topic Name of the PUBLISH that is being handled: the core copies what it keeps. */
  #inbound: Uint8Array;
  readonly #content: MountedContent = {
    encodedTopicName: NO_BYTES,
    encodedProperties: NO_BYTES,
    payloadBytes: NO_BYTES,
    payloadStart: 0,
    payloadEnd: 0,
  };

  constructor(prefix: string) {
    this.prefix = prefix;
    this.#prefixBytes = encoder.encode(prefix);
    this.#inbound = new Uint8Array(this.#prefixBytes.length + 256);
    this.#inbound.set(this.#prefixBytes);
  }

  // From the client.

  /** Topic Aliases are resolved already. An empty name stays empty, for the core to refuse. */
  enterPublish(frame: PublishFrame): void {
    const { topicBytes, topicStart, topicEnd, properties } = frame;
    const { responseTopic } = properties;
    if (responseTopic !== undefined) {
      frame.properties = { ...properties, responseTopic: this.#enterName(responseTopic) };
    }
    if (topicEnd === topicStart) return;
    const prefixLength = this.#prefixBytes.length;
    const length = prefixLength + topicEnd - topicStart;
    if (length > this.#inbound.length) {
      this.#inbound = new Uint8Array(length);
      this.#inbound.set(this.#prefixBytes);
    }
    this.#inbound.set(topicBytes.subarray(topicStart, topicEnd), prefixLength);
    frame.topicBytes = this.#inbound;
    frame.topicStart = 0;
    frame.topicEnd = length;
  }

  enterSubscribe(packet: SubscribePacket): SubscribePacket {
    const subscriptions = packet.subscriptions.map((subscription) => ({
      ...subscription,
      topicFilter: this.#enterFilter(subscription.topicFilter),
    }));
    return { ...packet, subscriptions };
  }

  enterUnsubscribe(packet: UnsubscribePacket): UnsubscribePacket {
    const topicFilters = packet.topicFilters.map((filter) => this.#enterFilter(filter));
    return { ...packet, topicFilters };
  }

  /** Its Will goes below the mount point. */
  enterConnect(packet: ConnectPacket): ConnectPacket {
    const { will } = packet;
    if (will === undefined) return packet;
    const { responseTopic } = will.properties;
    const properties: Properties = responseTopic === undefined
      ? will.properties
      : { ...will.properties, responseTopic: this.#enterName(responseTopic) };
    return { ...packet, will: { ...will, topicName: this.#enterName(will.topicName), properties } };
  }

  /** What is not valid stays as it is: with a prefix it might become valid. */
  #enterFilter(topicFilter: string): string {
    if (!isSharedFilter(topicFilter)) return this.#enterName(topicFilter);
    const shared = parseSharedFilter(topicFilter);
    if (shared === undefined) return topicFilter;
    return `$share/${shared.shareName}/${this.#enterName(shared.topicFilter)}`;
  }

  #enterName(name: string): string {
    if (name === "") return name;
    const whole = this.prefix + name;
    // One UTF-16 code unit becomes three bytes at most.
    if (
      whole.length * 3 > LONGEST_TEXT_BYTES && encoder.encode(whole).length > LONGEST_TEXT_BYTES
    ) {
      throw new ProtocolError(
        ReasonCode.TopicNameInvalid,
        "Cannot accept a topic: with the mount point it has over 65,535 bytes",
      );
    }
    return whole;
  }

  // To the client.

  /** Undefined for a message from outside the mount point. Valid until the next call. */
  leave(message: Message): PublishContent | undefined {
    if (!message.topic.name.startsWith(this.prefix)) return undefined;
    const whole = message.encodedTopicName;
    const length = whole.length - 2 - this.#prefixBytes.length;
    if (length === 0) return undefined; // Its name would be empty.
    const name = new Uint8Array(2 + length);
    name[0] = length >>> 8;
    name[1] = length;
    name.set(whole.subarray(2 + this.#prefixBytes.length), 2);
    const content = this.#content;
    content.encodedTopicName = name;
    content.encodedProperties = this.#leaveProperties(message.encodedProperties);
    content.payloadBytes = message.payloadBytes;
    content.payloadStart = message.payloadStart;
    content.payloadEnd = message.payloadEnd;
    return content;
  }

  /** A Response Topic outside the mount point leads nowhere for this client, so it is left out. */
  #leaveProperties(encoded: Uint8Array): Uint8Array {
    if (encoded.length === 0) return encoded;
    const { responseTopic, ...properties } = decodeForwarded(encoded);
    if (responseTopic === undefined) return encoded;
    const inside = responseTopic.startsWith(this.prefix)
      ? responseTopic.slice(this.prefix.length)
      : "";
    return encodeProperties(
      PacketType.Publish,
      inside === "" ? properties : { ...properties, responseTopic: inside },
    );
  }
}

/** Properties that were encoded without their Property Length. */
function decodeForwarded(encoded: Uint8Array): Properties {
  const writer = new Writer(encoded.length + variableByteIntegerLength(encoded.length));
  writer.variableByteInteger(encoded.length);
  writer.rawBytes(encoded, 0, encoded.length);
  const bytes = writer.written();
  return readProperties(new Reader(bytes, 0, bytes.length), PacketType.Publish);
}
