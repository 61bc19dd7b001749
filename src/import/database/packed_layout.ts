/**
 * The layout of versions 2 to 4 (Mosquitto 1.0 to 1.5): fields one after the other, texts with two
 * bytes of length before them.
 *
 * Owns the order of the fields. What a chunk says of its length cannot be relied on (Mosquitto never
 * did), but for a client's, whose time has four or eight bytes.
 */

import type { FileCursor } from "./file_cursor.ts";
import { checkKeySize, readTopicName, toIsIncoming, toQoS, toState } from "./fields.ts";
import {
  type Chunk,
  type Layout,
  type MessageKey,
  NEVER_EXPIRES_SECONDS,
  type PersistedClient,
  type PersistedClientMessage,
  type PersistedConfig,
  type PersistedMessage,
  type PersistedSubscription,
} from "./records.ts";

const NO_BYTES = new Uint8Array(0);
const NO_IDENTIFIERS: readonly number[] = Object.freeze([]);
/** Client Identifier and last Packet Identifier, without their text. */
const CLIENT_BYTES = 4;

export class PackedLayout implements Layout<FileCursor> {
  readonly #version: number;

  constructor(version: 2 | 3 | 4) {
    this.#version = version;
  }

  nextChunk(cursor: FileCursor): Chunk | undefined {
    if (cursor.remaining === 0) return undefined;
    const start = cursor.position;
    const kind = cursor.twoByteInteger("kind of chunk");
    const length = cursor.fourByteInteger("length of chunk");
    return { kind, start, length };
  }

  config(cursor: FileCursor): PersistedConfig {
    const savedAtShutdown = cursor.byte("shutdown") !== 0;
    checkKeySize(cursor, cursor.byte("size of message numbers"));
    cursor.passOver(8, "last number of a message");
    return { savedAtShutdown };
  }

  message(cursor: FileCursor): PersistedMessage {
    const key = cursor.messageKey("number of message");
    const sourceIdentifier = readText(cursor, "Client Identifier of publisher");
    if (this.#version === 4) {
      cursor.passOver(cursor.twoByteInteger("length of User Name"), "User Name of publisher");
      cursor.passOver(2, "port of listener");
    }
    cursor.passOver(4, "Packet Identifiers");
    const topicName = readTopicName(cursor, cursor.twoByteInteger("length of Topic Name"), true);
    const qos = toQoS(cursor, cursor.byte("QoS"));
    const retain = cursor.byte("RETAIN") !== 0;
    const payload = cursor.take(cursor.fourByteInteger("length of payload"), "payload");
    return {
      key,
      topicName,
      payload,
      qos,
      retain,
      encodedProperties: NO_BYTES,
      expiresAtMs: Infinity,
      sourceIdentifier,
    };
  }

  passOverMessage(cursor: FileCursor): void {
    this.message(cursor);
  }

  clientMessage(cursor: FileCursor): PersistedClientMessage {
    const clientIdentifier = readText(cursor, "Client Identifier");
    const message = cursor.messageKey("number of message");
    const packetIdentifier = cursor.twoByteInteger("Packet Identifier");
    const qos = toQoS(cursor, cursor.byte("QoS"));
    const retain = cursor.byte("RETAIN") !== 0;
    const isIncoming = toIsIncoming(cursor, cursor.byte("direction of message"));
    const state = toState(cursor, cursor.byte("state of message"));
    cursor.passOver(1, "DUP");
    return {
      clientIdentifier,
      message,
      packetIdentifier,
      qos,
      retain,
      isIncoming,
      state,
      subscriptionIdentifiers: NO_IDENTIFIERS,
    };
  }

  retained(cursor: FileCursor): MessageKey {
    return cursor.messageKey("number of retained message");
  }

  subscription(cursor: FileCursor): PersistedSubscription {
    return {
      clientIdentifier: readText(cursor, "Client Identifier"),
      topicFilter: readText(cursor, "Topic Filter"),
      qos: toQoS(cursor, cursor.byte("QoS")),
      noLocal: false,
      retainAsPublished: false,
      identifier: 0,
    };
  }

  client(cursor: FileCursor, { length }: Chunk): PersistedClient {
    const { position } = cursor;
    const clientIdentifier = readText(cursor, "Client Identifier");
    cursor.passOver(2, "last Packet Identifier");
    const timeBytes = length - (cursor.position - position);
    return {
      clientIdentifier,
      username: NO_BYTES,
      sessionExpiryInterval: NEVER_EXPIRES_SECONDS,
      sessionExpiryTime: 0,
      disconnectedTime: this.#version === 2 ? undefined : readTime(cursor, timeBytes),
    };
  }
}

function readTime(cursor: FileCursor, bytes: number): number {
  if (bytes === 4 || bytes === 8) return cursor.time("time of disconnection", bytes);
  const length = bytes + CLIENT_BYTES;
  throw cursor.failure(`Cannot decode client: it cannot have ${length} bytes besides its name`);
}

function readText(cursor: FileCursor, field: string): string {
  return cursor.text(cursor.twoByteInteger(`length of ${field}`), field);
}
