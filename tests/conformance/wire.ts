/**
 * Builds packets byte by byte, right or wrong, without the codec that is under test.
 */

/** Bytes, or a byte, in the order in which they are sent. */
export type Piece = number | readonly number[] | Uint8Array;

const encoder = new TextEncoder();

export function joined(...pieces: Piece[]): Uint8Array {
  return Uint8Array.from(
    pieces.flatMap((piece) => typeof piece === "number" ? [piece] : [...piece]),
  );
}

/** Two Byte Integer. */
export function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** Four Byte Integer. */
export function u32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff];
}

/** Variable Byte Integer in its shortest form. */
export function variable(value: number): number[] {
  const rest = value >>> 7;
  return rest === 0 ? [value] : [value & 0x7f | 0x80, ...variable(rest)];
}

/** Text, or bytes that need not be text, after their Two Byte Integer length. */
export function string(content: string | readonly number[]): number[] {
  const bytes = typeof content === "string" ? [...encoder.encode(content)] : content;
  return [...u16(bytes.length), ...bytes];
}

/** Properties after their Property Length. */
export function properties(...pieces: Piece[]): Uint8Array {
  const bytes = joined(...pieces);
  return joined(variable(bytes.length), bytes);
}

/** A packet: its first byte, its Remaining Length, its body. */
export function packet(firstByte: number, ...body: Piece[]): Uint8Array {
  const bytes = joined(...body);
  return joined(firstByte, variable(bytes.length), bytes);
}

/** Reads "30 05 00 01 61" as bytes. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (digits) => Number.parseInt(digits, 16));
}

/** Protocol Name and Protocol Version as each version of MQTT writes them. */
export const protocolOf: Record<3 | 4 | 5, number[]> = {
  3: [...string("MQIsdp"), 3],
  4: [...string("MQTT"), 4],
  5: [...string("MQTT"), 5],
};

/** An empty property list where the version has one. */
export function noProperties(version: 3 | 4 | 5): number[] {
  return version === 5 ? [0] : [];
}
