/**
 * What is found by going through a `mosquitto.db` once: its sessions, where its messages are, and
 * what refers to them.
 *
 * Owns what is left out because of its client: sessions that are over, those of bridges. Invariant:
 * all of the file was read, so damage anywhere in it has been reported before anything is written.
 */

import type { ProtocolVersion } from "../../protocol/packet.ts";
import { parseSharedFilter, topicFilterFault } from "../../protocol/topic.ts";
import type { StoredSubscription } from "../../storage/contents.ts";
import type { DatabaseFile } from "./database_file.ts";
import type { FileCursor } from "./file_cursor.ts";
import { MessageTable } from "./message_table.ts";
import { isOutgoing, Purpose, purposeOf } from "./purpose.ts";
import {
  type Chunk,
  ChunkKind,
  NEVER_EXPIRES_SECONDS,
  type PersistedClient,
  type PersistedClientMessage,
  type PersistedSubscription,
} from "./records.ts";
import { type ImportClock, type SessionTimes, sessionTimes } from "./session_times.ts";
import { Usernames } from "./usernames.ts";

/** Chunks between two pauses. */
const CHUNKS_AT_ONCE = 5000;

export interface IndexOptions extends ImportClock {
  /** Else User Names are left out: who gave one may have been anybody. */
  readonly usersAreProven: boolean;
  /** Whether the session is that of a bridge of Mosquitto, which is not wanted. */
  isBridge(clientIdentifier: string): boolean;
}

export interface IndexedSession extends SessionTimes {
  readonly row: number;
  readonly clientIdentifier: string;
  readonly username: string | undefined;
  /** The file does not say; anything but MQTT 3.1.1 shows in what the client has asked for. */
  protocolVersion: ProtocolVersion;
  readonly subscriptions: StoredSubscription[];
}

/** A QoS 2 message that a client has sent and not released: Mosquitto has not passed it on yet. */
export interface InboundMessage {
  readonly session: IndexedSession;
  readonly packetIdentifier: number;
  /** In the table. */
  readonly message: number;
}

export class DatabaseIndex {
  readonly messages = new MessageTable();
  /** By Client Identifier; undefined: it is left out. */
  readonly sessions = new Map<string, IndexedSession | undefined>();
  readonly inbound: InboundMessage[] = [];
  /** Indexes of messages. */
  readonly retained: number[] = [];
  readonly usernames = new Usernames();
  subscriptionCount = 0;
  expiredSessions = 0;
  /** Client Identifiers. */
  readonly bridges: string[] = [];
  /** Why subscriptions were left out, one line each. */
  readonly invalidSubscriptions: string[] = [];
  /** Chunks of clients that are not in the file, or without Client Identifier. */
  orphans = 0;
  /** References to messages that are not in the file. */
  missing = 0;
  unknownChunks = 0;
  readonly #options: IndexOptions;
  #nextRow = 1;

  constructor(options: IndexOptions) {
    this.#options = options;
  }

  /** Reads the file in steps. Throws `DatabaseError`. */
  *read(file: DatabaseFile): Generator<void> {
    let count = 0;
    for (const { chunk, cursor } of file.chunks()) {
      this.#add(file, chunk, cursor);
      if (++count % CHUNKS_AT_ONCE === 0) yield;
    }
  }

  #add({ layout }: DatabaseFile, chunk: Chunk, cursor: FileCursor): void {
    switch (chunk.kind) {
      case ChunkKind.Config:
        layout.config(cursor);
        return;
      case ChunkKind.Message: {
        const { key, topicName, expiresAtMs } = layout.message(cursor);
        const isExpired = expiresAtMs <= this.#options.nowMs;
        if (topicName !== "") this.messages.add(key, chunk.start, isExpired);
        return;
      }
      case ChunkKind.ClientMessage:
        return this.#addClientMessage(layout.clientMessage(cursor));
      case ChunkKind.Retained: {
        const index = this.messages.indexOf(layout.retained(cursor));
        if (index === undefined) this.missing++;
        else this.#addRetained(index);
        return;
      }
      case ChunkKind.Subscription:
        return this.#addSubscription(layout.subscription(cursor));
      case ChunkKind.Client:
        return this.#addClient(layout.client(cursor, chunk), cursor);
      default:
        cursor.passOver(chunk.length, "chunk");
        this.unknownChunks++;
    }
  }

  #addRetained(index: number): void {
    this.messages.want(index);
    this.retained.push(index);
  }

  #addClientMessage(message: PersistedClientMessage): void {
    const index = this.messages.indexOf(message.message);
    const session = this.sessions.get(message.clientIdentifier);
    if (index !== undefined) this.messages.want(index);
    if (session === undefined) {
      if (!this.sessions.has(message.clientIdentifier)) this.orphans++;
      return;
    }
    if (index === undefined) {
      this.missing++;
      return;
    }
    const { packetIdentifier } = message;
    const purpose = purposeOf(message, this.messages.isExpired(index));
    if (isOutgoing(purpose)) this.messages.addWaiting(index);
    else if (purpose === Purpose.Inbound && packetIdentifier > 0) {
      this.inbound.push({ session, packetIdentifier, message: index });
    }
  }

  #addSubscription(persisted: PersistedSubscription): void {
    const { clientIdentifier, topicFilter, identifier } = persisted;
    const session = this.sessions.get(clientIdentifier);
    if (session === undefined) {
      if (!this.sessions.has(clientIdentifier)) this.orphans++;
      return;
    }
    const fault = topicFilterFault(topicFilter);
    if (fault !== undefined) {
      this.invalidSubscriptions.push(`'${topicFilter}' of client '${clientIdentifier}': ${fault}`);
      return;
    }
    const { qos, noLocal, retainAsPublished } = persisted;
    const shareName = parseSharedFilter(topicFilter)?.shareName;
    if (noLocal || retainAsPublished || identifier > 0) session.protocolVersion = 5;
    this.subscriptionCount++;
    session.subscriptions.push({
      topicFilter,
      qos,
      noLocal,
      retainAsPublished,
      identifier,
      shareName,
      replayPending: false,
    });
  }

  #addClient(client: PersistedClient, cursor: FileCursor): void {
    const { clientIdentifier, sessionExpiryInterval } = client;
    const { usersAreProven } = this.#options;
    const username = usersAreProven ? this.usernames.of(client.username, cursor) : undefined;
    if (clientIdentifier === "") {
      this.orphans++;
      return;
    }
    if (this.sessions.has(clientIdentifier)) return;
    const times = sessionTimes(client, this.#options);
    if (this.#options.isBridge(clientIdentifier)) this.bridges.push(clientIdentifier);
    else if (times.isOver) this.expiredSessions++;
    else {
      this.sessions.set(clientIdentifier, {
        ...times,
        row: this.#nextRow++,
        clientIdentifier,
        username,
        protocolVersion: sessionExpiryInterval === NEVER_EXPIRES_SECONDS ? 4 : 5,
        subscriptions: [],
      });
      return;
    }
    this.sessions.set(clientIdentifier, undefined);
  }
}
