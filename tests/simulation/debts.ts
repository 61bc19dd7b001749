/**
 * What clients are owed: messages whose publisher has seen them acknowledged, and which are kept for
 * them.
 *
 * Owns the list, by Client Identifier. A message that was dropped and reported so is not owed any
 * more, nor is anything to a client whose session has ended. Of each message it knows who got it.
 */

import assert from "node:assert/strict";

export class Debts {
  /** Topic Names by payload. */
  readonly #owed = new Map<string, Map<string, string>>();
  readonly #received = new Map<string, Set<string>>();

  /** Nothing happens when the client has it already. */
  owe(clientIdentifier: string, payload: string, topicName: string): void {
    if (this.#received.get(clientIdentifier)?.has(payload)) return;
    const owed = this.#owed.get(clientIdentifier) ?? new Map<string, string>();
    this.#owed.set(clientIdentifier, owed.set(payload, topicName));
  }

  received(clientIdentifier: string, payload: string): void {
    this.#owed.get(clientIdentifier)?.delete(payload);
    const received = this.#received.get(clientIdentifier) ?? new Set<string>();
    this.#received.set(clientIdentifier, received.add(payload));
  }

  /** Only these have sessions. */
  keepOnly(clientIdentifiers: ReadonlyMap<string, unknown>): void {
    for (const name of this.#owed.keys()) {
      if (!clientIdentifiers.has(name)) this.#owed.delete(name);
    }
  }

  /** Takes notice of what the broker has reported, in lines. */
  take(events: readonly string[]): void {
    for (const line of events) {
      const ended = /^(\S+) ended:/.exec(line)?.[1];
      if (ended !== undefined) this.#owed.delete(ended);
      const [, name = "", topicName] = /^(\S+) dropped \d+ of '(.*)'/.exec(line) ?? [];
      const owed = this.#owed.get(name);
      for (const [payload, topic] of owed ?? []) if (topic === topicName) owed?.delete(payload);
    }
  }

  /** Everybody has had the time to get everything. */
  checkPaid(): void {
    const open = [...this.#owed].map(([name, owed]) => [name, [...owed.keys()]] as const)
      .filter(([, payloads]) => payloads.length > 0);
    assert.deepEqual(open, [], "acknowledged, and not delivered");
  }
}
