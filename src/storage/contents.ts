/**
 * What is in the `data` of rows: messages, outgoing messages, sessions, subscriptions.
 *
 * Owns these layouts, which are part of the file's format (`schema.ts` has its version). Invariant:
 * what an older version has written is read as it is, told by its flags; it is written anew when it
 * changes. Times are Unix milliseconds; `offsetMs` is what has to be added to the broker's clock to
 * get them.
 */

import type { ClientIdentity } from "../broker/access.ts";
import type { StoredSession } from "../broker/journal.ts";
import { type Message, UNKNOWN_SECONDS } from "../broker/message.ts";
import type { Outgoing } from "../broker/outgoing.ts";
import type { Session } from "../broker/session.ts";
import type { WillMessage } from "../broker/will.ts";
import type { ProtocolVersion, QoS } from "../protocol/packet.ts";
import { readProperties, WILL_PROPERTIES, writeProperties } from "../protocol/property.ts";
import type { Reader } from "../protocol/reader.ts";
import { copyBytes, type Writer } from "../protocol/writer.ts";
import { CHECKSUM_BYTES } from "./batch.ts";
import { type ByteSlab, NO_BYTES } from "./byte_slab.ts";
import { RestoredMessage, RestoredOutgoing } from "./restored.ts";

const QOS_BITS = 0b11;
const RETAIN = 0b100;
const EXPIRES = 0b1000;
/** Of a retained message, since version 3: when it came, and from whom. */
const RETAINED_AT = 0b1_0000;
const PUBLISHER = 0b10_0000;
const SHARED = 0b1000;
const NO_LOCAL = 0b1000;
/** Since version 2. */
const REPLAY_PENDING = 0b1_0000;
const USERNAME = 0b1000;
const BRIDGE = 0b1_0000;
const WILL = 0b10_0000;
/** Since version 2: where the client came in, and names that may be any text. */
const ORIGIN = 0b100_0000;
const NO_IDENTIFIERS: readonly number[] = Object.freeze([]);
const NO_GROUPS: readonly string[] = Object.freeze([]);
/** Of a session of version 1. */
const UNKNOWN_ORIGIN = Object.freeze({ listener: "", address: "", groups: NO_GROUPS });

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

function writeFloat(writer: Writer, value: number): void {
  float[0] = value;
  writer.rawBytes(floatBytes, 0, 8);
}

function readFloat(reader: Reader): number {
  const at = reader.take(8, "number");
  copyBytes(floatBytes, 0, reader.bytes, at, at + 8);
  return float[0] as number;
}

/** Any text, however long: names that a proof brought need not be Strings of MQTT. */
function writeText(writer: Writer, text: string): void {
  const bytes = encoder.encode(text);
  writer.variableByteInteger(bytes.length);
  writer.rawBytes(bytes, 0, bytes.length);
}

function readText(reader: Reader, field: string): string {
  const start = reader.take(reader.variableByteInteger(field), field);
  return decoder.decode(reader.bytes.subarray(start, reader.position));
}

function flags(qos: QoS, retain: boolean, others: number): number {
  return qos | (retain ? RETAIN : 0) | others;
}

// Messages.

export function writeMessage(writer: Writer, message: Message, offsetMs: number): void {
  writeMessageWith(writer, message, offsetMs, undefined, undefined);
}

/** A message that is retained, with when it came and from whom as far as that is known. */
export function writeRetainedMessage(writer: Writer, message: Message, offsetMs: number): void {
  const { retainedAtSeconds, publisher } = message;
  const isKnown = retainedAtSeconds !== UNKNOWN_SECONDS;
  const retainedAtMs = isKnown ? retainedAtSeconds * 1000 + offsetMs : undefined;
  writeMessageWith(writer, message, offsetMs, retainedAtMs, publisher);
}

function writeMessageWith(
  writer: Writer,
  message: Message,
  offsetMs: number,
  retainedAtMs: number | undefined,
  publisher: string | undefined,
): void {
  const { expiresAtMs, encodedProperties } = message;
  const expires = expiresAtMs !== Infinity;
  const others = (expires ? EXPIRES : 0) | (retainedAtMs === undefined ? 0 : RETAINED_AT) |
    (publisher === undefined ? 0 : PUBLISHER);
  writer.byte(flags(message.qos, message.retain, others));
  if (expires) writeFloat(writer, expiresAtMs + offsetMs);
  if (retainedAtMs !== undefined) writeFloat(writer, retainedAtMs);
  if (publisher !== undefined) writeText(writer, publisher);
  message.topic.writeName(writer);
  writer.variableByteInteger(encodedProperties.length);
  writer.rawBytes(encodedProperties, 0, encodedProperties.length);
  writer.rawBytes(message.payloadBytes, message.payloadStart, message.payloadEnd);
}

