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
import { CommitTimer, type Schedule, Urgency } from "./commit_timer.ts";
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
  /** The file cannot be used any more: everything has to come again, in one batch. */
  lost(): void;
}

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
  /** Runs `action` when the current call is over. */
  soon(action: () => void): void;
}

/** So many messages are worth a commit of their own: the disk is busy anyway. */
const LARGE_BATCH = 64;
/** Less than every `Urgency`. */
const NOTHING = 0;
/** Buffers larger than this are given up after the batch. */
const KEPT_BUFFER_BYTES = 1024 * 1024;
const FIRST_BUFFER_BYTES = 16 * 1024;

export class SqliteJournal implements Journal, Adopter, CommitResult {
  /** Everything up to this commit is on the disk. Never called from within a recording call. */
  onCommitted: (commitNumber: number) => void = () => {};
  /** `isWritable` has changed. `reason`: in words, when it has become false. */
  onWritable: (isWritable: boolean, reason: string) => void = () => {};
  /**
   * The file has to be replaced: every durable session with all it has and every retained message
   * has to be recorded again, before this returns. Acknowledgements that are held stay held until
   * that is on the disk.
   */
  onLost: () => void = () => {};
  /** The wall's clock was set: retained messages that came since the start are to be saved again. */
  onClockSet: () => void = () => {};

