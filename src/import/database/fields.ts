/**
 * Fields that all layouts of a `mosquitto.db` have, and what they may hold.
 *
 * Owns the checks. Mosquitto has checked all of this before it wrote the file: what is refused here
 * was damaged since.
 */

import { PacketType, type QoS } from "../../protocol/packet.ts";
import { readProperties } from "../../protocol/property.ts";
import { Reader } from "../../protocol/reader.ts";
import { topicNameFault } from "../../protocol/topic.ts";
import { forwardedProperties } from "../../broker/message.ts";
import type { FileCursor } from "./file_cursor.ts";
import { MessageState } from "./records.ts";

const NO_BYTES = new Uint8Array(0);
const NO_IDENTIFIERS: readonly number[] = Object.freeze([]);
const MS_PER_SECOND = 1000;
/** Messages are identified by so many bytes on every computer. */
const KEY_BYTES = 8;

export function toQoS(cursor: FileCursor, value: number): QoS {
  if (value <= 2) return value as QoS;
  throw cursor.failure(`Cannot decode QoS: it is ${value}, and 2 at most`);
}

export function toState(cursor: FileCursor, value: number): MessageState {
  if (value <= MessageState.Queued) return value;
  throw cursor.failure(`Cannot decode state of message: there is no state ${value}`);
}

/** 0: from the client to Mosquitto; 1: the other way. */
export function toIsIncoming(cursor: FileCursor, value: number): boolean {
  if (value <= 1) return value === 0;
  throw cursor.failure(`Cannot decode direction of message: it is ${value}, and 0 or 1`);
}

export function checkKeySize(cursor: FileCursor, bytes: number): void {
  if (bytes === KEY_BYTES) return;
  throw cursor.failure(`Cannot decode size of message numbers: it is ${bytes}, and ${KEY_BYTES}`);
}

/** `mayBeEmpty`: old versions wrote messages that nobody has any more. */
export function readTopicName(cursor: FileCursor, length: number, mayBeEmpty: boolean): string {
  const { position } = cursor;
  const topicName = cursor.text(length, "Topic Name");
  if (topicName === "" && mayBeEmpty) return topicName;
  const fault = topicNameFault(topicName);
  if (fault === undefined) return topicName;
  throw cursor.failure(`Cannot accept Topic Name: ${fault}`, position);
}

/** The time in Unix milliseconds that `seconds` since 1970 stand for; 0 for never. */
export function expiryMs(seconds: number): number {
  return seconds <= 0 ? Infinity : seconds * MS_PER_SECOND;
}

/** The properties of a PUBLISH in the rest of the chunk, as the core forwards them. */
export function readMessageProperties(cursor: FileCursor): Uint8Array {
  if (cursor.remaining === 0) return NO_BYTES;
  const { subscriptionIdentifiers: _own, ...properties } = readPublishProperties(cursor);
  return forwardedProperties(properties);
}

/** What is in the rest of the chunk besides is dropped: Mosquitto writes nothing else there. */
export function readSubscriptionIdentifiers(cursor: FileCursor): readonly number[] {
  if (cursor.remaining === 0) return NO_IDENTIFIERS;
  return readPublishProperties(cursor).subscriptionIdentifiers ?? NO_IDENTIFIERS;
}

function readPublishProperties(cursor: FileCursor): ReturnType<typeof readProperties> {
  const { position } = cursor;
  const reader = new Reader(cursor.take(cursor.remaining, "Properties"));
  return cursor.decode("Properties", position, () => {
    const properties = readProperties(reader, PacketType.Publish);
    reader.expectEnd("Properties");
    return properties;
  });
}