/**
 * Reads the rest of `data` as a message. `row`: where its content is; 0: with its outgoing. `slab`:
 * where the payload is copied to; undefined: it stays where it is, in the buffer of `reader`.
 */
export function readMessage(
  reader: Reader,
  row: number,
  offsetMs: number,
  slab: ByteSlab | undefined,
): RestoredMessage {
  const bits = reader.byte("flags");
  const expiresAtMs = (bits & EXPIRES) === 0 ? Infinity : readFloat(reader) - offsetMs;
  const retainedAtMs = (bits & RETAINED_AT) === 0 ? undefined : readFloat(reader) - offsetMs;
  const publisher = (bits & PUBLISHER) === 0 ? undefined : readText(reader, "publisher");
  const topicName = reader.utf8String("Topic Name");
  const encodedProperties = takeBytes(reader, reader.variableByteInteger("Property Length"));
  const length = reader.remaining - CHECKSUM_BYTES;
  const start = reader.take(length, "payload");
  const at = slab?.place(reader.bytes, start, start + length) ?? start;
  return new RestoredMessage(
    topicName,
    slab?.bytes ?? reader.bytes,
    at,
    at + length,
    (bits & QOS_BITS) as QoS,
    (bits & RETAIN) !== 0,
    encodedProperties,
    expiresAtMs,
    row,
    retainedAtMs,
    publisher,
  );
}

function takeBytes(reader: Reader, length: number): Uint8Array {
  if (length === 0) return NO_BYTES;
  const start = reader.take(length, "bytes");
  return reader.bytes.slice(start, start + length);
}

// Outgoing messages.

/** Without its message, which follows or has a row of its own. */
export function writeOutgoing(writer: Writer, outgoing: Outgoing): void {
  const { group, subscriptionIdentifiers } = outgoing;
  writer.byte(flags(outgoing.qos, outgoing.retain, group === undefined ? 0 : SHARED));
  writer.variableByteInteger(subscriptionIdentifiers.length);
  for (const identifier of subscriptionIdentifiers) writer.variableByteInteger(identifier);
  if (group !== undefined) writer.utf8String(`$share/${group.shareName}/${group.topicFilter}`);
}

/** What a row of outgoing messages has outside its `data`. */
export interface OutgoingKeys {
  readonly row: number;
  readonly packetIdentifier: number;
  readonly released: boolean;
}

/** `message`: undefined when it follows in the same `data`. */
export function readOutgoing(
  reader: Reader,
  keys: OutgoingKeys,
  message: RestoredMessage | undefined,
  offsetMs: number,
  slab: ByteSlab | undefined,
): RestoredOutgoing {
  const bits = reader.byte("flags");
  const count = reader.variableByteInteger("count");
  let identifiers = NO_IDENTIFIERS;
  if (count > 0) {
    const read: number[] = [];
    for (let at = 0; at < count; at++) {
      read.push(reader.variableByteInteger("Subscription Identifier"));
    }
    identifiers = read;
  }
  const sharedFilter = (bits & SHARED) === 0 ? undefined : reader.utf8String("Topic Filter");
  return new RestoredOutgoing(
    message ?? readMessage(reader, 0, offsetMs, slab),
    (bits & QOS_BITS) as QoS,
    (bits & RETAIN) !== 0,
    identifiers,
    keys.packetIdentifier,
    keys.released,
    sharedFilter,
    keys.row,
  );
}

// Sessions.

/** What of a session is in the `data` of its row. */
export type SessionContent = Pick<
  Session,
  "identity" | "bridge" | "will" | "disconnectedAtMs" | "protocolVersion" | "expiryIntervalMs"
>;

