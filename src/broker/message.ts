/**
 * An Application Message (MQTT 5 section 1.2), as it is routed, queued and retained.
 *
 * Owns nothing while it is `transient`: its payload then lies in a read buffer and is valid only
 * until the current call returns. `keep()` gives a message that does not change any more; only where
 * its payload lies may, while it is retained (`payload_arena.ts`).
 */

import type { Properties, QoS } from "../protocol/packet.ts";
import { PacketType } from "../protocol/packet.ts";
import { encodeProperties, NO_PROPERTIES } from "../protocol/property.ts";
import type { PublishContent, PublishFrame } from "../protocol/publish_frame.ts";
import { copyBytes } from "../protocol/writer.ts";
import type { Topic } from "./topic_table.ts";

const NO_BYTES = new Uint8Array(0);
const MS_PER_SECOND = 1000;
/**
 * What a message is charged for besides its content: the memory that one takes which waits in a queue,
 * as measured with 300,000 of them.
 */
export const MESSAGE_OVERHEAD_BYTES = 430;
/** `expiresAtMs` of a message without a Message Expiry Interval. */
export const NEVER_MS = Infinity;

/** `retainedAtSeconds` where it is not known. Small enough for V8 to keep it without a box. */
export const UNKNOWN_SECONDS = -(2 ** 30);
/** Characters of a publisher that is noted: of longer ones, messages would cost more than they say. */
export const LONGEST_PUBLISHER = 64;
/** `journalRow` of a transient message: nothing of it may be recorded. */
const TRANSIENT_ROW = -1;

/** Milliseconds that never go back; only differences and comparisons count. */
export interface Clock {
  nowMs(): number;
}

export class Message implements PublishContent {
  topic: Topic;
  payloadBytes: Uint8Array;
  payloadStart: number;
  payloadEnd: number;
  qos: QoS;
  /** RETAIN as the publisher set it. */
  retain: boolean;
  /** Forwarded unaltered [MQTT-3.3.2-15] and following; without Topic Alias and expiry. */
  encodedProperties: Uint8Array;
  /** Broker's clock; `NEVER_MS` without Message Expiry Interval. */
  expiresAtMs: number;
  /** Written by the journal: where its content is stored if several wait for it; 0: nowhere. */
  journalRow = 0;
  /** Written by the journal: how many recorded outgoing messages refer to it. */
  journalReferences = 0;
  /** When it came to be retained, in whole seconds of the broker's clock. */
  retainedAtSeconds = UNKNOWN_SECONDS;
  /** Client Identifier of who had it retained; undefined: the broker itself, or not known. */
  publisher: string | undefined = undefined;

  constructor(
    topic: Topic,
    payload: Uint8Array,
    qos: QoS,
    retain: boolean,
    encodedProperties: Uint8Array = NO_BYTES,
    expiresAtMs: number = NEVER_MS,
  ) {
    this.topic = topic;
    this.payloadBytes = payload;
    this.payloadStart = 0;
    this.payloadEnd = payload.length;
    this.qos = qos;
    this.retain = retain;
    this.encodedProperties = encodedProperties;
    this.expiresAtMs = expiresAtMs;
  }

  get encodedTopicName(): Uint8Array {
    return this.topic.encodedName;
  }

  get payloadLength(): number {
    return this.payloadEnd - this.payloadStart;
  }

  /** A view of the payload alone. */
  get payload(): Uint8Array {
    return this.payloadBytes.subarray(this.payloadStart, this.payloadEnd);
  }

  /** Bytes that this message is charged for in a queue or store: content plus a flat overhead. */
  get sizeBytes(): number {
    return this.payloadLength + this.topic.nameBytes + this.encodedProperties.length +
      MESSAGE_OVERHEAD_BYTES;
  }

  /** Points this transient message to what `frame` carries. */
  fill(frame: PublishFrame, topic: Topic, clock: Clock): void {
    this.journalRow = TRANSIENT_ROW;
    this.topic = topic;
    this.payloadBytes = frame.payloadBytes;
    this.payloadStart = frame.payloadStart;
    this.payloadEnd = frame.payloadEnd;
    this.qos = frame.qos;
    this.retain = frame.retain;
    this.encodedProperties = NO_BYTES;
    this.expiresAtMs = NEVER_MS;
    if (frame.properties !== NO_PROPERTIES) {
      this.encodedProperties = forwardedProperties(frame.properties);
      this.expiresAtMs = expiryTimeMs(frame.properties, clock);
    }
  }

  /** This message, or a copy of a transient one: it owns its payload and never changes. */
  keep(): Message {
    if (this.journalRow !== TRANSIENT_ROW) return this;
    // Not slice(): for the short payloads of most messages this takes a fifth of its time.
    const payload = new Uint8Array(this.payloadLength);
    copyBytes(payload, 0, this.payloadBytes, this.payloadStart, this.payloadEnd);
    return new Message(
      this.topic,
      payload,
      this.qos,
      this.retain,
      this.encodedProperties,
      this.expiresAtMs,
    );
  }

  /** It is about to be retained: notes when, and by whom; undefined: by the broker itself. */
  noteRetained(publisher: string | undefined, clock: Clock): void {
    this.retainedAtSeconds = Math.floor(clock.nowMs() / MS_PER_SECOND);
    if (publisher !== undefined && publisher.length <= LONGEST_PUBLISHER) {
      this.publisher = publisher;
    }
  }

  /** The clock is read only for a message that can expire. */
  hasExpired(clock: Clock): boolean {
    return this.expiresAtMs !== NEVER_MS && this.expiresAtMs <= clock.nowMs();
  }

  /** Seconds left, rounded up, for the Message Expiry Interval [MQTT-3.3.2-6]; -1: none. */
  remainingExpirySeconds(clock: Clock): number {
    if (this.expiresAtMs === NEVER_MS) return -1;
    return Math.max(0, Math.ceil((this.expiresAtMs - clock.nowMs()) / MS_PER_SECOND));
  }
}

/** The properties that a receiver gets unaltered, encoded without their Property Length. */
export function forwardedProperties(properties: Properties): Uint8Array {
  const { topicAlias: _alias, messageExpiryInterval: _expiry, willDelayInterval: _delay, ...rest } =
    properties;
  return encodeProperties(PacketType.Publish, rest);
}

export function expiryTimeMs(properties: Properties, clock: Clock): number {
  const interval = properties.messageExpiryInterval;
  return interval === undefined ? NEVER_MS : clock.nowMs() + interval * MS_PER_SECOND;
}
