/**
 * The journal on the main thread: records what the core changes and hands it to the disk in
 * batches, one at a time (group commit).
 *
 * Owns the numbers of commits. What happens while a batch is on its way is in the next one, so the
 * slower the disk, the larger the batches; the core never waits. Invariants: commit numbers are
 * reported in order, each after everything recorded before it is on the disk; when there is nothing
 * to write, nothing is sent.
 */

import type { Adopter, Journal, StoredOutgoing, StoredSession } from "../broker/journal.ts";
import type { Message } from "../broker/message.ts";
import type { Outgoing } from "../broker/outgoing.ts";
import type { Session } from "../broker/session.ts";
import type { Subscription } from "../broker/subscription.ts";
import { Writer } from "../protocol/writer.ts";
import { PendingChanges } from "./pending_changes.ts";
import type { RestoredOutgoing, RestoredSession } from "./restored.ts";

/** The disk, seen from the journal. One batch at a time; it answers with a `CommitResult`. */
export interface CommitPort {
  commit(batch: Uint8Array<ArrayBuffer>): void;
}

/** How the journal is told what became of its batch, and what else happened to the file. */
export interface CommitResult {
  /** The batch is on the disk. */
  committed(): void;
  /** It could not be written yet. The disk keeps it and tries again by itself. */
  writeFailed(reason: string): void;
  /** The file had to be replaced by an empty one, and the batch is lost with it. */
  lost(): void;
}

/** Runs `action` when the current round of the event loop, or `delayMs`, is over. */
export type Schedule = (action: () => void, delayMs: number) => Cancel;
export type Cancel = () => void;

export interface JournalOptions {
  readonly port: CommitPort;
  /** Broker's clock, milliseconds that never go back. */
  nowMs(): number;
  /** Unix milliseconds. */
  wallMs(): number;
  /** `relaxed`: nothing is held back for a commit. */
  readonly durability: "full" | "relaxed";
  /** Least time from one commit to the next; 0: as fast as the disk is. */
  readonly commitIntervalMs: number;
  readonly schedule: Schedule;
}

/** Buffers larger than this are given up after the batch. */
const KEPT_BUFFER_BYTES = 1024 * 1024;
const FIRST_BUFFER_BYTES = 16 * 1024;

export class SqliteJournal implements Journal, Adopter, CommitResult {
  /** Everything up to this commit is on the disk. Never called from within a recording call. */
  onCommitted: (commitNumber: number) => void = () => {};
  /** `isWritable` has changed. `reason`: in words, when it has become false. */
  onWritable: (isWritable: boolean, reason: string) => void = () => {};
  /**
   * The file had to be replaced: every durable session with all it has and every retained message
   * has to be recorded again, before this returns. Acknowledgements that are held stay held until
   * then.
   */
  onLost: () => void = () => {};

