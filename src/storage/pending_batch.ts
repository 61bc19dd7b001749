/**
 * Writes what was recorded as a batch (`batch.ts`).
 *
 * Owns the order in it: what is deleted comes first, since a Client Identifier or Topic Filter may
 * come again; the content of a message comes before the first outgoing message that refers to it.
 */

import type { Message } from "../broker/message.ts";
import type { Outgoing } from "../broker/outgoing.ts";
import type { Writer } from "../protocol/writer.ts";
import {
  beginData,
  Change,
  endData,
  writeDeleteRetained,
  writeDeleteSubscription,
  writeInbound,
  writeMessageKey,
  writeOutgoingKey,
  writeRetainedKey,
  writeSessionKey,
  writeSubscriptionKey,
  writeUpdateOutgoing,
} from "./batch.ts";
import {
  writeMessage,
  writeOutgoing,
  writeRetainedMessage,
  writeSession,
  writeSubscription,
} from "./contents.ts";
import { InboundChange, type SessionEntry } from "./session_entry.ts";

/** What a batch is made from (`PendingChanges`). */
export interface BatchSource {
  readonly added: readonly (Outgoing | undefined)[];
  /** The session of each in `added`. */
  readonly addedTo: readonly SessionEntry[];
  readonly updated: readonly Outgoing[];
  readonly touched: readonly SessionEntry[];
  readonly retained: ReadonlyMap<string, Message | undefined>;
  /** What is stored already, and was dated by a clock that was wrong. */
  readonly redated: readonly { readonly outgoing: Outgoing; readonly entry: SessionEntry }[];
  hasOwnContent(message: Message): boolean;
  isStored(outgoing: Outgoing): boolean;
  takeContentRow(message: Message): number;
}

export function writeBatch(writer: Writer, source: BatchSource, offsetMs: number): void {
  for (const entry of source.touched) {
    entry.isTouched = false;
    if (!entry.isDeleted) writeEntry(writer, entry, offsetMs);
  }
  for (const outgoing of source.updated) {
    if (!source.isStored(outgoing)) continue;
    writeUpdateOutgoing(writer, outgoing.journalRow, outgoing.packetIdentifier, outgoing.released);
  }
  writeRedated(writer, source, offsetMs);
  const { added, addedTo } = source;
  for (let index = 0; index < added.length; index++) {
    const outgoing = added[index];
    const entry = addedTo[index] as SessionEntry;
    if (outgoing !== undefined) writeAdded(writer, outgoing, entry, source, offsetMs);
  }
  for (const [topicName, message] of source.retained) {
    if (message === undefined) writeDeleteRetained(writer, topicName);
    else writeRetained(writer, message, offsetMs);
  }
}

function writeEntry(writer: Writer, entry: SessionEntry, offsetMs: number): void {
  if (entry.mustSave) {
    entry.mustSave = false;
    entry.isStored = true;
    entry.isDated = true;
    writeSessionKey(writer, entry.row, entry.clientIdentifier);
    const start = beginData(writer);
    writeSession(writer, entry.session, offsetMs);
    endData(writer, start);
  }
  writeSubscriptions(writer, entry);
  writeInbounds(writer, entry);
}

function writeSubscriptions(writer: Writer, entry: SessionEntry): void {
  if (entry.subscriptions === undefined) return;
  for (const [topicFilter, subscription] of entry.subscriptions) {
    if (subscription === undefined) {
      writeDeleteSubscription(writer, entry.row, topicFilter);
      continue;
    }
    writeSubscriptionKey(writer, entry.row, topicFilter);
    const start = beginData(writer);
    writeSubscription(writer, subscription);
    endData(writer, start);
  }
  entry.subscriptions = undefined;
}

function writeInbounds(writer: Writer, entry: SessionEntry): void {
  if (entry.inbound === undefined) return;
  for (const [packetIdentifier, change] of entry.inbound) {
    if (change === InboundChange.Keep) continue;
    const kind = change === InboundChange.Add ? Change.PutInbound : Change.DeleteInbound;
    writeInbound(writer, kind, entry.row, packetIdentifier);
  }
  if (entry.inbound.size > 64) entry.inbound = undefined;
  else entry.inbound.clear();
}

function writeRedated(writer: Writer, source: BatchSource, offsetMs: number): void {
  const contents = new Set<Message>();
  for (const { outgoing, entry } of source.redated) {
    const { message } = outgoing;
    if (source.hasOwnContent(message) && !contents.has(message)) {
      contents.add(message);
      writeContent(writer, message.journalRow, message, offsetMs);
    }
    writeAdded(writer, outgoing, entry, source, offsetMs);
  }
}

function writeContent(writer: Writer, row: number, message: Message, offsetMs: number): void {
  writeMessageKey(writer, row);
  const start = beginData(writer);
  writeMessage(writer, message, offsetMs);
  endData(writer, start);
}

function writeAdded(
  writer: Writer,
  outgoing: Outgoing,
  entry: SessionEntry,
  source: BatchSource,
  offsetMs: number,
): void {
  const { message, packetIdentifier, released } = outgoing;
  let content = message.journalRow;
  // What only one client waits for is written with it: one row instead of two.
  if (content === 0 && message.journalReferences > 1) {
    content = source.takeContentRow(message);
    writeContent(writer, content, message, offsetMs);
  }
  writeOutgoingKey(writer, outgoing.journalRow, entry.row, content, packetIdentifier, released);
  const start = beginData(writer);
  writeOutgoing(writer, outgoing);
  if (content === 0) writeMessage(writer, message, offsetMs);
  endData(writer, start);
}

function writeRetained(writer: Writer, message: Message, offsetMs: number): void {
  writeRetainedKey(writer, message.topic.name);
  const start = beginData(writer);
  writeRetainedMessage(writer, message, offsetMs);
  endData(writer, start);
}
