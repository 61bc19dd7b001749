/**
 * What was recorded since the last batch was taken, and the rows of everything durable.
 *
 * Owns the numbering of rows and the counting of references to message contents. Invariants: an
 * outgoing message that is removed before its batch is taken leaves nothing behind; rows of a
 * session's outgoing messages grow in the order in which they were added; the content of a message
 * is written once if several wait for it, and deleted with the last of them; times that were written
 * since the start are right by the wall's clock of the last batch.
 */

import type { Message } from "../broker/message.ts";
import type { Outgoing } from "../broker/outgoing.ts";
import type { Session } from "../broker/session.ts";
import type { Subscription } from "../broker/subscription.ts";
import type { Writer } from "../protocol/writer.ts";
import { Change, writeDelete } from "./batch.ts";
import { type BatchSource, writeBatch } from "./pending_batch.ts";
import { Fate, type RestoredOutgoing, type RestoredSession } from "./restored.ts";
import { SessionEntry } from "./session_entry.ts";

/** The list of added messages is packed when it has this many and most of them are gone. */
const PACKING_MINIMUM = 1024;

/**
 * When the wall's clock has moved by this much against the broker's, what was written with it is
 * written again: machines without a clock of their own start in the past.
 */
const CLOCK_JUMP_MS = 10_000;

const TOO_LATE = "Cannot adopt what was stored: it has to be done while its session is read";

export class PendingChanges implements BatchSource {
  readonly #entries = new Map<string, SessionEntry>();
  #nextSessionRow = 1;
  #nextMessageRow = 1;
  /** The row of the first in `#added`: rows below it are in batches that were taken. */
  #firstAddedRow = 1;
  /** In order; undefined where one was removed again. */
  added: (Outgoing | undefined)[] = [];
  addedTo: SessionEntry[] = [];
  #addedCount = 0;
  updated: Outgoing[] = [];
  removedRows: number[] = [];
  removedContentRows: number[] = [];
  deletedSessionRows: number[] = [];
  touched: SessionEntry[] = [];
  /** By Topic Name; undefined: deleted. */
  retained = new Map<string, Message | undefined>();
  /** Of rows that are stored: their times are written again with the next batch. */
  redated: { readonly outgoing: Outgoing; readonly entry: SessionEntry }[] = [];

  /** By Topic Name: retained messages that expire and were recorded since the start. */
  readonly #expiring = new Map<string, Message>();
  /** Rows from these on were added since the start: their times are of `#offsetMs`. */
  #firstOwnRow = 1;
  #firstOwnMessageRow = 1;
  /** What was added to the broker's clock in the last batch; undefined: there was none. */
  #offsetMs: number | undefined;

  /** The entry that was asked for last: changes come in runs for one session. */
  #lastEntry: SessionEntry | undefined;

  /** Messages that were added and not removed again. */
  get addedCount(): number {
    return this.#addedCount;
  }

  /** Roughly how much there is to write: what belongs to one session counts as one. */
  get count(): number {
    return this.#addedCount + this.removedRows.length + this.updated.length + this.touched.length +
      this.retained.size + this.removedContentRows.length + this.deletedSessionRows.length;
  }

  /** There is nothing to write. */
  get isEmpty(): boolean {
    return this.#addedCount === 0 && this.removedRows.length === 0 &&
      this.updated.length === 0 && this.touched.length === 0 && this.retained.size === 0 &&
      this.removedContentRows.length === 0 && this.deletedSessionRows.length === 0;
  }

  // What came from the file.

  /** `session` stands for what is in the file as `stored`. */
  adoptSession(session: Session, stored: RestoredSession): void {
    if (stored.fate === Fate.Removed) throw new Error(TOO_LATE);
    stored.fate = Fate.Adopted;
    const entry = new SessionEntry(stored.row, session.clientIdentifier, session, true);
    this.#entries.set(session.clientIdentifier, entry);
    if (!stored.wasConnected) return;
    // From now on the file says when its client left.
    entry.mustSave = true;
    this.#touch(entry);
  }

  /** `outgoing` stands for what is in the file as `stored`. */
  adoptOutgoing(session: Session, outgoing: Outgoing, stored: RestoredOutgoing): void {
    const entry = this.#knownEntry(session);
    if (stored.fate === Fate.Removed || entry === undefined) throw new Error(TOO_LATE);
    const { message } = outgoing;
    stored.message.adoptedBy ??= message;
    if (stored.message.adoptedBy !== message) {
      throw new Error("Cannot adopt message: another Message stands for its content");
    }
    stored.fate = Fate.Adopted;
    outgoing.journalRow = stored.row;
    entry.addOutgoing(outgoing);
    message.journalRow = stored.message.row;
    message.journalReferences++;
  }

