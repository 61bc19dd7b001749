/**
 * Packet Identifiers of the QoS 2 messages that a client has sent and not released yet
 * (MQTT 5 section 4.3.3, method B).
 *
 * Whoever finds an identifier here has routed its message already. Changes are recorded by the
 * session's journal; the set exists from first use.
 */

import type { Journal } from "./journal.ts";
import type { Session } from "./session.ts";

export class InboundQoS2 {
  readonly #session: Session;
  #identifiers: Set<number> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  get count(): number {
    return this.#identifiers?.size ?? 0;
  }

  has(packetIdentifier: number): boolean {
    return this.#identifiers?.has(packetIdentifier) ?? false;
  }

  start(packetIdentifier: number): void {
    this.restore(packetIdentifier);
    this.#journal.addInbound(this.#session, packetIdentifier);
  }

  /** False when the identifier was not in use. */
  finish(packetIdentifier: number): boolean {
    const wasKnown = this.#identifiers?.delete(packetIdentifier) ?? false;
    if (wasKnown) this.#journal.removeInbound(this.#session, packetIdentifier);
    return wasKnown;
  }

  /** Puts back what a journal kept. */
  restore(packetIdentifier: number): void {
    (this.#identifiers ??= new Set()).add(packetIdentifier);
  }

  values(): Iterable<number> {
    return this.#identifiers ?? [];
  }

  clear(): void {
    this.#identifiers = undefined;
  }

  get #journal(): Journal {
    return this.#session.journal;
  }
}
