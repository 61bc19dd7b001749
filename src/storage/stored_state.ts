/**
 * What was loaded from the file, as the core wants it: `StoredState` of `broker/journal.ts`.
 *
 * Owns which rows belong to which session, and reads a session out of what was loaded when it is
 * asked for, so that a million messages are not there twice. What has expired, or belongs to nothing, is left out and removed
 * from the file with the first commit. Invariant: a row that the core did not adopt is removed.
 */

import type { StoredSession, StoredState } from "../broker/journal.ts";
import { ProtocolError } from "../protocol/reason_code.ts";
import { Reader } from "../protocol/reader.ts";
import { type BatchReader, Change } from "./batch.ts";
import { ByteSlab } from "./byte_slab.ts";
import {
  readMessage,
  readOutgoing,
  readSession,
  readSubscription,
  type StoredSubscription,
} from "./contents.ts";
import type { StoreCounts } from "./counts.ts";
import { noCounts } from "./counts.ts";
import { isLarge, LoadedChunks } from "./loaded_chunks.ts";
import type { PendingChanges } from "./pending_changes.ts";
import {
  Fate,
  type RestoredMessage,
  type RestoredOutgoing,
  type RestoredSession,
} from "./restored.ts";

/** The rows of one session. */
class LoadedSession {
  readonly row: number;
  readonly clientIdentifier: string;
  readonly place: number;
  readonly subscriptions: StoredSubscription[] = [];
  readonly inbound: number[] = [];
  /** Places of its outgoing messages. */
  readonly outgoing: number[] = [];
  /** Bytes of the small ones of these messages and a little more. */
  outgoingBytes = 0;

  constructor(row: number, clientIdentifier: string, place: number) {
    this.row = row;
    this.clientIdentifier = clientIdentifier;
    this.place = place;
  }
}

/** The content of a message that several wait for, and how many rows refer to it. */
interface LoadedContent {
  readonly place: number;
  message: RestoredMessage | undefined;
}

export interface LoadedTimes {
  /** What has to be added to the broker's clock to get Unix milliseconds. */
  readonly offsetMs: number;
  /** Broker's clock. */
  readonly nowMs: number;
}

export class LoadedState implements StoredState {
  readonly counts: StoreCounts = noCounts();
  /** Left out because their time is over. */
  readonly expired: StoreCounts = noCounts();
  readonly #changes: PendingChanges;
  readonly #recorded: () => void;
  readonly #chunks = new LoadedChunks();
  #times: LoadedTimes = { offsetMs: 0, nowMs: 0 };
  readonly #sessions = new Map<number, LoadedSession>();
  /** Sessions of one Client Identifier: only a repaired file may have two. */
  readonly #byIdentifier = new Map<string, LoadedSession>();
  readonly #contents = new Map<number, LoadedContent>();
  /** Rows of contents that some outgoing message refers to. */
  readonly #usedContents = new Set<number>();
  #retained: number[] = [];

  /** `recorded` is called when something has to be removed from the file. */
  constructor(changes: PendingChanges, recorded: () => void) {
    this.#changes = changes;
    this.#recorded = recorded;
  }

  // Loading.

  /** Takes the next chunk from the worker. */
  add(chunk: Uint8Array): void {
    this.#chunks.add(chunk, (batch, place) => this.#addRow(batch, place));
  }

