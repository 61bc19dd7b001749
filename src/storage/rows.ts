/**
 * Which rows the objects of the core stand for.
 *
 * Owns these numbers: they are kept on the objects themselves, since a million waiting messages
 * would make a map of them slow and large. 0 or missing: no row. Only `PendingChanges` writes them.
 */

import type { Message } from "../broker/message.ts";
import type { Outgoing } from "../broker/outgoing.ts";

interface OutgoingRow {
  /** Its row; grows in the order in which outgoing messages were added. */
  journalRow?: number;
}

interface MessageRow {
  /** The row of its content, when several outgoing messages share it. */
  journalRow?: number;
  /** How many recorded outgoing messages refer to it. */
  journalReferences?: number;
}

export function rowOf(outgoing: Outgoing): number {
  return (outgoing as Outgoing & OutgoingRow).journalRow ?? 0;
}

export function setRow(outgoing: Outgoing, row: number): void {
  (outgoing as Outgoing & OutgoingRow).journalRow = row;
}

export function contentRowOf(message: Message): number {
  return (message as Message & MessageRow).journalRow ?? 0;
}

export function setContentRow(message: Message, row: number): void {
  (message as Message & MessageRow).journalRow = row;
}

export function referencesTo(message: Message): number {
  return (message as Message & MessageRow).journalReferences ?? 0;
}

export function setReferences(message: Message, count: number): void {
  (message as Message & MessageRow).journalReferences = count;
}
