/**
 * QoS 1 and 2 messages that were sent to one client and are not done, by Packet Identifier
 * (MQTT 5 section 2.2.1, 4.3, 4.4 and 4.9).
 *
 * A ring: the identifier's low bits are the slot. Identifiers whose slot is taken are passed over,
 * and the ring grows only when half of it is: a message that is never acknowledged costs one slot.
 * Invariant: no Packet Identifier is in use twice [MQTT-2.2.1-4].
 */

import type { Outgoing } from "./outgoing.ts";

const LARGEST_PACKET_IDENTIFIER = 65_535;
const FIRST_SLOT_COUNT = 8;
const LARGEST_SLOT_COUNT = 65_536;
/** An empty ring of more slots than this is given up. */
const KEPT_SLOT_COUNT = 1024;

export class Inflight {
  #slots: (Outgoing | undefined)[] = newSlots(FIRST_SLOT_COUNT);
  #size = 0;
  #lastIdentifier = 0;
  /** Counts the messages ever added: the order in which they were first sent. */
  #sequence = 0;

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= LARGEST_PACKET_IDENTIFIER;
  }

  /** Gives `outgoing` the next free Packet Identifier. The caller has checked `isFull`. */
  add(outgoing: Outgoing): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    let identifier = this.#lastIdentifier;
    do {
      identifier = identifier === LARGEST_PACKET_IDENTIFIER ? 1 : identifier + 1;
    } while (this.#slots[identifier & mask] !== undefined);
    this.#lastIdentifier = identifier;
    outgoing.packetIdentifier = identifier;
    outgoing.sequence = ++this.#sequence;
    this.#slots[identifier & mask] = outgoing;
    this.#size++;
  }

  /** Slots of the ring, for tests. */
  get slotCount(): number {
    return this.#slots.length;
  }

  /**
   * Puts back a message under the identifier that it had; the calls come in order of sending. False
   * when the identifier is in use: a damaged file may say so.
   */
  restore(outgoing: Outgoing, packetIdentifier: number): boolean {
    if (this.get(packetIdentifier) !== undefined) return false;
    while (this.#slots[packetIdentifier & this.#slots.length - 1] !== undefined) this.#grow();
    outgoing.packetIdentifier = packetIdentifier;
    outgoing.sequence = ++this.#sequence;
    this.#slots[packetIdentifier & this.#slots.length - 1] = outgoing;
    this.#lastIdentifier = packetIdentifier;
    this.#size++;
    return true;
  }

  /** Twice the slots, up to one for each identifier. */
  #grow(): void {
    if (this.#slots.length === LARGEST_SLOT_COUNT) return;
    const old = this.#slots;
    this.#slots = newSlots(old.length * 2);
    for (const outgoing of old) {
      if (outgoing !== undefined) {
        this.#slots[outgoing.packetIdentifier & this.#slots.length - 1] = outgoing;
      }
    }
  }

  get(packetIdentifier: number): Outgoing | undefined {
    const outgoing = this.#slots[packetIdentifier & this.#slots.length - 1];
    return outgoing?.packetIdentifier === packetIdentifier ? outgoing : undefined;
  }

  /** Frees the identifier of a message that `get` has returned. */
  delete(packetIdentifier: number): void {
    this.#slots[packetIdentifier & this.#slots.length - 1] = undefined;
    this.#size--;
    if (this.#size === 0 && this.#slots.length > KEPT_SLOT_COUNT) {
      this.#slots = newSlots(FIRST_SLOT_COUNT);
    }
  }

  /** In the order in which they were first sent [MQTT-4.6.0-1]. */
  values(): Outgoing[] {
    return this.#slots.filter((outgoing) => outgoing !== undefined)
      .sort((one, other) => one.sequence - other.sequence);
  }
}

function newSlots(count: number): (Outgoing | undefined)[] {
  return new Array(count).fill(undefined);
}