  readonly #options: JournalOptions;
  readonly #changes: PendingChanges;
  readonly #isHeld: boolean;
  readonly #timer: CommitTimer;
  #writer = new Writer(FIRST_BUFFER_BYTES);
  #recordings = 0;
  #isWritable = true;
  /** Of what was recorded since the last batch was taken. */
  #urgency: Urgency | typeof NOTHING = NOTHING;
  /** Number of the batch that was taken last. */
  #takenNumber = 0;
  #committedNumber = 0;
  #isCommitting = false;
  #isStopped = false;
  #idleWaiters: (() => void)[] = [];
  #refusalWaiters: (() => void)[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#changes = new PendingChanges();
    this.#isHeld = options.durability === "full";
    this.#timer = new CommitTimer({
      nowMs: () => options.nowMs(),
      schedule: options.schedule,
      commitIntervalMs: options.commitIntervalMs,
      flush: () => this.flush(),
    });
  }

  get pendingCommit(): number {
    if (!this.#isHeld) return 0;
    // Of what is lazy nobody waits for the commit.
    if (this.#urgency > Urgency.Lazy) return this.nextCommit;
    return this.#takenNumber > this.#committedNumber ? this.#takenNumber : 0;
  }

  /** Number of the commit that what is recorded now will be part of. */
  get nextCommit(): number {
    return this.#takenNumber + 1;
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
    // CONNACK waits for it; when the client has gone, a Will that it took back must not come.
    this.recorded(Urgency.Urgent);
  }
  deleteSession(session: Session): void {
    this.#changes.deleteSession(session);
    this.recorded(Urgency.Urgent);
  }
  saveSubscription(subscription: Subscription): void {
    this.#changes.saveSubscription(subscription);
    this.recorded(Urgency.Urgent);
  }
  deleteSubscription(subscription: Subscription): void {
    this.#changes.deleteSubscription(subscription);
    this.recorded(Urgency.Urgent);
  }
  addOutgoing(session: Session, outgoing: Outgoing): void {
    this.#changes.addOutgoing(session, outgoing);
    // QoS 2 is not even sent before the commit, so it cannot be acknowledged before.
    const isHopeful = outgoing.qos === 1 && session.isKeepingUp &&
      this.#changes.addedCount < LARGE_BATCH;
    this.recorded(isHopeful ? Urgency.Hopeful : Urgency.Urgent);
  }
  updateOutgoing(_session: Session, outgoing: Outgoing): void {
    this.#changes.updateOutgoing(outgoing);
    this.recorded(outgoing.qos === 2 ? Urgency.Urgent : Urgency.Lazy);
  }
  removeOutgoing(session: Session, outgoing: Outgoing): void {
    this.#changes.removeOutgoing(session, outgoing);
    this.recorded(Urgency.Lazy);
    if (this.#changes.isEmpty) this.#undone();
  }
  addInbound(session: Session, packetIdentifier: number): void {
    this.#changes.addInbound(session, packetIdentifier);
    this.recorded(Urgency.Urgent);
  }
  removeInbound(session: Session, packetIdentifier: number): void {
    this.#changes.removeInbound(session, packetIdentifier);
    this.recorded(Urgency.Urgent);
  }
  saveRetained(message: Message): void {
    this.#changes.saveRetained(message);
    this.recorded(message.qos === 0 ? Urgency.Lazy : Urgency.Urgent);
  }
  deleteRetained(topicName: string): void {
    this.#changes.deleteRetained(topicName);
    this.recorded(Urgency.Urgent);
  }

  /** Something has changed; it is handed over in time. */
  recorded(urgency: Urgency = Urgency.Lazy): void {
    this.#recordings++;
    if (urgency <= this.#urgency) return;
    this.#urgency = urgency;
    if (!this.#isCommitting) this.#requestFlush(urgency);
  }

  /** There is nothing left to write: whoever waits need not wait any longer. */
  #undone(): void {
    if (this.#isCommitting) return;
    this.#timer.withdraw();
    this.#options.soon(() => {
      if (this.#changes.isEmpty) this.flush();
      else if (this.#urgency !== NOTHING) this.#requestFlush(this.#urgency);
    });
  }

  /**
   * Notices that the wall's clock was set: what was written with a time of it is written again.
   * Called now and then, since nothing else may be recorded for long.
   */
  checkClock(): void {
    if (this.#changes.hasClockJumped(this.#offsetMs)) this.recorded();
  }

  /** What has to be added to the broker's clock to get Unix milliseconds. */
  get #offsetMs(): number {
    return this.#options.wallMs() - this.#options.nowMs();
  }

  // Commits.

  /** `relaxed`: nobody waits, so the commit interval alone counts. */
  #requestFlush(urgency: Urgency): void {
    if (this.#isStopped) return;
    this.#timer.request(this.#isHeld ? urgency : Urgency.Urgent);
  }

  /** Hands over what was recorded, unless a batch is on its way: then it follows that one. */
  flush(): void {
    if (this.#urgency === NOTHING || this.#isCommitting || this.#isStopped) return;
    const writer = this.#take();
    if (writer.length === 0) {
      // Everything was undone before it came to be written.
      this.#timer.withdraw();
      this.#reportCommitted();
    } else {
      this.#send(writer);
    }
  }

  /** What was recorded, as a batch. */
  #take(): Writer {
    const offsetMs = this.#offsetMs;
    if (this.#changes.hasClockJumped(offsetMs)) this.#options.soon(() => this.onClockSet());
    this.#changes.take(this.#writer, offsetMs);
    this.#urgency = NOTHING;
    this.#takenNumber++;
    return this.#writer;
  }

  #send(writer: Writer): void {
    this.#timer.started();
    this.#isCommitting = true;
    // Handed over for good, so it has to be a copy of its own size.
    const batch = writer.written().slice();
    if (writer.bytes.length > KEPT_BUFFER_BYTES) this.#writer = new Writer(FIRST_BUFFER_BYTES);
    else writer.length = 0;
    this.#options.port.commit(batch);
  }

  #reportCommitted(): void {
    this.#committedNumber = this.#takenNumber;
    this.onCommitted(this.#committedNumber);
    if (this.#urgency !== NOTHING) {
      this.#continue(this.#urgency);
    } else {
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
      this.#refusalWaiters = [];
    }
  }

  #continue(urgency: Urgency): void {
    const { commitIntervalMs } = this.#options;
    const mustNotWait = commitIntervalMs === 0 && urgency === Urgency.Urgent;
    if (mustNotWait || this.#changes.isEmpty || this.#idleWaiters.length > 0) this.flush();
    else this.#requestFlush(urgency);
  }

  committed(): void {
    this.#isCommitting = false;
    this.#timer.finished();
    this.#setWritable(true, "");
    this.#reportCommitted();
  }

  writeFailed(reason: string): void {
    this.#setWritable(false, reason);
    if (!this.#isCommitting && !this.#isStopped) this.#probe();
  }

  /**
   * Nothing is on its way whose success would show that the disk works again, and nothing may ever
   * be: what has to be stored is refused until then. So an empty batch is.
   */
  #probe(): void {
    this.#takenNumber++;
    this.#isCommitting = true;
    this.#timer.started();
    this.#options.port.commit(new Uint8Array(0));
  }

  lost(): void {
    this.#changes.forgetEverything();
    this.onLost();
    // Whatever there is of it, also nothing: the new file is made with this batch.
    if (!this.#isStopped) this.#send(this.#take());
  }

  #setWritable(isWritable: boolean, reason: string): void {
    if (isWritable === this.#isWritable) return;
    this.#isWritable = isWritable;
    if (!isWritable) { for (const resolve of this.#refusalWaiters.splice(0)) resolve(); }
    this.onWritable(isWritable, reason);
  }

  /** Resolves when everything recorded is on the disk; never while the disk takes nothing. */
  async settled(): Promise<void> {
    if (this.#urgency === NOTHING && !this.#isCommitting) return;
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

  /** No batch is sent any more, whatever becomes of the one that is on its way. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.stop();
  }
}
