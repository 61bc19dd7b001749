/**
 * A QoS 1 or 2 message on its way to one session: waiting in its queue, then in flight
 * (MQTT 5 section 4.3 and 4.4). A replayed retained message of QoS 0 may wait here too.
 */

import type { QoS } from "../protocol/packet.ts";
import type { Message } from "./message.ts";
import type { SharedGroup } from "./subscription.ts";

export class Outgoing {
  /** Owns its bytes (`Message.keep`). */
  readonly message: Message;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly subscriptionIdentifiers: readonly number[];
  /** The shared group that picked this session, for a second pick when the session ends. */
  readonly group: SharedGroup | undefined;
  /** 0 while it waits in the queue. */
  packetIdentifier = 0;
  /** Grows with every message that is put in flight; written by `Inflight`. */
  sequence = 0;
  /** QoS 2 only: PUBREC has come, PUBCOMP has not. */
  released = false;
  /** Sent on the connection of the moment, so that it counts against the send quota. */
  charged = false;
  /** Written by the journal: where it is stored; 0: nowhere. A map of a million would be large. */
  journalRow = 0;

  constructor(
    message: Message,
    qos: QoS,
    retain: boolean,
    subscriptionIdentifiers: readonly number[],
    group: SharedGroup | undefined,
  ) {
    this.message = message;
    this.qos = qos;
    this.retain = retain;
    this.subscriptionIdentifiers = subscriptionIdentifiers;
    this.group = group;
  }
}

/** Where an exchange stands: not begun, or which packet of the receiver it waits for (section 4.3). */
export function deliveryState(
  { packetIdentifier, qos, released }: Pick<Outgoing, "packetIdentifier" | "qos" | "released">,
): "queued" | "waitsForPuback" | "waitsForPubrec" | "waitsForPubcomp" {
  if (packetIdentifier === 0) return "queued";
  if (qos === 1) return "waitsForPuback";
  return released ? "waitsForPubcomp" : "waitsForPubrec";
}

/** What the queues of all sessions hold together. */
export interface QueueTotals {
  queuedMessages: number;
  queuedBytes: number;
}

/** First in, first out; removal at the front costs no copying of the rest. */
export class OutgoingQueue {
  readonly #totals: QueueTotals;
  #entries: (Outgoing | undefined)[] = [];
  #head = 0;
  /** Bytes that the waiting messages are charged with (`Message.sizeBytes`). */
  bytes = 0;
  /** How many of the waiting messages have QoS 0. */
  qos0Count = 0;

  constructor(totals: QueueTotals) {
    this.#totals = totals;
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(outgoing: Outgoing): void {
    this.#entries.push(outgoing);
    this.bytes += outgoing.message.sizeBytes;
    this.#totals.queuedBytes += outgoing.message.sizeBytes;
    this.#totals.queuedMessages++;
    if (outgoing.qos === 0) this.qos0Count++;
  }

  peek(): Outgoing | undefined {
    return this.#entries[this.#head];
  }

  shift(): Outgoing | undefined {
    const outgoing = this.#entries[this.#head];
    if (outgoing === undefined) return undefined;
    this.#entries[this.#head++] = undefined;
    this.bytes -= outgoing.message.sizeBytes;
    this.#totals.queuedBytes -= outgoing.message.sizeBytes;
    this.#totals.queuedMessages--;
    if (outgoing.qos === 0) this.qos0Count--;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return outgoing;
  }

  /** The waiting messages in order, for inspection. */
  *[Symbol.iterator](): Iterator<Outgoing> {
    for (let at = this.#head; at < this.#entries.length; at++) yield this.#entries[at] as Outgoing;
  }
}
