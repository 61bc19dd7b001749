/**
 * The layout of versions 5 (Mosquitto 1.6) and 6 (Mosquitto 2): each chunk is a block of fixed size,
 * as it was in Mosquitto's memory, and what has a length follows.
 *
 * Owns the places of the fields. Lengths, Packet Identifiers, ports and Subscription Identifiers are
 * big-endian; times and the numbers of messages are in the byte order of the computer. Gaps at the
 * end of a block depend on the computer too.
 */

import { type FileCursor, twoBytesAt } from "./file_cursor.ts";
import {
  checkKeySize,
  expiryMs,
  readMessageProperties,
  readSubscriptionIdentifiers,
  readTopicName,
  toIsIncoming,
  toQoS,
  toState,
} from "./fields.ts";
import type {
  Chunk,
  Layout,
  MessageKey,
  PersistedClient,
  PersistedClientMessage,
  PersistedConfig,
  PersistedMessage,
  PersistedSubscription,
} from "./records.ts";

/** Of a client of version 6, without the gap. */
const CLIENT_BYTES = 20;
/** A gap: none where eight-byte numbers stand at multiples of four (32-bit x86). */
const CLIENT_GAPS = [0, 4];
const NO_LOCAL = 0b100;
const RETAIN_AS_PUBLISHED = 0b1000;

export class StructLayout implements Layout<FileCursor> {
  readonly #version: 5 | 6;
  readonly #fileEnd: number;

  constructor(version: 5 | 6, fileEnd: number) {
    this.#version = version;
    this.#fileEnd = fileEnd;
  }

  nextChunk(cursor: FileCursor): Chunk | undefined {
    cursor.end = this.#fileEnd;
    if (cursor.remaining === 0) return undefined;
    const start = cursor.position;
    const kind = cursor.fourByteInteger("kind of chunk");
    const length = cursor.fourByteInteger("length of chunk");
    if (length > cursor.remaining) {
      throw cursor.failure(
        `the file ends within a chunk: ${length} bytes announced, ${cursor.remaining} remain`,
        start,
      );
    }
    cursor.end = cursor.position + length;
    return { kind, start, length };
  }

  config(cursor: FileCursor): PersistedConfig {
    cursor.passOver(8, "last number of a message");
    const savedAtShutdown = cursor.byte("shutdown") !== 0;
    checkKeySize(cursor, cursor.byte("size of message numbers"));
    cursor.passOver(cursor.remaining, "gap");
    return { savedAtShutdown };
  }

  message(cursor: FileCursor): PersistedMessage {
    const key = cursor.messageKey("number of message");
    const expiresAtMs = expiryMs(cursor.time("expiry of message"));
    const payloadLength = cursor.fourByteInteger("length of payload");
    const lengths = cursor.take(10, "lengths");
    const qos = toQoS(cursor, cursor.byte("QoS"));
    const retain = cursor.byte("RETAIN") !== 0;
    // At 0 is the Packet Identifier that the publisher used, at 8 the port that it came in by.
    const sourceIdentifier = cursor.text(twoBytesAt(lengths, 2), "Client Identifier of publisher");
    cursor.passOver(twoBytesAt(lengths, 4), "User Name of publisher");
    const topicName = readTopicName(cursor, twoBytesAt(lengths, 6), false);
    const payload = cursor.take(payloadLength, "payload");
    const encodedProperties = readMessageProperties(cursor);
    return {
      key,
      topicName,
      payload,
      qos,
      retain,
      encodedProperties,
      expiresAtMs,
      sourceIdentifier,
    };
  }

  passOverMessage(cursor: FileCursor): void {
    cursor.passOver(cursor.remaining, "message");
  }

  clientMessage(cursor: FileCursor): PersistedClientMessage {
    const message = cursor.messageKey("number of message");
    const packetIdentifier = cursor.twoByteInteger("Packet Identifier");
    const idLength = cursor.twoByteInteger("length of Client Identifier");
    const qos = toQoS(cursor, cursor.byte("QoS"));
    const state = toState(cursor, cursor.byte("state of message"));
    const retain = (cursor.byte("RETAIN and DUP") & 0xf0) !== 0;
    const isIncoming = toIsIncoming(cursor, cursor.byte("direction of message"));
    const clientIdentifier = cursor.text(idLength, "Client Identifier");
    const subscriptionIdentifiers = readSubscriptionIdentifiers(cursor);
    return {
      clientIdentifier,
      message,
      packetIdentifier,
      qos,
      retain,
      isIncoming,
      state,
      subscriptionIdentifiers,
    };
  }

  retained(cursor: FileCursor): MessageKey {
    return cursor.messageKey("number of retained message");
  }

  subscription(cursor: FileCursor): PersistedSubscription {
    const identifier = cursor.fourByteInteger("Subscription Identifier");
    const idLength = cursor.twoByteInteger("length of Client Identifier");
    const filterLength = cursor.twoByteInteger("length of Topic Filter");
    const qos = toQoS(cursor, cursor.byte("QoS"));
    const options = cursor.byte("Subscription Options");
    const gap = cursor.remaining - idLength - filterLength;
    if (gap !== 2) throw wrongSize(cursor, "Subscription", gap - 2);
    cursor.passOver(gap, "gap");
    return {
      clientIdentifier: cursor.text(idLength, "Client Identifier"),
      topicFilter: cursor.text(filterLength, "Topic Filter"),
      qos,
      noLocal: (options & NO_LOCAL) !== 0,
      retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
      identifier,
    };
  }

  client(cursor: FileCursor, { length }: Chunk): PersistedClient {
    const sessionExpiryTime = cursor.time("expiry of session");
    const sessionExpiryInterval = cursor.fourByteInteger("Session Expiry Interval");
    cursor.passOver(2, "last Packet Identifier");
    const idLength = cursor.twoByteInteger("length of Client Identifier");
    let usernameLength = 0;
    if (this.#version === 6) {
      cursor.passOver(2, "port of listener");
      usernameLength = cursor.twoByteInteger("length of User Name");
      const gap = length - CLIENT_BYTES - idLength - usernameLength;
      if (!CLIENT_GAPS.includes(gap)) throw wrongSize(cursor, "client", gap);
      cursor.passOver(gap, "gap");
    }
    return {
      clientIdentifier: cursor.text(idLength, "Client Identifier"),
      username: cursor.take(usernameLength, "User Name"),
      sessionExpiryInterval,
      sessionExpiryTime,
      disconnectedTime: undefined,
    };
  }
}

function wrongSize(cursor: FileCursor, what: string, difference: number): Error {
  const amount = difference < 0 ? `${-difference} bytes are missing` : `${difference} too many`;
  return cursor.failure(`Cannot decode ${what}: its lengths do not fit into its chunk, ${amount}`);
}
