/**
 * The form in which changes travel: from the journal to the worker as a batch, from the file to the
 * main thread when it is loaded, from one file to another when it is copied.
 *
 * Owns the layout of each change but not of the `data` in it (`contents.ts`). A batch is one change
 * after the other; a change is its kind, its keys, and `data` that ends with four bytes for the
 * checksum, which the worker fills in (`checksum.ts`). Row numbers have 48 bits.
 */

import { Reader } from "../protocol/reader.ts";
import type { Writer } from "../protocol/writer.ts";

export enum Change {
  PutSession = 1,
  DeleteSession = 2,
  PutSubscription = 3,
  DeleteSubscription = 4,
  PutMessage = 5,
  DeleteMessage = 6,
  PutOutgoing = 7,
  UpdateOutgoing = 8,
  DeleteOutgoing = 9,
  PutInbound = 10,
  DeleteInbound = 11,
  PutRetained = 12,
  DeleteRetained = 13,
}

/** Bytes at the end of `data` that its checksum takes. */
export const CHECKSUM_BYTES = 4;
/**
 * A row with as much `data` is large: what a buffer of its own costs does not count then, so it gets
 * one when it is loaded.
 */
export const LARGE_ROW_BYTES = 4096;
const TWO_TO_32 = 0x1_0000_0000;

export function writeRow(writer: Writer, row: number): void {
  writer.twoByteInteger(Math.floor(row / TWO_TO_32));
  writer.fourByteInteger(row >>> 0);
}

export function readRow(reader: Reader): number {
  const high = reader.twoByteInteger("row");
  return high * TWO_TO_32 + reader.fourByteInteger("row");
}

/** Starts the `data` of a change. Returns what `endData` needs. */
export function beginData(writer: Writer): number {
  writer.fourByteInteger(0);
  return writer.length;
}

/** Ends the `data` that was begun at `start`: room for the checksum, and its length before it. */
export function endData(writer: Writer, start: number): void {
  writer.fourByteInteger(0);
  const end = writer.length;
  writer.length = start - 4;
  writer.fourByteInteger(end - start);
  writer.length = end;
}

/** `data` that has its checksum already, from a file. */
export function writeData(writer: Writer, data: Uint8Array): void {
  writer.fourByteInteger(data.length);
  writer.rawBytes(data, 0, data.length);
}

export function writeSessionKey(writer: Writer, row: number, clientIdentifier: string): void {
  writer.byte(Change.PutSession);
  writeRow(writer, row);
  writer.utf8String(clientIdentifier);
}

export function writeSubscriptionKey(writer: Writer, session: number, topicFilter: string): void {
  writer.byte(Change.PutSubscription);
  writeRow(writer, session);
  writer.utf8String(topicFilter);
}

export function writeMessageKey(writer: Writer, row: number): void {
  writer.byte(Change.PutMessage);
  writeRow(writer, row);
}

/** `message` is the row of its content, 0 when the content is in its own `data`. */
export function writeOutgoingKey(
  writer: Writer,
  row: number,
  session: number,
  message: number,
  packetIdentifier: number,
  released: boolean,
): void {
  writer.byte(Change.PutOutgoing);
  writeRow(writer, row);
  writeRow(writer, session);
  writeRow(writer, message);
  writer.twoByteInteger(packetIdentifier);
  writer.byte(released ? 1 : 0);
}

export function writeRetainedKey(writer: Writer, topicName: string): void {
  writer.byte(Change.PutRetained);
  writer.utf8String(topicName);
}

export function writeUpdateOutgoing(
  writer: Writer,
  row: number,
  packetIdentifier: number,
  released: boolean,
): void {
  writer.byte(Change.UpdateOutgoing);
  writeRow(writer, row);
  writer.twoByteInteger(packetIdentifier);
  writer.byte(released ? 1 : 0);
}

