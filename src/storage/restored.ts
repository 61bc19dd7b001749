/**
 * Sessions and messages as they come back from the file: `StoredSession`, `StoredMessage` and
 * `StoredOutgoing` of `broker/journal.ts`, with the rows that they are stored in.
 *
 * Owns nothing; the rows are for the journal, which hands them on to the objects of the core
 * (`SqliteJournal.adoptSession` and `adoptOutgoing`).
 */

import type { StoredMessage, StoredOutgoing, StoredSession } from "../broker/journal.ts";
import type { Message } from "../broker/message.ts";
import type { QoS } from "../protocol/packet.ts";

/** Whether something of the core stands for a row that was loaded. */
export enum Fate {
  Unknown,
  Adopted,
  /** Nobody adopted it in time: the next commit removes it from the file. */
  Removed,
}

export interface RestoredSession extends StoredSession {
  readonly row: number;
  /** The client was connected at the end, so the file does not say when it left. */
  readonly wasConnected: boolean;
  readonly outgoing: readonly RestoredOutgoing[];
  fate: Fate;
}

export class RestoredMessage implements StoredMessage {
  /** What stands for it in the core: one object, since that counts who waits for it. */
  adoptedBy: Message | undefined = undefined;

  constructor(
    readonly topicName: string,
    readonly payloadBytes: Uint8Array,
    readonly payloadStart: number,
    readonly payloadEnd: number,
    readonly qos: QoS,
    readonly retain: boolean,
    readonly encodedProperties: Uint8Array,
    readonly expiresAtMs: number,
    /** The row of its content; 0 when it is stored with its only outgoing message. */
    readonly row: number,
    readonly retainedAtMs: number | undefined = undefined,
    readonly publisher: string | undefined = undefined,
  ) {}

  /** A view of the payload alone. */
  get payload(): Uint8Array {
    return this.payloadBytes.subarray(this.payloadStart, this.payloadEnd);
  }
}

export class RestoredOutgoing implements StoredOutgoing {
  fate = Fate.Unknown;

  constructor(
    readonly message: RestoredMessage,
    readonly qos: QoS,
    readonly retain: boolean,
    readonly subscriptionIdentifiers: readonly number[],
    readonly packetIdentifier: number,
    readonly released: boolean,
    readonly sharedFilter: string | undefined,
    readonly row: number,
  ) {}
}
