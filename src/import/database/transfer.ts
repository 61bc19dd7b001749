/**
 * Writes what an index has found into a new store.
 *
 * Owns the second way through the file: what waits for a client is read in the order of the file,
 * which is that in which the client is to get it, and its content from where that is. Invariant: a
 * content that several wait for is written once, with a row of its own.
 */

import { LONGEST_PUBLISHER, Message } from "../../broker/message.ts";
import { Outgoing } from "../../broker/outgoing.ts";
import { Topic } from "../../broker/topic_table.ts";
import type { DatabaseFile } from "./database_file.ts";
import type { DatabaseIndex, IndexedSession } from "./database_index.ts";
import type { FileCursor } from "./file_cursor.ts";
import { deliverInbound, type InboundDeliveries } from "./inbound_delivery.ts";
import { isOutgoing, Purpose, purposeOf } from "./purpose.ts";
import { type Chunk, ChunkKind, type PersistedClientMessage } from "./records.ts";
import type { StoreRows } from "./store_rows.ts";

/** Chunks between two pauses. */
const CHUNKS_AT_ONCE = 5000;
const SYSTEM_TOPICS = "$SYS/";

/** What was written, and what was left out. */
export interface Tally {
  sessions: number;
  retained: number;
  queued: number;
  inflight: number;
  /** QoS 2 messages that their clients had not released. */
  inbound: number;
  /** Messages whose time is over. */
  expired: number;
  /** Messages of QoS 0 that waited for a client. */
  qos0: number;
}

export class Transfer {
  readonly tally: Tally = {
    sessions: 0,
    retained: 0,
    queued: 0,
    inflight: 0,
    inbound: 0,
    expired: 0,
    qos0: 0,
  };
  readonly #file: DatabaseFile;
  readonly #index: DatabaseIndex;
  readonly #rows: StoreRows;
  readonly #inbound: InboundDeliveries;

  constructor(file: DatabaseFile, index: DatabaseIndex, rows: StoreRows) {
    this.#file = file;
    this.#index = index;
    this.#rows = rows;
    this.#inbound = deliverInbound(file, index);
    for (const { message } of this.#inbound.deliveries) index.messages.addWaiting(message);
  }

  /** Writes everything, in steps. Throws `DatabaseError`. */
  *steps(): Generator<void> {
    yield* this.#writeSessions();
    yield* this.#writeContents();
    yield* this.#writeClientMessages();
    this.#writeInbound();
    yield* this.#writeRetained();
    this.#rows.flush();
  }

  *#writeSessions(): Generator<void> {
    for (const session of this.#index.sessions.values()) {
      if (session === undefined) continue;
      this.#rows.session(session.row, session.clientIdentifier, toContent(session));
      this.tally.sessions++;
      for (const each of session.subscriptions) this.#rows.subscription(session.row, each);
      yield* this.#pause();
    }
  }

