/**
 * The checksum at the end of the `data` of each row: disks return wrong bytes without saying so, and
 * a message nobody has published is worse than one that is reported as lost.
 *
 * Owns the function and what it covers: the `data` before it and the keys that never change. It is
 * computed by the worker, so it costs the main thread nothing.
 */

import { BatchReader, Change, CHECKSUM_BYTES } from "./batch.ts";

const FNV_PRIME = 0x0100_0193;
const FNV_OFFSET = 0x811c_9dc5 | 0;

function mixNumber(hash: number, value: number): number {
  const low = Math.imul(hash ^ (value >>> 0), FNV_PRIME);
  return Math.imul(low ^ Math.floor(value / 0x1_0000_0000), FNV_PRIME);
}

function mixText(hash: number, text: string): number {
  let mixed = hash;
  for (let at = 0; at < text.length; at++) {
    mixed = Math.imul(mixed ^ text.charCodeAt(at), FNV_PRIME);
  }
  return mixed;
}

/** FNV-1a over the bytes, 32 bits, starting from `seed`. */
export function checksum(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
  return hash;
}

/** What the keys of the current change of `reader` contribute. */
function seedOf(reader: BatchReader): number {
  const seed = FNV_OFFSET ^ reader.change;
  switch (reader.change) {
    case Change.PutSession:
    case Change.PutSubscription:
      return mixText(mixNumber(seed, reader.row), reader.text);
    case Change.PutMessage:
      return mixNumber(seed, reader.row);
    case Change.PutOutgoing:
      return mixNumber(mixNumber(mixNumber(seed, reader.row), reader.session), reader.message);
    default:
      return mixText(seed, reader.text);
  }
}

/** Of what a row of `outgoing` has outside its `data`, which changes without it. */
export function progressSum(row: number, packetIdentifier: number, released: number): number {
  return mixNumber(mixNumber(FNV_OFFSET, row), packetIdentifier * 2 + released) >>> 0;
}

/** Of an inbound Packet Identifier, which has no `data`. */
export function inboundSum(id: number): number {
  return mixNumber(FNV_OFFSET, id) >>> 0;
}

/** Whether the current change of `reader` carries `data`. */
export function hasData(change: Change): boolean {
  return change === Change.PutSession || change === Change.PutSubscription ||
    change === Change.PutMessage || change === Change.PutOutgoing || change === Change.PutRetained;
}

/** Stores the checksum in the `data` of the current change. */
export function sealData(reader: BatchReader): void {
  const { bytes, dataStart, dataEnd } = reader;
  const at = dataEnd - CHECKSUM_BYTES;
  const sum = checksum(bytes, dataStart, at, seedOf(reader));
  bytes[at] = sum >>> 24;
  bytes[at + 1] = sum >>> 16;
  bytes[at + 2] = sum >>> 8;
  bytes[at + 3] = sum;
}

/** Whether the `data` of the current change is what was once stored. */
export function isIntact(reader: BatchReader): boolean {
  const { bytes, dataStart, dataEnd } = reader;
  const at = dataEnd - CHECKSUM_BYTES;
  if (at < dataStart) return false;
  const stored = (bytes[at] as number) << 24 | (bytes[at + 1] as number) << 16 |
    (bytes[at + 2] as number) << 8 | (bytes[at + 3] as number);
  return checksum(bytes, dataStart, at, seedOf(reader)) === stored;
}
