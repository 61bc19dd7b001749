/**
 * What the core tells whoever makes its state survive a crash. Declared here, implemented in
 * `storage/`, faked in tests.
 *
 * All calls only record; nothing waits. The core calls for durable sessions and retained messages
 * alone. What was recorded before a commit is covered by that commit as a whole; an acknowledgement
 * is held until the commit that covers it (`Commits`). What the core records between two calls from
 * outside is never divided between two commits. Recording a removal before the addition was
 * committed cancels both: what everybody has acknowledged in time never touches the disk.
 */

import type { Message } from "./message.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Session } from "./session.ts";
import type { Subscription } from "./subscription.ts";
import type { WillMessage } from "./will.ts";

export interface Journal {
  /**
   * Number of the commit that will cover everything recorded so far that an answer may promise; 0
   * when all of that is committed already. Grows by one from commit to commit.
   */
  readonly pendingCommit: number;
  /** Changes recorded so far: whether something was recorded meanwhile shows in this number. */
  readonly recordings: number;
  /** False while the disk takes nothing: what must be durable is refused, not acknowledged. */
  readonly isWritable: boolean;

  /** The session row as it is now: identity, expiry, Will. New or replaced. */
  saveSession(session: Session): void;
  /** The session with all its subscriptions, messages and identifiers. */
  deleteSession(session: Session): void;
  /** New or replaced: `replayPending` changes in one that is there. */
  saveSubscription(subscription: Subscription): void;
  deleteSubscription(subscription: Subscription): void;

  /** A message that waits for or is in flight to a client: at the end of the session's order. */
  addOutgoing(session: Session, outgoing: Outgoing): void;
  /** Its Packet Identifier or `released` has changed. */
  updateOutgoing(session: Session, outgoing: Outgoing): void;
  removeOutgoing(session: Session, outgoing: Outgoing): void;

  /** A QoS 2 message was received under this Packet Identifier and is not released yet. */
  addInbound(session: Session, packetIdentifier: number): void;
  removeInbound(session: Session, packetIdentifier: number): void;

  /** The retained message of its topic, in place of the one before. */
  saveRetained(message: Message): void;
  deleteRetained(topicName: string): void;
}

/** Nothing survives: for `durability: off`, and wherever there is no disk. */
export const NO_JOURNAL: Journal = {
  pendingCommit: 0,
  recordings: 0,
  isWritable: true,
  saveSession() {},
  deleteSession() {},
  saveSubscription() {},
  deleteSubscription() {},
  addOutgoing() {},
  updateOutgoing() {},
  removeOutgoing() {},
  addInbound() {},
  removeInbound() {},
  saveRetained() {},
  deleteRetained() {},
};

/** Told while a `StoredState` is put back which object of the core stands for what is stored. */
export interface Adopter {
  /** Before the next session is asked for. */
  adoptSession(session: Session, stored: StoredSession): void;
  adoptOutgoing(session: Session, outgoing: Outgoing, stored: StoredOutgoing): void;
  /** Before the broker does anything else with it. */
  adoptRetained(message: Message): void;
}

/** What a journal gives back at the next start. Times are of the broker's clock of now. */
export interface StoredState {
  readonly sessions: Iterable<StoredSession>;
  readonly retained: Iterable<StoredMessage>;
}

export interface StoredMessage {
  readonly topicName: string;
  /** The payload is a part of these bytes: a buffer of its own for each costs more than most have. */
  readonly payloadBytes: Uint8Array;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly encodedProperties: Uint8Array;
  /** `Infinity`: it does not expire. */
  readonly expiresAtMs: number;
  /** Of a retained message: when it came to be retained; undefined: not known. */
  readonly retainedAtMs?: number | undefined;
  /** Of a retained message: Client Identifier of who had it retained; undefined: not known. */
  readonly publisher?: string | undefined;
}

export interface StoredOutgoing {
  /** The same object for every session that waits for the same message. */
  readonly message: StoredMessage;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly subscriptionIdentifiers: readonly number[];
  /** 0: it was still queued. */
  readonly packetIdentifier: number;
  readonly released: boolean;
  /** `$share/NAME/FILTER` of the shared subscription that picked the session; undefined: none. */
  readonly sharedFilter: string | undefined;
}

export interface StoredSession {
  readonly clientIdentifier: string;
  /** This and the next three: the `ClientIdentity` of its last connection. */
  readonly username: string | undefined;
  readonly groups: readonly string[];
  readonly listener: string;
  readonly address: string;
  readonly protocolVersion: 3 | 4 | 5;
  readonly bridge: boolean;
  readonly expiryIntervalMs: number;
  /**
   * When the client went away. Of a client that was connected when the broker was killed: now,
   * since nothing tells when that was, and ending a session early would lose what it holds.
   */
  readonly disconnectedAtMs: number;
  readonly will: WillMessage | undefined;
  readonly subscriptions: readonly Omit<Subscription, "session">[];
  /** In order: first what was in flight, as first sent, then the queue. */
  readonly outgoing: readonly StoredOutgoing[];
  readonly inboundPacketIdentifiers: readonly number[];
}
