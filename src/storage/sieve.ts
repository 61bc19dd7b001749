/**
 * Counts what is read of a store, and leaves out of it what nobody asked for.
 *
 * Owns the counts, and knows which rows belong to which session; keeps no content. It goes through
 * chunks (`batch.ts`) on their way from `TableReader` to `LoadedState`. Rows that belong to nothing,
 * as damage leaves them, are not counted.
 */

import { Reader } from "../protocol/reader.ts";
import { BatchReader, Change } from "./batch.ts";
import { readSession } from "./contents.ts";
import { noCounts, type StoreCounts } from "./counts.ts";

/** What is to be kept of a store. Sessions and their subscriptions always are. */
export interface Wanted {
  /** Whether the messages of this session are. */
  messagesOf(clientIdentifier: string): boolean;
  /** Whether the retained message of this topic is. */
  retained(topicName: string): boolean;
}

export const EVERYTHING: Wanted = { messagesOf: () => true, retained: () => true };

export interface InspectedCounts extends StoreCounts {
  /** Sessions whose client is connected, or was when the broker ended. */
  connected: number;
  /** Of `outgoing`: sent, and not acknowledged in full. The others are queued. */
  inFlight: number;
}

/** What waits for one session. */
export interface SessionCounts {
  queued: number;
  inFlight: number;
}

interface SiftedSession extends SessionCounts {
  /** As the file says: `NaN` while the client is connected. */
  readonly disconnectedAtMs: number;
  readonly wantsMessages: boolean;
}

const UNKNOWN: SiftedSession = {
  disconnectedAtMs: NaN,
  wantsMessages: false,
  queued: 0,
  inFlight: 0,
};

export class Sieve {
  readonly counts: InspectedCounts = { ...noCounts(), connected: 0, inFlight: 0 };
  readonly #wanted: Wanted;
  readonly #sessions = new Map<number, SiftedSession>();
  /** Rows by Client Identifier: only a repaired file has two of one, and then the last counts. */
  readonly #rows = new Map<string, number>();
  /** Rows of contents that outgoing messages refer to. */
  readonly #contents = new Set<number>();
  #wantsMessages = false;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** What is known of a session. */
  session(row: number): Readonly<SessionCounts> & { readonly disconnectedAtMs: number } {
    return this.#sessions.get(row) ?? UNKNOWN;
  }

  /** Counts a chunk, and returns what is wanted of it. */
  sift(chunk: Uint8Array): Uint8Array {
    const batch = new BatchReader(chunk);
    const kept: Uint8Array[] = [];
    /** Where the rows start that are kept and not in `kept` yet. */
    let start = 0;
    for (let at = 0; batch.next(); at = batch.position) {
      if (this.#add(batch)) continue;
      kept.push(chunk.subarray(start, at));
      start = batch.position;
    }
    if (start === 0) return chunk;
    kept.push(chunk.subarray(start));
    return joined(kept);
  }

  /** Counts a row; false when it is not wanted. */
  #add(batch: BatchReader): boolean {
    switch (batch.change) {
      case Change.PutSession:
        return this.#addSession(batch);
      case Change.PutSubscription:
        if (this.#sessions.has(batch.row)) this.counts.subscriptions++;
        return true;
      case Change.PutInbound:
        if (this.#sessions.has(batch.row)) this.counts.inbound++;
        return true;
      case Change.PutMessage:
        this.#contents.add(batch.row);
        return this.#wantsMessages;
      case Change.PutRetained:
        this.counts.retained++;
        return this.#wanted.retained(batch.text);
      default:
        return this.#addOutgoing(batch);
    }
  }

  #addSession({ row, text, bytes, dataStart, dataEnd }: BatchReader): true {
    const { disconnectedAtMs } = readSession(new Reader(bytes, dataStart, dataEnd), 0);
    const wantsMessages = this.#wanted.messagesOf(text);
    const older = this.#rows.get(text);
    if (older !== undefined) this.#forget(older);
    this.#rows.set(text, row);
    this.#sessions.set(row, { disconnectedAtMs, wantsMessages, queued: 0, inFlight: 0 });
    this.#wantsMessages ||= wantsMessages;
    this.counts.sessions++;
    if (Number.isNaN(disconnectedAtMs)) this.counts.connected++;
    return true;
  }

  #forget(row: number): void {
    if (Number.isNaN(this.#sessions.get(row)?.disconnectedAtMs)) this.counts.connected--;
    this.#sessions.delete(row);
    this.counts.sessions--;
  }

  #addOutgoing({ session, message, packetIdentifier }: BatchReader): boolean {
    const owner = this.#sessions.get(session);
    if (owner === undefined || message !== 0 && !this.#contents.has(message)) return false;
    this.counts.outgoing++;
    if (packetIdentifier === 0) {
      owner.queued++;
    } else {
      owner.inFlight++;
      this.counts.inFlight++;
    }
    return owner.wantsMessages;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