  /** Rows up to these are in use in the file. Before anything is recorded. */
  reserveRows(sessionRow: number, messageRow: number, outgoingRow: number): void {
    this.#nextSessionRow = Math.max(this.#nextSessionRow, sessionRow + 1);
    this.#nextMessageRow = Math.max(this.#nextMessageRow, messageRow + 1);
    this.#firstAddedRow = Math.max(this.#firstAddedRow, outgoingRow + 1);
    this.#firstOwnRow = this.#firstAddedRow;
    this.#firstOwnMessageRow = this.#nextMessageRow;
  }

  /** Nothing of what was recorded is in the file any more: everything will be recorded again. */
  forgetEverything(): void {
    for (const entry of this.#entries.values()) {
      for (const outgoing of entry.takeOutgoing()) {
        outgoing.journalRow = 0;
        outgoing.message.journalReferences = 0;
        outgoing.message.journalRow = 0;
      }
      entry.isDeleted = true;
    }
    this.#entries.clear();
    this.#lastEntry = undefined;
    this.#expiring.clear();
    this.#startAnew();
  }

  #startAnew(): void {
    this.#firstAddedRow += this.added.length;
    this.added = [];
    this.addedTo = [];
    this.#addedCount = 0;
    this.updated = [];
    this.removedRows = [];
    this.removedContentRows = [];
    this.deletedSessionRows = [];
    this.touched = [];
    this.redated = [];
    if (this.retained.size > 0) this.retained = new Map();
  }

  // Sessions.

  saveSession(session: Session): void {
    const entry = this.#entryFor(session);
    entry.mustSave = true;
    this.#touch(entry);
  }

  deleteSession(session: Session): void {
    const entry = this.#entries.get(session.clientIdentifier);
    // Another session may have the Client Identifier by now.
    if (entry === undefined || entry.session !== session) return;
    this.#delete(entry);
  }

  #delete(entry: SessionEntry): void {
    entry.isDeleted = true;
    this.#entries.delete(entry.clientIdentifier);
    if (this.#lastEntry === entry) this.#lastEntry = undefined;
    for (const outgoing of entry.takeOutgoing()) this.#removeRow(outgoing);
    if (entry.isStored) this.deletedSessionRows.push(entry.row);
  }

  saveSubscription(subscription: Subscription): void {
    const entry = this.#entryFor(subscription.session);
    (entry.subscriptions ??= new Map()).set(subscription.topicFilter, subscription);
    this.#touch(entry);
  }

  deleteSubscription(subscription: Subscription): void {
    const entry = this.#knownEntry(subscription.session);
    if (entry === undefined) return;
    (entry.subscriptions ??= new Map()).set(subscription.topicFilter, undefined);
    this.#touch(entry);
  }

  addInbound(session: Session, packetIdentifier: number): void {
    const entry = this.#entryFor(session);
    entry.addInbound(packetIdentifier);
    this.#touch(entry);
  }

  removeInbound(session: Session, packetIdentifier: number): void {
    const entry = this.#knownEntry(session);
    if (entry === undefined) return;
    entry.removeInbound(packetIdentifier);
    this.#touch(entry);
  }

  #touch(entry: SessionEntry): void {
    if (entry.isTouched) return;
    entry.isTouched = true;
    this.touched.push(entry);
  }

  #knownEntry(session: Session): SessionEntry | undefined {
    const last = this.#lastEntry;
    if (last !== undefined && last.session === session) return last;
    const entry = this.#entries.get(session.clientIdentifier);
    if (entry === undefined || entry.session !== session) return undefined;
    this.#lastEntry = entry;
    return entry;
  }

  /** The entry of a session; a new one is saved with its first change. */
  #entryFor(session: Session): SessionEntry {
    const known = this.#knownEntry(session);
    if (known !== undefined) return known;
    const other = this.#entries.get(session.clientIdentifier);
    if (other !== undefined) this.#delete(other);
    const { clientIdentifier } = session;
    const entry = new SessionEntry(this.#nextSessionRow++, clientIdentifier, session, false);
    entry.mustSave = true;
    this.#entries.set(clientIdentifier, entry);
    this.#touch(entry);
    this.#lastEntry = entry;
    return entry;
  }

  // Outgoing messages.

  addOutgoing(session: Session, outgoing: Outgoing): void {
    if (outgoing.journalRow !== 0) return;
    const entry = this.#entryFor(session);
    outgoing.journalRow = this.#firstAddedRow + this.added.length;
    this.added.push(outgoing);
    this.addedTo.push(entry);
    this.#addedCount++;
    entry.addOutgoing(outgoing);
    outgoing.message.journalReferences++;
  }

  updateOutgoing(outgoing: Outgoing): void {
    const row = outgoing.journalRow;
    // One that waits for its batch is written as it is then.
    if (row !== 0 && row < this.#firstAddedRow) this.updated.push(outgoing);
  }

  removeOutgoing(session: Session, outgoing: Outgoing): void {
    if (outgoing.journalRow === 0) return;
    this.#removeRow(outgoing);
    this.#knownEntry(session)?.outgoingDone();
  }

  #removeRow(outgoing: Outgoing): void {
    const index = outgoing.journalRow - this.#firstAddedRow;
    if (index < 0) this.removedRows.push(outgoing.journalRow);
    else this.#cancel(index);
    outgoing.journalRow = 0;
    const { message } = outgoing;
    const references = message.journalReferences - 1;
    message.journalReferences = references;
    if (references > 0 || message.journalRow === 0) return;
    this.removedContentRows.push(message.journalRow);
    message.journalRow = 0;
  }

  #cancel(index: number): void {
    this.#addedCount--;
    if (index === this.added.length - 1) {
      this.added.pop();
      this.addedTo.pop();
      return;
    }
    this.added[index] = undefined;
    if (this.added.length >= PACKING_MINIMUM && this.#addedCount * 4 < this.added.length) {
      this.#pack();
    }
  }

  /** Closes the gaps, so that a disk that stalls does not make the list grow for ever. */
  #pack(): void {
    const added: Outgoing[] = [];
    const addedTo: SessionEntry[] = [];
    this.added.forEach((outgoing, index) => {
      // The one that is being removed has no place in the list any more, but its row still.
      if (outgoing === undefined) return;
      outgoing.journalRow = this.#firstAddedRow + added.length;
      added.push(outgoing);
      addedTo.push(this.addedTo[index] as SessionEntry);
    });
    this.added = added;
    this.addedTo = addedTo;
  }

  /** Rows of the file that nothing of the core stands for. */
  removeStoredRow(row: number): void {
    this.removedRows.push(row);
  }
  removeStoredContent(row: number): void {
    this.removedContentRows.push(row);
  }
  removeStoredSession(row: number): void {
    this.deletedSessionRows.push(row);
  }

  // Retained messages.

  saveRetained(message: Message): void {
    const { name } = message.topic;
    this.retained.set(name, message);
    if (message.expiresAtMs === Infinity) this.#expiring.delete(name);
    else this.#expiring.set(name, message);
  }

  deleteRetained(topicName: string): void {
    this.retained.set(topicName, undefined);
    this.#expiring.delete(topicName);
  }

  // Times.

  /** Whether the wall's clock was set since the last batch. `offsetMs`: as for `take`. */
  hasClockJumped(offsetMs: number): boolean {
    return Math.abs(offsetMs - (this.#offsetMs ?? offsetMs)) > CLOCK_JUMP_MS;
  }

  /** What was written with another offset is written again. */
  #redate(): void {
    for (const entry of this.#entries.values()) {
      if (entry.isDated && entry.session.disconnectedAtMs !== undefined) {
        entry.mustSave = true;
        this.#touch(entry);
      }
      for (const outgoing of entry.stored()) {
        const isOwn = outgoing.journalRow >= this.#firstOwnRow && this.isStored(outgoing);
        if (isOwn && outgoing.message.expiresAtMs !== Infinity) {
          this.redated.push({ outgoing, entry });
        }
      }
    }
    for (const [topicName, message] of this.#expiring) this.retained.set(topicName, message);
  }

  /** Whether the content of `message` has a row of its own that was added since the start. */
  hasOwnContent({ journalRow }: Message): boolean {
    return journalRow >= this.#firstOwnMessageRow;
  }

  // The batch.

  /** A row for the content of a message that several wait for. */
  takeContentRow(message: Message): number {
    const row = this.#nextMessageRow++;
    message.journalRow = row;
    return row;
  }

  /** Whether `outgoing` is in the file, so that it can be changed there. */
  isStored(outgoing: Outgoing): boolean {
    return outgoing.journalRow !== 0 && outgoing.journalRow < this.#firstAddedRow;
  }

  /**
   * Writes everything recorded into `writer` and starts anew. Nothing: there was nothing left.
   * `offsetMs`: what has to be added to the broker's clock to get Unix milliseconds.
   */
  take(writer: Writer, offsetMs: number): void {
    if (this.hasClockJumped(offsetMs)) this.#redate();
    this.#offsetMs = offsetMs;
    for (const row of this.deletedSessionRows) writeDelete(writer, Change.DeleteSession, row);
    for (const row of this.removedRows) writeDelete(writer, Change.DeleteOutgoing, row);
    for (const row of this.removedContentRows) writeDelete(writer, Change.DeleteMessage, row);
    writeBatch(writer, this, offsetMs);
    this.#startAnew();
  }
}
