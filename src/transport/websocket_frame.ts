/**
 * What frames of WebSocket are made of (RFC 6455 sections 5.2 and 7.4), and the frames that a server
 * sends.
 *
 * Owns the numbers. Pure. A server's frames are not masked; those of a client are made elsewhere.
 */

export const Opcode = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** Why a connection is closed. */
export const StatusCode = {
  Normal: 1000,
  ProtocolError: 1002,
  UnsupportedData: 1003,
} as const;
export type StatusCode = typeof StatusCode[keyof typeof StatusCode];

/** Bytes of payload in a control frame. */
export const MAX_CONTROL_PAYLOAD = 125;

/** Bytes before the payload of a server's frame, at most. */
export const MAX_SERVER_HEADER = 10;

/** Bytes before a payload of `length` bytes: 2, 4 or 10. */
export function serverHeaderLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : MAX_SERVER_HEADER;
}

/** Writes the header of a whole binary message to the start of `target`. */
export function writeBinaryHeader(target: Uint8Array, length: number): void {
  target[0] = 0x80 | Opcode.Binary;
  if (length < 126) {
    target[1] = length;
    return;
  }
  if (length < 65_536) {
    target[1] = 126;
    target[2] = length >> 8;
    target[3] = length & 0xff;
    return;
  }
  target[1] = 127;
  const view = new DataView(target.buffer, target.byteOffset);
  view.setUint32(2, Math.floor(length / 2 ** 32));
  view.setUint32(6, length % 2 ** 32);
}

/** `payload`: at most `MAX_CONTROL_PAYLOAD` bytes. */
export function pongFrame(payload: Uint8Array): Uint8Array {
  return Uint8Array.of(0x80 | Opcode.Pong, payload.length, ...payload);
}

export function closeFrame(status: StatusCode): Uint8Array {
  return Uint8Array.of(0x80 | Opcode.Close, 2, status >> 8, status & 0xff);
}

/** How one side of a connection makes its frames. */
export interface FrameMaker {
  /** Whether payloads are changed on their way, so that they have to be copied. */
  readonly isMasked: boolean;
  /** Bytes before a payload of `length` bytes. */
  headerLength(length: number): number;
  /** Writes the header of a whole binary message to the start of `target`. */
  writeHeader(target: Uint8Array, length: number): void;
  /** With `isMasked`: masks the payload of `length` bytes that follows the header in `target`. */
  mask(target: Uint8Array, length: number): void;
  pong(payload: Uint8Array): Uint8Array;
  close(status: StatusCode): Uint8Array;
}

export const SERVER_FRAMES: FrameMaker = {
  isMasked: false,
  headerLength: serverHeaderLength,
  writeHeader: writeBinaryHeader,
  mask: () => {},
  pong: pongFrame,
  close: closeFrame,
};
