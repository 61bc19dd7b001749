/**
 * Which Packet Identifiers of a client are in use (MQTT 5 section 2.2.1).
 *
 * Owns them; PUBLISH, SUBSCRIBE and UNSUBSCRIBE share one set. Invariant: none is given twice before
 * it was released.
 */

const LARGEST = 65_535;

export class PacketIdentifiers {
  readonly #used = new Set<number>();
  #last = 0;

  /** One that is not in use [MQTT-2.2.1-3] [MQTT-4.3.2-1]; undefined when all are. */
  take(): number | undefined {
    if (this.#used.size === LARGEST) return undefined;
    do this.#last = this.#last % LARGEST + 1; while (this.#used.has(this.#last));
    this.#used.add(this.#last);
    return this.#last;
  }

  release(packetIdentifier: number): void {
    this.#used.delete(packetIdentifier);
  }
}
