/**
 * Bounds-checked reading of a `mosquitto.db`, field by field.
 *
 * Owns the position. Every read names the field it reads, so that damage is reported in words and
 * with its place: "at byte 1,234: Cannot decode Topic Name: 12 bytes announced, 3 remain". Whatever
 * the bytes are, nothing but `DatabaseError` is thrown. Numbers are big-endian but for those that
 * Mosquitto writes as they are in memory.
 */

import { decodeUtf8 } from "../../protocol/reader.ts";
import { ProtocolError } from "../../protocol/reason_code.ts";
import type { BlockFile } from "./block_file.ts";
import { DatabaseError, IF_DAMAGED } from "./database_error.ts";
import type { MessageKey } from "./records.ts";

const TWO_TO_32 = 0x1_0000_0000;
/** The high half of a time that is still a time: year 8,900,000. */
const LARGEST_HIGH_HALF = 0xffff;

export class FileCursor {
  readonly file: BlockFile;
  position: number;
  /** Nothing is read beyond it. */
  end: number;

  constructor(file: BlockFile, position = 0, end = file.size) {
    this.file = file;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** That something is wrong at `offset`, the position when it is not given. */
  failure(problem: string, offset = this.position): DatabaseError {
    return new DatabaseError(problem, { path: this.file.path, offset, advice: IF_DAMAGED });
  }

  /** The next `length` bytes, not to be changed. */
  take(length: number, field: string): Uint8Array {
    const { position } = this;
    this.passOver(length, field);
    return this.file.read(position, length);
  }

  passOver(length: number, field: string): void {
    if (length > this.remaining) {
      throw this.failure(
        `Cannot decode ${field}: ${count(length)} announced, ${this.remaining} remain`,
      );
    }
    this.position += length;
  }

  byte(field: string): number {
    return this.take(1, field)[0] as number;
  }

  twoByteInteger(field: string): number {
    const bytes = this.take(2, field);
    return twoBytesAt(bytes, 0);
  }

  fourByteInteger(field: string): number {
    const bytes = this.take(4, field);
    return twoBytesAt(bytes, 0) * 0x10000 + twoBytesAt(bytes, 2);
  }

  /** The number that Mosquitto gave to a message: eight bytes as they are in its memory. */
  messageKey(field: string): MessageKey {
    const bytes = this.take(8, field);
    const low = littleEndianAt(bytes, 0);
    const high = littleEndianAt(bytes, 4);
    if (high < 0x20_0000) return high * TWO_TO_32 + low;
    return BigInt(high) << 32n | BigInt(low);
  }

  /**
   * Seconds since 1970, of `length` 4 or 8 bytes as they are in the memory of the computer that
   * wrote them. What is no time on one like ours was written by one with the other byte order.
   */
  time(field: string, length = 8): number {
    const { position } = this;
    const bytes = this.take(length, field);
    if (length === 4) return littleEndianAt(bytes, 0) | 0;
    const high = littleEndianAt(bytes, 4);
    if (high <= LARGEST_HIGH_HALF) return high * TWO_TO_32 + littleEndianAt(bytes, 0);
    const swapped = Uint8Array.from(bytes).reverse();
    const swappedHigh = littleEndianAt(swapped, 4);
    if (swappedHigh <= LARGEST_HIGH_HALF) {
      return swappedHigh * TWO_TO_32 + littleEndianAt(swapped, 0);
    }
    throw this.failure(`Cannot decode ${field}: it is not a time`, position);
  }

  /** Text of `length` bytes. */
  text(length: number, field: string): string {
    const { position } = this;
    const bytes = this.take(length, field);
    return this.decode(field, position, () => decodeUtf8(bytes, 0, length, field));
  }

  /** What `read` returns; what is malformed for the protocol is damage at `position` here. */
  decode<Value>(field: string, position: number, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { message } = error;
      const problem = message.startsWith("Cannot ")
        ? message
        : `Cannot decode ${field}: ${message}`;
      throw this.failure(problem, position);
    }
  }
}

export function twoBytesAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) << 8 | (bytes[at + 1] as number);
}

function littleEndianAt(bytes: Uint8Array, at: number): number {
  return (twoBytesSwapped(bytes, at + 2) * 0x10000) + twoBytesSwapped(bytes, at);
}

function twoBytesSwapped(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1] as number) << 8 | (bytes[at] as number);
}

function count(bytes: number): string {
  return `${bytes} byte${bytes === 1 ? "" : "s"}`;
}
