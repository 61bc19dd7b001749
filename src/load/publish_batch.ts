/**
 * The PUBLISH packets of one publisher, encoded once and used again and again.
 *
 * Owns a buffer of packets of the same length that differ in a few bytes only: the mark of the
 * payload, the Packet Identifier, and the topic where there is more than one. `fill` sets these bytes
 * and nothing is encoded any more. The buffer must have been written before it is filled again.
 */

import type { ProtocolVersion, QoS } from "../protocol/packet.ts";
import { newEnvelope, writePublish } from "../protocol/publish_frame.ts";
import { Writer } from "../protocol/writer.ts";
import { SEQUENCE_AT, STAMP_AT, STREAM_AT, TAG_AT } from "./payload_mark.ts";

export interface BatchOptions {
  readonly version: ProtocolVersion;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Bytes of the payload, at least `MARK_BYTES`. */
  readonly size: number;
  /** The names of the topics of the streams, all of one length, in the order of the streams. */
  readonly topicNames: readonly string[];
  readonly firstStream: number;
  /** How many packets are written together at most. */
  readonly capacity: number;
}

/** What payloads are filled up with. */
const FILLER = 0x78;
const LARGEST_IDENTIFIER = 0xffff;

export class PublishBatch {
  readonly capacity: number;
  /** Bytes of one packet. */
  readonly packetBytes: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #firstStream: number;
  readonly #streams: number;
  /** The topic names one after the other; not used where there is one. */
  readonly #topics: Uint8Array;
  readonly #topicBytes: number;
  readonly #topicAt: number;
  /** 0 at QoS 0. */
  readonly #identifierAt: number;
  readonly #payloadAt: number;
  #turn = 0;
  #sequence = 0;
  #identifier = 0;

  constructor(options: BatchOptions) {
    const [topicName = ""] = options.topicNames;
    const packet = encodePacket(options, topicName);
    this.capacity = options.capacity;
    this.packetBytes = packet.length;
    this.#firstStream = options.firstStream;
    this.#streams = options.topicNames.length;
    this.#topics = new TextEncoder().encode(options.topicNames.join(""));
    this.#topicBytes = this.#topics.length / this.#streams;
    this.#payloadAt = packet.length - options.size;
    const afterTopic = this.#payloadAt - (options.version === 5 ? 1 : 0);
    this.#identifierAt = options.qos === 0 ? 0 : afterTopic - 2;
    this.#topicAt = afterTopic - (options.qos === 0 ? 0 : 2) - this.#topicBytes;
    this.#bytes = repeat(packet, options.capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Begins to count from 0 again, for a phase of this tag. */
  begin(tag: number): void {
    this.#turn = 0;
    this.#sequence = 0;
    for (let at = this.#payloadAt; at < this.#bytes.length; at += this.packetBytes) {
      this.#view.setUint32(at + TAG_AT, tag);
    }
  }

  /**
   * The next `count` packets, at most `capacity`. Their stamps are `stampUs` and what follows it in
   * steps of `stepUs`.
   */
  fill(count: number, stampUs: number, stepUs: number): Uint8Array<ArrayBuffer> {
    const view = this.#view;
    const packetBytes = this.packetBytes;
    const streams = this.#streams;
    for (let index = 0, start = 0; index < count; index++, start += packetBytes) {
      const mark = start + this.#payloadAt;
      view.setUint32(mark + STAMP_AT, stampUs + index * stepUs);
      view.setUint32(mark + SEQUENCE_AT, this.#sequence);
      view.setUint32(mark + STREAM_AT, this.#firstStream + this.#turn);
      if (this.#identifierAt > 0) {
        this.#identifier = this.#identifier % LARGEST_IDENTIFIER + 1;
        view.setUint16(start + this.#identifierAt, this.#identifier);
      }
      if (streams > 1) this.#putTopic(start + this.#topicAt);
      if (++this.#turn === streams) {
        this.#turn = 0;
        this.#sequence = this.#sequence + 1 >>> 0;
      }
    }
    return this.#bytes.subarray(0, count * packetBytes);
  }

  #putTopic(at: number): void {
    const first = this.#turn * this.#topicBytes;
    for (let index = 0; index < this.#topicBytes; index++) {
      this.#bytes[at + index] = this.#topics[first + index] as number;
    }
  }
}

/** One packet, whose mark is not set. */
function encodePacket(options: BatchOptions, topicName: string): Uint8Array {
  const topic = new Writer();
  topic.utf8String(topicName);
  const payloadBytes = new Uint8Array(options.size).fill(FILLER);
  const writer = new Writer();
  writePublish(writer, options.version, {
    encodedTopicName: topic.written(),
    encodedProperties: new Uint8Array(0),
    payloadBytes,
    payloadStart: 0,
    payloadEnd: payloadBytes.length,
  }, { ...newEnvelope(), qos: options.qos, retain: options.retain, packetIdentifier: 1 });
  return writer.written();
}

function repeat(packet: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packet.length * count);
  for (let index = 0; index < count; index++) bytes.set(packet, index * packet.length);
  return bytes;
}
