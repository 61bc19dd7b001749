/**
 * What the crash test counts: how much it checked, and what it found wrong.
 *
 * Owns the counts and the sentences; decides nothing.
 */

/** What can be found, in the order of the table. */
export const FINDING_KINDS = [
  "message lost",
  "message lost at a shared subscription only",
  "delivered twice at QoS 2",
  "delivered out of order",
  "message altered",
  "Packet Identifier of two messages",
  "session not as acknowledged",
  "subscription not as acknowledged",
  "retained message not as acknowledged",
  "Will not as acknowledged",
] as const;
export type FindingKind = typeof FINDING_KINDS[number];

/** How often something was checked: the number that findings are to be seen against. */
export interface Checked {
  /** Messages that the broker acknowledged with PUBACK or PUBREC. */
  messages: number;
  /** Session Present after a restart. */
  sessions: number;
  /** Subscriptions that come and go, looked at after a restart. */
  subscriptions: number;
  /** Retained messages, or their absence, looked at after a restart. */
  retained: number;
  /** Wills that had to come, or had to stay away. */
  wills: number;
  kills: number;
}

export class Findings {
  readonly checked: Checked = {
    messages: 0,
    sessions: 0,
    subscriptions: 0,
    retained: 0,
    wills: 0,
    kills: 0,
  };
  /** Every finding as a sentence, in the order in which they were made. */
  readonly sentences: string[] = [];
  readonly #counts = new Map<FindingKind, number>();

  add(kind: FindingKind, sentence: string): void {
    this.#counts.set(kind, this.count(kind) + 1);
    this.sentences.push(`${kind}: ${sentence}`);
  }

  count(kind: FindingKind): number {
    return this.#counts.get(kind) ?? 0;
  }
}