  /** Whether the row is read again, at `place`. */
  #addRow(batch: BatchReader, place: number): boolean {
    switch (batch.change) {
      case Change.PutOutgoing:
        return this.#addOutgoing(batch, place);
      case Change.PutMessage:
        this.#contents.set(batch.row, { place, message: undefined });
        this.#changes.reserveRows(0, batch.row, 0);
        return true;
      case Change.PutSession:
        this.#addSession(batch, place);
        return true;
      case Change.PutSubscription:
        this.#addSubscription(batch);
        return false;
      case Change.PutInbound:
        this.#sessions.get(batch.row)?.inbound.push(batch.packetIdentifier);
        this.counts.inbound++;
        return false;
      case Change.PutRetained:
        this.#retained.push(place);
        this.counts.retained++;
        return true;
      default:
        return false;
    }
  }

  #addSubscription(batch: BatchReader): void {
    const read = attempt(() => readSubscription(dataOf(batch), batch.text));
    if (read === undefined) return;
    this.#sessions.get(batch.row)?.subscriptions.push(read);
    this.counts.subscriptions++;
  }

  #addSession(batch: BatchReader, place: number): void {
    const session = new LoadedSession(batch.row, batch.text, place);
    const older = this.#byIdentifier.get(batch.text);
    if (older !== undefined) this.#dropSession(older);
    this.#sessions.set(batch.row, session);
    this.#byIdentifier.set(batch.text, session);
    this.#changes.reserveRows(batch.row, 0, 0);
    this.counts.sessions++;
  }

  #addOutgoing(batch: BatchReader, place: number): boolean {
    const { row, session, message } = batch;
    this.#changes.reserveRows(0, message, row);
    const owner = this.#sessions.get(session);
    if (owner === undefined || message !== 0 && !this.#contents.has(message)) {
      this.#changes.removeStoredRow(row);
      this.#recorded();
      return false;
    }
    if (message !== 0) this.#usedContents.add(message);
    owner.outgoing.push(place);
    if (!isLarge(batch)) owner.outgoingBytes += batch.dataEnd - batch.dataStart;
    this.counts.outgoing++;
    return true;
  }

  /** What was added does not count: the file is read once more. */
  startAgain(): void {
    this.#chunks.clear();
    this.#sessions.clear();
    this.#byIdentifier.clear();
    this.#contents.clear();
    this.#usedContents.clear();
    this.#retained = [];
    Object.assign(this.counts, noCounts());
    this.#changes.forgetEverything();
  }

  /** Everything was added. */
  complete(times: LoadedTimes): void {
    this.#times = times;
    for (const row of this.#contents.keys()) {
      if (!this.#usedContents.has(row)) this.#removeContent(row);
    }
    this.#usedContents.clear();
  }

  #removeContent(row: number): void {
    this.#contents.delete(row);
    this.#changes.removeStoredContent(row);
    this.#recorded();
  }

  #dropSession(session: LoadedSession): void {
    this.#sessions.delete(session.row);
    this.#changes.removeStoredSession(session.row);
    this.#recorded();
  }

  // What the core reads, once.

  get sessions(): Iterable<RestoredSession> {
    return this.#readSessions();
  }

  get retained(): Iterable<RestoredMessage> {
    return this.#readRetained();
  }

  *#readSessions(): Generator<RestoredSession> {
    for (const [row, loaded] of this.#sessions) {
      this.#sessions.delete(row);
      const session = this.#readSession(loaded);
      if (session === undefined) {
        this.#changes.removeStoredSession(row);
        this.#recorded();
        continue;
      }
      if (this.#isOver(session)) {
        this.expired.sessions++;
      } else {
        const outgoing = this.#withoutExpired(session.outgoing);
        const restored = { ...session, outgoing };
        yield restored;
        this.#removeUnadopted(outgoing);
        if (restored.fate === Fate.Adopted) continue;
        restored.fate = Fate.Removed;
      }
      this.#removeUnadopted(session.outgoing);
      this.#changes.removeStoredSession(row);
      this.#recorded();
    }
    this.#byIdentifier.clear();
    for (const [row, { message }] of this.#contents) {
      if (message?.adoptedBy === undefined) this.#removeContent(row);
    }
    this.#contents.clear();
    this.#release();
  }

  /** Undefined when it cannot be understood, as of a version that was newer. */
  #readSession(loaded: LoadedSession): RestoredSession | undefined {
    const { offsetMs, nowMs } = this.#times;
    const batch = this.#chunks.at(loaded.place);
    const slab = new ByteSlab(loaded.outgoingBytes);
    const outgoing = loaded.outgoing.map((place) => this.#readOutgoing(place, slab))
      .filter((each) => each !== undefined)
      // Large rows came before or after the small ones between them.
      .sort((one, other) => one.row - other.row);
    const inFlight = outgoing.filter(({ packetIdentifier }) => packetIdentifier !== 0);
    const queued = outgoing.filter(({ packetIdentifier }) => packetIdentifier === 0);
    const row = attempt(() => readSession(dataOf(batch), offsetMs));
    this.#chunks.done(loaded.place);
    if (row === undefined) return undefined;
    const wasConnected = Number.isNaN(row.disconnectedAtMs);
    return {
      ...row,
      // A machine without a clock of its own may start in the past.
      disconnectedAtMs: wasConnected ? nowMs : Math.min(row.disconnectedAtMs, nowMs),
      wasConnected,
      fate: Fate.Unknown,
      row: loaded.row,
      clientIdentifier: loaded.clientIdentifier,
      subscriptions: loaded.subscriptions,
      outgoing: inFlight.length === 0 ? queued : [...inFlight, ...queued],
      inboundPacketIdentifiers: loaded.inbound,
    };
  }

  #readOutgoing(place: number, slab: ByteSlab): RestoredOutgoing | undefined {
    const { offsetMs } = this.#times;
    const batch = this.#chunks.at(place);
    const read = attempt(() => {
      const message = batch.message === 0 ? undefined : this.#readContent(batch.message);
      return readOutgoing(dataOf(batch), batch, message, offsetMs, slabFor(batch, slab));
    });
    this.#chunks.done(place);
    if (read === undefined) {
      this.#changes.removeStoredRow(batch.row);
      this.#recorded();
    }
    return read;
  }

  #readContent(row: number): RestoredMessage {
    const content = this.#contents.get(row) as LoadedContent;
    if (content.message !== undefined) return content.message;
    const batch = this.#chunks.at(content.place);
    const message = readMessage(dataOf(batch), row, this.#times.offsetMs, slabFor(batch));
    this.#chunks.done(content.place);
    return content.message = message;
  }

  /**
   * The session's time is over and nobody else is concerned. One with a Will, or with messages that
   * another member of a shared subscription may get, is ended by the core.
   */
  #isOver(session: StoredSession): boolean {
    return session.disconnectedAtMs + session.expiryIntervalMs <= this.#times.nowMs &&
      session.will === undefined &&
      session.outgoing.every(({ sharedFilter }) => sharedFilter === undefined);
  }

  /** What was sent already has to be completed, expired or not. */
  #withoutExpired(outgoing: readonly RestoredOutgoing[]): readonly RestoredOutgoing[] {
    const { nowMs } = this.#times;
    const isOver = ({ packetIdentifier, message }: RestoredOutgoing) =>
      packetIdentifier === 0 && message.expiresAtMs <= nowMs;
    const expired = outgoing.filter(isOver);
    if (expired.length === 0) return outgoing;
    this.expired.outgoing += expired.length;
    this.#removeUnadopted(expired);
    return outgoing.filter((each) => !isOver(each));
  }

  #removeUnadopted(outgoing: readonly RestoredOutgoing[]): void {
    for (const stored of outgoing) {
      if (stored.fate !== Fate.Unknown) continue;
      stored.fate = Fate.Removed;
      this.#changes.removeStoredRow(stored.row);
      this.#recorded();
    }
  }

  *#readRetained(): Generator<RestoredMessage> {
    const { offsetMs, nowMs } = this.#times;
    for (const place of this.#retained.splice(0)) {
      const batch = this.#chunks.at(place);
      const message = attempt(() => readMessage(dataOf(batch), 0, offsetMs, slabFor(batch)));
      this.#chunks.done(place);
      if (message !== undefined && message.expiresAtMs > nowMs) {
        yield message;
      } else {
        this.expired.retained += message === undefined ? 0 : 1;
        this.#changes.deleteRetained(batch.text);
        this.#recorded();
      }
    }
    this.#release();
  }

  /** What was left out as well is let go when both have been read. */
  #release(): void {
    if (this.#sessions.size === 0 && this.#retained.length === 0) this.#chunks.clear();
  }
}

/** Checksums are right, so it takes a layout that this program does not know to fail here. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Where the payload of a small row goes; that of a large one stays where it is. */
function slabFor(batch: BatchReader, slab?: ByteSlab): ByteSlab | undefined {
  if (isLarge(batch)) return undefined;
  return slab ?? new ByteSlab(batch.dataEnd - batch.dataStart);
}

function dataOf(batch: BatchReader): Reader {
  return new Reader(batch.bytes, batch.dataStart, batch.dataEnd);
}