  readonly #options: JournalOptions;
  readonly #changes: PendingChanges;
  readonly #isHeld: boolean;
  #writer = new Writer(FIRST_BUFFER_BYTES);
  #recordings = 0;
  #isWritable = true;
  /** Something was recorded since the last batch was taken. */
  #isDirty = false;
  /** Number of the batch that was taken last. */
  #takenNumber = 0;
  #committedNumber = 0;
  #isCommitting = false;
  #lastCommitStartMs = -Infinity;
  #cancelFlush: Cancel | undefined;
  #idleWaiters: (() => void)[] = [];
  #refusalWaiters: (() => void)[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#changes = new PendingChanges();
    this.#isHeld = options.durability === "full";
  }

  get pendingCommit(): number {
    if (!this.#isHeld) return 0;
    if (this.#isDirty) return this.#takenNumber + 1;
    return this.#takenNumber > this.#committedNumber ? this.#takenNumber : 0;
  }

  get recordings(): number {
    return this.#recordings;
  }

  get isWritable(): boolean {
    return this.#isWritable;
  }

  /** For what is loaded (`LoadedState`), nothing else. */
  get changes(): PendingChanges {
    return this.#changes;
  }

  /**
   * While `StoredState.sessions` is read: `session` stands for `stored`. Has to be called before the
   * next session is asked for; who is not adopted by then is removed from the file.
   */
  adoptSession(session: Session, stored: StoredSession): void {
    this.#changes.adoptSession(session, stored as RestoredSession);
    this.recorded();
  }

  /**
   * The same for a message of an adopted session. Outgoing messages whose `stored.message` is one
   * object must have one `Message`. Throws when it is too late or another `Message` is given.
   */
  adoptOutgoing(session: Session, outgoing: Outgoing, stored: StoredOutgoing): void {
    this.#changes.adoptOutgoing(session, outgoing, stored as RestoredOutgoing);
  }

  /** A retained message is found in the file by its Topic Name: there is nothing to note down. */
  adoptRetained(): void {}

  // What the core records.

  saveSession(session: Session): void {
    this.#changes.saveSession(session);
    this.recorded();
  }
  deleteSession(session: Session): void {
    this.#changes.deleteSession(session);
    this.recorded();
  }
  saveSubscription(subscription: Subscription): void {
    this.#changes.saveSubscription(subscription);
    this.recorded();
  }
  deleteSubscription(subscription: Subscription): void {
    this.#changes.deleteSubscription(subscription);
    this.recorded();
  }
  addOutgoing(session: Session, outgoing: Outgoing): void {
    this.#changes.addOutgoing(session, outgoing);
    this.recorded();
  }
  updateOutgoing(_session: Session, outgoing: Outgoing): void {
    this.#changes.updateOutgoing(outgoing);
    this.recorded();
  }
  removeOutgoing(session: Session, outgoing: Outgoing): void {
    this.#changes.removeOutgoing(session, outgoing);
    this.recorded();
  }
  addInbound(session: Session, packetIdentifier: number): void {
    this.#changes.addInbound(session, packetIdentifier);
    this.recorded();
  }
  removeInbound(session: Session, packetIdentifier: number): void {
    this.#changes.removeInbound(session, packetIdentifier);
    this.recorded();
  }
  saveRetained(message: Message): void {
    this.#changes.saveRetained(message);
    this.recorded();
  }
  deleteRetained(topicName: string): void {
    this.#changes.deleteRetained(topicName);
    this.recorded();
  }

  /** Something has changed; the batch goes off soon. */
  recorded(): void {
    this.#recordings++;
    if (this.#isDirty) return;
    this.#isDirty = true;
    if (!this.#isCommitting) this.#flushSoon();
  }

  // Commits.

  #flushSoon(): void {
    if (this.#cancelFlush !== undefined) return;
    const { commitIntervalMs, nowMs, schedule } = this.#options;
    const dueMs = this.#lastCommitStartMs + commitIntervalMs;
    const delayMs = commitIntervalMs === 0 ? 0 : Math.max(0, dueMs - nowMs());
    this.#cancelFlush = schedule(() => {
      this.#cancelFlush = undefined;
      this.flush();
    }, delayMs);
  }

  /** Hands over what was recorded, unless a batch is on its way: then it follows that one. */
  flush(): void {
    if (!this.#isDirty || this.#isCommitting) return;
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const { port, nowMs, wallMs } = this.#options;
    const writer = this.#writer;
    const startMs = nowMs();
    this.#changes.take(writer, wallMs() - startMs);
    this.#isDirty = false;
    this.#takenNumber++;
    if (writer.length === 0) {
      // Everything was undone before it came to be written.
      this.#reportCommitted();
      return;
    }
    this.#lastCommitStartMs = startMs;
    this.#isCommitting = true;
    // Handed over for good, so it has to be a copy of its own size.
    const batch = writer.written().slice();
    if (writer.bytes.length > KEPT_BUFFER_BYTES) this.#writer = new Writer(FIRST_BUFFER_BYTES);
    else writer.length = 0;
    port.commit(batch);
  }

  #reportCommitted(): void {
    this.#committedNumber = this.#takenNumber;
    this.onCommitted(this.#committedNumber);
    if (this.#isDirty) {
      this.#continue();
    } else {
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
      this.#refusalWaiters = [];
    }
  }

  #continue(): void {
    const { commitIntervalMs } = this.#options;
    if (commitIntervalMs === 0 || this.#idleWaiters.length > 0) this.flush();
    else this.#flushSoon();
  }

  committed(): void {
    this.#isCommitting = false;
    this.#setWritable(true, "");
    this.#reportCommitted();
  }

  writeFailed(reason: string): void {
    this.#setWritable(false, reason);
  }

  lost(): void {
    this.#changes.forgetEverything();
    this.onLost();
    this.#isCommitting = false;
    this.#isDirty = true;
    this.flush();
  }

  #setWritable(isWritable: boolean, reason: string): void {
    if (isWritable === this.#isWritable) return;
    this.#isWritable = isWritable;
    if (!isWritable) { for (const resolve of this.#refusalWaiters.splice(0)) resolve(); }
    this.onWritable(isWritable, reason);
  }

  /** Resolves when everything recorded is on the disk; never while the disk takes nothing. */
  async settled(): Promise<void> {
    if (!this.#isDirty && !this.#isCommitting) return;
    const settled = new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    this.flush();
    await settled;
  }

  /** The same, but false as soon as the disk takes nothing. */
  async settledOrRefused(): Promise<boolean> {
    if (!this.#isWritable) return false;
    return await new Promise((resolve) => {
      this.#refusalWaiters.push(() => resolve(false));
      this.settled().then(() => resolve(true));
    });
  }

  /** No batch is sent by itself any more. */
  stop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }
}
