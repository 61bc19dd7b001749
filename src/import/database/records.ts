/**
 * What is in a `mosquitto.db`, whatever the version of its layout.
 *
 * Owns the meaning of the numbers in it: kinds of chunks, directions, states.
 */

import type { QoS } from "../../protocol/packet.ts";

/** A file is a header and then one chunk after the other. */
export enum ChunkKind {
  Config = 1,
  Message = 2,
  ClientMessage = 3,
  Retained = 4,
  Subscription = 5,
  Client = 6,
}

export interface Chunk {
  /** May be another number than those of `ChunkKind`. */
  readonly kind: number;
  /** Where it starts in the file. */
  readonly start: number;
  /** Bytes after its header, as it says itself. */
  readonly length: number;
}

/** The number by which chunks refer to a message; one that is too large for a number is a bigint. */
export type MessageKey = number | bigint;

export interface PersistedConfig {
  /** False: Mosquitto wrote the file while it was running, and may have gone on. */
  readonly savedAtShutdown: boolean;
}

/** An Application Message, for whoever waits for it. */
export interface PersistedMessage {
  readonly key: MessageKey;
  /** Empty only in old files, where nobody may refer to it. */
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** As `Message.encodedProperties` of the core. */
  readonly encodedProperties: Uint8Array;
  /** Unix milliseconds; `Infinity`: never. */
  readonly expiresAtMs: number;
  /** Client Identifier of its publisher. */
  readonly sourceIdentifier: string;
}

export const NEVER_EXPIRES_SECONDS = 0xffff_ffff;

/** A client with a session. */
export interface PersistedClient {
  readonly clientIdentifier: string;
  /** Bytes as they are in the file (`Usernames` says why); empty: none. */
  readonly username: Uint8Array;
  /** Seconds; `NEVER_EXPIRES_SECONDS`. */
  readonly sessionExpiryInterval: number;
  /** When the session ends, in seconds since 1970; 0: that is not decided. */
  readonly sessionExpiryTime: number;
  /** When the client left, in seconds since 1970; undefined: that is not known. */
  readonly disconnectedTime: number | undefined;
}

export interface PersistedSubscription {
  readonly clientIdentifier: string;
  readonly topicFilter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: none. */
  readonly identifier: number;
}

/** That a client waits for a message, or has sent one of QoS 2 that it has not released. */
export interface PersistedClientMessage {
  readonly clientIdentifier: string;
  readonly message: MessageKey;
  readonly packetIdentifier: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly isIncoming: boolean;
  readonly state: MessageState;
  readonly subscriptionIdentifiers: readonly number[];
}

/** Where a message stands between Mosquitto and a client. */
export enum MessageState {
  Invalid = 0,
  PublishQoS0 = 1,
  PublishQoS1 = 2,
  WaitForPuback = 3,
  PublishQoS2 = 4,
  WaitForPubrec = 5,
  ResendPubrel = 6,
  WaitForPubrel = 7,
  ResendPubcomp = 8,
  WaitForPubcomp = 9,
  SendPubrec = 10,
  Queued = 11,
}

/** What one version of the layout makes of chunks. The cursor is behind the header of the chunk. */
export interface Layout<Cursor> {
  /** Undefined at the end of the file. `cursor.end` may be that of the chunk from then on. */
  nextChunk(cursor: Cursor): Chunk | undefined;
  config(cursor: Cursor): PersistedConfig;
  message(cursor: Cursor): PersistedMessage;
  /** The same, when nobody wants it. */
  passOverMessage(cursor: Cursor): void;
  clientMessage(cursor: Cursor): PersistedClientMessage;
  /** The key of a message that is retained for its topic. */
  retained(cursor: Cursor): MessageKey;
  subscription(cursor: Cursor): PersistedSubscription;
  client(cursor: Cursor, chunk: Chunk): PersistedClient;
}
