/**
 * What the journal knows of one durable session: its row, what of it is still to be written, and
 * the outgoing messages that have rows.
 *
 * Owns no rows itself. Invariant: `outgoing` holds every message of the session that has a row, and
 * at most as many others as `MOST_DEAD` allows.
 */

import type { Outgoing } from "../broker/outgoing.ts";
import type { Session } from "../broker/session.ts";
import type { Subscription } from "../broker/subscription.ts";

/** Done messages that may stay in the list of a session beside as many as are not done. */
const MOST_DEAD = 16;

/** What happens to an inbound Packet Identifier with the next commit. */
export enum InboundChange {
  /** It is not in the file: forgotten when it is removed again. */
  Add = 1,
  Remove = 2,
  /** It was removed and added again since the last commit: it stays in the file. */
  Keep = 3,
}

export class SessionEntry {
  readonly row: number;
  readonly clientIdentifier: string;
  readonly session: Session;
  /** A batch that was sent contains the session. */
  isStored: boolean;
  /** Its row was written since the start, with a time of this broker's clock. */
  isDated = false;
  isDeleted = false;
  /** In the list of those that the next batch looks at. */
  isTouched = false;
  mustSave = false;
  /** By Topic Filter; undefined: deleted. */
  subscriptions: Map<string, Subscription | undefined> | undefined;
  inbound: Map<number, InboundChange> | undefined;
  #outgoing: Outgoing[] = [];
  /** How many in `#outgoing` still have a row. */
  #live = 0;

  constructor(row: number, clientIdentifier: string, session: Session, isStored: boolean) {
    this.row = row;
    this.clientIdentifier = clientIdentifier;
    this.session = session;
    this.isStored = isStored;
  }

  addOutgoing(outgoing: Outgoing): void {
    this.#outgoing.push(outgoing);
    this.#live++;
  }

  /** One of the messages has lost its row. They are let go some at a time, which costs less. */
  outgoingDone(): void {
    this.#live--;
    if (this.#live === 0) {
      this.#outgoing.length = 0;
    } else if (this.#outgoing.length > this.#live * 2 + MOST_DEAD) {
      this.#outgoing = this.#outgoing.filter((outgoing) => outgoing.journalRow !== 0);
    }
  }

  /** The messages that have rows. */
  stored(): Outgoing[] {
    return this.#outgoing.filter((outgoing) => outgoing.journalRow !== 0);
  }

  /** The same; they are not known here any more. */
  takeOutgoing(): Outgoing[] {
    const all = this.stored();
    this.#outgoing = [];
    this.#live = 0;
    return all;
  }

  addInbound(packetIdentifier: number): void {
    const inbound = this.inbound ??= new Map();
    const wasRemoved = inbound.get(packetIdentifier) === InboundChange.Remove;
    inbound.set(packetIdentifier, wasRemoved ? InboundChange.Keep : InboundChange.Add);
  }

  removeInbound(packetIdentifier: number): void {
    const inbound = this.inbound ??= new Map();
    if (inbound.get(packetIdentifier) === InboundChange.Add) inbound.delete(packetIdentifier);
    else inbound.set(packetIdentifier, InboundChange.Remove);
  }
}