/** A change that is a kind and a row: `DeleteSession`, `DeleteMessage`, `DeleteOutgoing`. */
export function writeDelete(
  writer: Writer,
  change: Change.DeleteSession | Change.DeleteMessage | Change.DeleteOutgoing,
  row: number,
): void {
  writer.byte(change);
  writeRow(writer, row);
}

export function writeDeleteSubscription(
  writer: Writer,
  session: number,
  topicFilter: string,
): void {
  writer.byte(Change.DeleteSubscription);
  writeRow(writer, session);
  writer.utf8String(topicFilter);
}

export function writeInbound(
  writer: Writer,
  change: Change.PutInbound | Change.DeleteInbound,
  session: number,
  packetIdentifier: number,
): void {
  writer.byte(change);
  writeRow(writer, session);
  writer.twoByteInteger(packetIdentifier);
}

export function writeDeleteRetained(writer: Writer, topicName: string): void {
  writer.byte(Change.DeleteRetained);
  writer.utf8String(topicName);
}

/**
 * Goes through a batch change by change. Only the fields that the kind of the current change has
 * are valid. Throws when the batch is malformed, which is our own mistake.
 */
export class BatchReader {
  readonly #reader: Reader;
  change = Change.PutSession;
  /** The row of the change itself, or for subscriptions and inbound identifiers of the session. */
  row = 0;
  session = 0;
  message = 0;
  packetIdentifier = 0;
  released = false;
  /** Client Identifier, Topic Filter or Topic Name. */
  text = "";
  dataStart = 0;
  dataEnd = 0;

  constructor(batch: Uint8Array, start = 0) {
    this.#reader = new Reader(batch, start);
  }

  get bytes(): Uint8Array {
    return this.#reader.bytes;
  }
  /** Where the next change starts. */
  get position(): number {
    return this.#reader.position;
  }
  /** The bytes of `data` with its checksum; a view. */
  get data(): Uint8Array {
    return this.#reader.bytes.subarray(this.dataStart, this.dataEnd);
  }

  /** Moves to the next change; false at the end. */
  next(): boolean {
    const reader = this.#reader;
    if (reader.remaining === 0) return false;
    this.change = reader.byte("change");
    switch (this.change) {
      case Change.PutSession:
      case Change.PutSubscription:
        this.row = readRow(reader);
        this.text = reader.utf8String("key");
        return this.#readData();
      case Change.PutMessage:
        this.row = readRow(reader);
        return this.#readData();
      case Change.PutOutgoing:
        this.row = readRow(reader);
        this.session = readRow(reader);
        this.message = readRow(reader);
        this.#readProgress();
        return this.#readData();
      case Change.PutRetained:
        this.text = reader.utf8String("Topic Name");
        return this.#readData();
      default:
        return this.#nextWithoutData();
    }
  }

  #nextWithoutData(): boolean {
    const reader = this.#reader;
    switch (this.change) {
      case Change.DeleteSession:
      case Change.DeleteMessage:
      case Change.DeleteOutgoing:
        this.row = readRow(reader);
        return true;
      case Change.UpdateOutgoing:
        this.row = readRow(reader);
        this.#readProgress();
        return true;
      case Change.DeleteSubscription:
        this.row = readRow(reader);
        this.text = reader.utf8String("Topic Filter");
        return true;
      case Change.PutInbound:
      case Change.DeleteInbound:
        this.row = readRow(reader);
        this.packetIdentifier = reader.twoByteInteger("Packet Identifier");
        return true;
      case Change.DeleteRetained:
        this.text = reader.utf8String("Topic Name");
        return true;
      default:
        throw new Error(`Cannot read batch: there is no change ${this.change}`);
    }
  }

  #readProgress(): void {
    this.packetIdentifier = this.#reader.twoByteInteger("Packet Identifier");
    this.released = this.#reader.byte("released") === 1;
  }

  #readData(): boolean {
    const length = this.#reader.fourByteInteger("data");
    this.dataStart = this.#reader.take(length, "data");
    this.dataEnd = this.#reader.position;
    return true;
  }
}