/** While the client is connected, `NaN` stands for the time when it left. */
export function writeSession(writer: Writer, session: SessionContent, offsetMs: number): void {
  const { identity, bridge, will, disconnectedAtMs = NaN } = session;
  const { username } = identity;
  writer.byte(
    (username === undefined ? 0 : USERNAME) | (bridge ? BRIDGE : 0) |
      (will === undefined ? 0 : WILL) | ORIGIN,
  );
  writer.byte(session.protocolVersion);
  writeFloat(writer, session.expiryIntervalMs);
  writeFloat(writer, disconnectedAtMs + offsetMs);
  if (username !== undefined) writeText(writer, username);
  writeOrigin(writer, identity);
  if (will !== undefined) writeWill(writer, will);
}

function writeOrigin(writer: Writer, { listener, address, groups }: ClientIdentity): void {
  writeText(writer, listener);
  writeText(writer, address);
  writer.variableByteInteger(groups.length);
  for (const group of groups) writeText(writer, group);
}

/** A subscription as it comes back: its session is the one whose row it was stored with. */
export type StoredSubscription = StoredSession["subscriptions"][number];

/** Without what has rows of its own. `disconnectedAtMs` is `NaN` for a client that was connected. */
export type StoredSessionRow = Omit<
  StoredSession,
  "clientIdentifier" | "subscriptions" | "outgoing" | "inboundPacketIdentifiers"
>;

export function readSession(reader: Reader, offsetMs: number): StoredSessionRow {
  const bits = reader.byte("flags");
  const protocolVersion = reader.byte("protocol version") as ProtocolVersion;
  const expiryIntervalMs = readFloat(reader);
  const disconnectedAtMs = readFloat(reader) - offsetMs;
  return {
    protocolVersion,
    bridge: (bits & BRIDGE) !== 0,
    expiryIntervalMs,
    disconnectedAtMs,
    username: (bits & USERNAME) === 0 ? undefined : readUsername(reader, bits),
    ...((bits & ORIGIN) === 0 ? UNKNOWN_ORIGIN : readOrigin(reader)),
    will: (bits & WILL) === 0 ? undefined : readWill(reader),
  };
}

function readUsername(reader: Reader, bits: number): string {
  return (bits & ORIGIN) === 0 ? reader.utf8String("User Name") : readText(reader, "User Name");
}

function readOrigin(reader: Reader): Pick<ClientIdentity, "listener" | "address" | "groups"> {
  const listener = readText(reader, "listener");
  const address = readText(reader, "address");
  const count = reader.variableByteInteger("count of groups");
  if (count === 0) return { listener, address, groups: NO_GROUPS };
  const groups: string[] = [];
  for (let read = 0; read < count; read++) groups.push(readText(reader, "group"));
  return { listener, address, groups };
}

function writeWill(writer: Writer, will: WillMessage): void {
  writer.byte(flags(will.qos, will.retain, 0));
  writeFloat(writer, will.delayMs);
  writer.utf8String(will.topicName);
  writeProperties(writer, WILL_PROPERTIES, will.properties);
  writer.rawBytes(will.payload, 0, will.payload.length);
}

function readWill(reader: Reader): WillMessage {
  const bits = reader.byte("flags");
  const delayMs = readFloat(reader);
  return {
    qos: (bits & QOS_BITS) as QoS,
    retain: (bits & RETAIN) !== 0,
    delayMs,
    topicName: reader.utf8String("Topic Name"),
    properties: readProperties(reader, WILL_PROPERTIES),
    payload: reader.rawBytes(reader.remaining - CHECKSUM_BYTES, "payload"),
  };
}

// Subscriptions.

export function writeSubscription(writer: Writer, subscription: StoredSubscription): void {
  const { retainAsPublished, noLocal, replayPending, shareName } = subscription;
  const others = (noLocal ? NO_LOCAL : 0) | (replayPending ? REPLAY_PENDING : 0);
  writer.byte(flags(subscription.qos, retainAsPublished, others));
  writer.variableByteInteger(subscription.identifier);
  if (shareName !== undefined) writer.utf8String(shareName);
}

export function readSubscription(reader: Reader, topicFilter: string): StoredSubscription {
  const bits = reader.byte("flags");
  const identifier = reader.variableByteInteger("Subscription Identifier");
  return {
    topicFilter,
    qos: (bits & QOS_BITS) as QoS,
    retainAsPublished: (bits & RETAIN) !== 0,
    noLocal: (bits & NO_LOCAL) !== 0,
    replayPending: (bits & REPLAY_PENDING) !== 0,
    identifier,
    shareName: reader.remaining === CHECKSUM_BYTES ? undefined : reader.utf8String("Share Name"),
  };
}