  *#writeContents(): Generator<void> {
    const { messages } = this.#index;
    for (let index = 0; index < messages.size; index++) {
      if (messages.waitingFor(index) < 2) continue;
      this.#rows.message(contentRow(index), this.#read(index));
      yield* this.#pause();
    }
  }

  *#writeClientMessages(): Generator<void> {
    let count = 0;
    for (const { chunk, cursor } of this.#file.chunks()) {
      this.#writeClientMessage(chunk, cursor);
      yield* this.#pause();
      if (++count % CHUNKS_AT_ONCE === 0) yield;
    }
  }

  #writeClientMessage(chunk: Chunk, cursor: FileCursor): void {
    const { layout } = this.#file;
    switch (chunk.kind) {
      case ChunkKind.ClientMessage: {
        const message = layout.clientMessage(cursor);
        const session = this.#index.sessions.get(message.clientIdentifier);
        const index = this.#index.messages.indexOf(message.message);
        if (session !== undefined && index !== undefined) this.#write(session, message, index);
        return;
      }
      case ChunkKind.Message:
        return layout.passOverMessage(cursor);
      // The first way through the file has taken these; their lengths may not be right.
      case ChunkKind.Config:
        layout.config(cursor);
        return;
      case ChunkKind.Retained:
        layout.retained(cursor);
        return;
      case ChunkKind.Subscription:
        layout.subscription(cursor);
        return;
      case ChunkKind.Client:
        layout.client(cursor, chunk);
        return;
      default:
        cursor.passOver(chunk.length, "chunk");
    }
  }

  #write(session: IndexedSession, persisted: PersistedClientMessage, index: number): void {
    const purpose = purposeOf(persisted, this.#index.messages.isExpired(index));
    if (purpose === Purpose.Expired) this.tally.expired++;
    if (purpose === Purpose.QoS0) this.tally.qos0++;
    if (!isOutgoing(purpose)) return;
    const { qos, retain, subscriptionIdentifiers, packetIdentifier } = persisted;
    const isShared = this.#index.messages.waitingFor(index) > 1;
    const message = isShared ? NO_CONTENT : this.#read(index);
    const outgoing = new Outgoing(message, qos, retain, subscriptionIdentifiers, undefined);
    if (purpose === Purpose.Queued) this.tally.queued++;
    else {
      this.tally.inflight++;
      outgoing.packetIdentifier = packetIdentifier;
      outgoing.released = purpose === Purpose.Released;
    }
    this.#rows.outgoing(session.row, outgoing, isShared ? contentRow(index) : 0);
  }

  /** Behind all that waits already. */
  #writeInbound(): void {
    const { messages, inbound } = this.#index;
    for (const { session, packetIdentifier } of inbound) {
      this.#rows.inbound(session.row, packetIdentifier);
      this.tally.inbound++;
    }
    for (const delivery of this.#inbound.deliveries) {
      const { session, message: index, qos, retain, subscriptionIdentifiers, group } = delivery;
      const isShared = messages.waitingFor(index) > 1;
      const message = isShared ? NO_CONTENT : this.#read(index);
      const outgoing = new Outgoing(message, qos, retain, subscriptionIdentifiers, group);
      this.#rows.outgoing(session.row, outgoing, isShared ? contentRow(index) : 0);
      this.tally.queued++;
    }
  }

  *#writeRetained(): Generator<void> {
    const { retained } = this.#inbound;
    for (const index of this.#index.retained) {
      const message = this.#read(index);
      const { name } = message.topic;
      if (retained.has(name) || name.startsWith(SYSTEM_TOPICS)) continue;
      this.#writeRetainedMessage(index, message);
      yield* this.#pause();
    }
    for (const index of retained.values()) {
      if (index !== undefined) this.#writeRetainedMessage(index, this.#read(index));
    }
  }

  #writeRetainedMessage(index: number, message: Message): void {
    if (this.#index.messages.isExpired(index)) {
      this.tally.expired++;
      return;
    }
    // By what it was published with: old files say so only of those that wait.
    message.retain = true;
    this.#rows.retained(message);
    this.tally.retained++;
  }

  #read(index: number): Message {
    const content = this.#file.messageAt(this.#index.messages.startOf(index));
    const { topicName, payload, qos, retain, encodedProperties, expiresAtMs } = content;
    const topic = new Topic(topicName);
    const message = new Message(topic, payload, qos, retain, encodedProperties, expiresAtMs);
    const { sourceIdentifier } = content;
    const isKnown = sourceIdentifier !== "" && sourceIdentifier.length <= LONGEST_PUBLISHER;
    if (isKnown) message.publisher = sourceIdentifier;
    return message;
  }

  *#pause(): Generator<void> {
    if (!this.#rows.isFull) return;
    this.#rows.flush();
    yield;
  }
}

/** Of an outgoing message whose content has a row of its own. */
const NO_CONTENT = new Message(new Topic(""), new Uint8Array(0), 0, false);

function contentRow(index: number): number {
  return index + 1;
}

function toContent(session: IndexedSession): Parameters<StoreRows["session"]>[2] {
  const { username, protocolVersion, expiryIntervalMs, disconnectedAtMs } = session;
  return {
    // Mosquitto says by which port it came in, of some clients the wrong one, but not from where.
    identity: { username, groups: [], listener: "", address: "" },
    protocolVersion,
    bridge: false,
    will: undefined,
    expiryIntervalMs,
    disconnectedAtMs,
  };
}
