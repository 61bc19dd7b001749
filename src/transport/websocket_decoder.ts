/**
 * Decodes the frames of the other side of a WebSocket connection (RFC 6455 section 5) where they lie in
 * the read buffer.
 *
 * Owns the state between reads: half a header, the rest of a payload, a control frame that is not
 * complete. Payloads are one stream: where frames and messages end means nothing to MQTT
 * [MQTT-6.0.0-2]. Pure. Invariant: the bytes that come out, and how it ends, do not depend on how the
 * input was cut.
 */

import { MAX_CONTROL_PAYLOAD, Opcode, StatusCode } from "./websocket_frame.ts";

/** Two bytes, up to eight of length, four of mask. */
const MAX_HEADER_BYTES = 14;

/** Whose frames they are: those of a client are masked, those of a server are not. */
export type FrameSender = "client" | "server";

/** Why the connection is closed, as the other side is told. */
export interface WebSocketFailure {
  readonly status: StatusCode;
  readonly message: string;
}

export class WebSocketDecoder {
  /** The other side broke the protocol; nothing more is decoded. */
  failure: WebSocketFailure | undefined;
  /** The other side has sent Close; nothing more is decoded. */
  isClosed = false;
  /** The payload of the last Ping that has not been answered; whoever answers sets it back. */
  ping: Uint8Array | undefined;
  /** The bit that says that a frame has a mask, as it must be, and the bytes of the mask. */
  readonly #maskBit: number;
  readonly #maskBytes: number;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerFilled = 0;
  #opcode: number = Opcode.Binary;
  /** A message has begun, and more of its frames are to come. */
  #isFragmented = false;
  /** Bytes of the payload of this frame that are to come. */
  #remaining = 0;
  /** The four bytes of the mask as they apply to what comes next, the first one lowest; 0: none. */
  #mask = 0;
  #control: Uint8Array | undefined;
  #controlFilled = 0;

  constructor(sender: FrameSender = "client") {
    this.#maskBit = sender === "client" ? 0x80 : 0;
    this.#maskBytes = sender === "client" ? 4 : 0;
  }

  /**
   * Decodes `bytes[0..end)`. Payload of binary frames is moved to the start of `bytes`; returns how
   * much of it there is.
   */
  decode(bytes: Uint8Array, end: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let position = 0;
    let written = 0;
    while (position < end && this.failure === undefined && !this.isClosed) {
      if (this.#remaining === 0) {
        position = this.#beginShortMessage(bytes, position, end) ??
          this.#readHeader(bytes, position, end);
        continue;
      }
      const count = Math.min(this.#remaining, end - position);
      this.#unmask(view, position, written, count);
      if (this.#control === undefined) written += count;
      else this.#addToControl(this.#control, bytes, written, count);
      position += count;
    }
    return written;
  }

  /** The usual frame: a whole binary message, short, its header complete. Undefined: another one. */
  #beginShortMessage(bytes: Uint8Array, start: number, end: number): number | undefined {
    const length = (bytes[start + 1] as number) - this.#maskBit;
    const headerEnd = start + 2 + this.#maskBytes;
    const isUsual = bytes[start] === (0x80 | Opcode.Binary) && length >= 0 && length < 126 &&
      this.#headerFilled === 0 && end >= headerEnd && !this.#isFragmented;
    if (!isUsual) return undefined;
    this.#remaining = length;
    if (this.#maskBytes > 0) this.#mask = readMask(bytes, start + 2);
    return headerEnd;
  }

  /** Takes bytes of a header, and acts on it when it is complete; returns where the rest starts. */
  #readHeader(bytes: Uint8Array, start: number, end: number): number {
    const header = this.#header;
    let position = start;
    let filled = this.#headerFilled;
    let needed = filled < 2 ? 2 : headerLength(header) + this.#maskBytes;
    while (filled < needed && position < end) {
      header[filled++] = bytes[position++] as number;
      if (filled === 2) {
        this.failure = this.#checkStart();
        if (this.failure !== undefined) return position;
        needed = headerLength(header) + this.#maskBytes;
      }
    }
    this.#headerFilled = filled;
    if (filled === needed) this.#beginFrame(needed);
    return position;
  }

  /** Judges a frame by its first two bytes. */
  #checkStart(): WebSocketFailure | undefined {
    const first = this.#header[0] as number;
    const second = this.#header[1] as number;
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) return broken("reserved bits are set");
    if ((second & 0x80) !== this.#maskBit) {
      return broken(
        this.#maskBit === 0 ? "a frame of a server is masked" : "a frame of a client is not masked",
      );
    }
    if (opcode === Opcode.Text) { // [MQTT-6.0.0-1]
      return { status: StatusCode.UnsupportedData, message: "a text frame; MQTT is binary" };
    }
    if (opcode >= Opcode.Close) {
      if (opcode > Opcode.Pong) return broken(`unknown opcode ${opcode}`);
      if (first < 0x80) return broken("a control frame in fragments");
      return (second & 0x7f) > MAX_CONTROL_PAYLOAD
        ? broken(`a control frame with more than ${MAX_CONTROL_PAYLOAD} bytes`)
        : undefined;
    }
    if (opcode > Opcode.Binary) return broken(`unknown opcode ${opcode}`);
    if ((opcode === Opcode.Continuation) === this.#isFragmented) return undefined;
    return broken(
      this.#isFragmented
        ? "a new message in the fragments of another"
        : "a fragment without a beginning",
    );
  }

  /** The header is complete. */
  #beginFrame(length: number): void {
    const header = this.#header;
    this.#headerFilled = 0;
    const announced = payloadLength(header);
    if (announced === undefined) {
      this.failure = broken("a payload length that is not in shortest form, or too large");
      return;
    }
    this.#remaining = announced;
    if (this.#maskBytes > 0) this.#mask = readMask(header, length - 4);
    this.#opcode = (header[0] as number) & 0x0f;
    if (this.#opcode < Opcode.Close) {
      this.#isFragmented = (header[0] as number) < 0x80;
      this.#control = undefined;
      return;
    }
    this.#control = new Uint8Array(announced);
    this.#controlFilled = 0;
    if (announced === 0) this.#endControl(this.#control);
  }

  /**
   * Moves `count` bytes from `from` to `to`, which is not behind it, without their mask. Four bytes
   * at a time wherever they lie: the engine makes one load and one store of it.
   */
  #unmask(view: DataView, from: number, to: number, count: number): void {
    const mask = this.#mask;
    const words = count & ~3;
    for (let offset = 0; offset < words; offset += 4) {
      view.setInt32(to + offset, view.getInt32(from + offset, true) ^ mask, true);
    }
    for (let offset = words; offset < count; offset++) {
      const key = mask >>> ((offset & 3) * 8);
      view.setUint8(to + offset, view.getUint8(from + offset) ^ key & 0xff);
    }
    const bits = (count & 3) * 8;
    if (bits > 0) this.#mask = mask >>> bits | mask << (32 - bits);
    this.#remaining -= count;
  }

  #addToControl(control: Uint8Array, bytes: Uint8Array, start: number, count: number): void {
    for (let offset = 0; offset < count; offset++) {
      control[this.#controlFilled++] = bytes[start + offset] as number;
    }
    if (this.#remaining === 0) this.#endControl(control);
  }

  #endControl(payload: Uint8Array): void {
    this.#control = undefined;
    if (this.#opcode === Opcode.Ping) this.ping = payload;
    if (this.#opcode !== Opcode.Close) return;
    if (payload.length === 1) this.failure = broken("a Close frame with half a status code");
    else this.isClosed = true;
  }
}

function broken(message: string): WebSocketFailure {
  return { status: StatusCode.ProtocolError, message };
}

/** Without mask, by the second byte: the length may take two or eight bytes more. */
function headerLength(header: Uint8Array): number {
  const length = (header[1] as number) & 0x7f;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}

/** Undefined when it is not in shortest form, or more than an integer holds. */
function payloadLength(header: Uint8Array): number | undefined {
  const short = (header[1] as number) & 0x7f;
  if (short < 126) return short;
  if (short === 126) {
    const length = (header[2] as number) << 8 | (header[3] as number);
    return length < 126 ? undefined : length;
  }
  const view = new DataView(header.buffer, header.byteOffset);
  const length = view.getUint32(2) * 2 ** 32 + view.getUint32(6);
  return length < 2 ** 16 || length > Number.MAX_SAFE_INTEGER ? undefined : length;
}

function readMask(header: Uint8Array, at: number): number {
  return (header[at] as number) | (header[at + 1] as number) << 8 |
    (header[at + 2] as number) << 16 | (header[at + 3] as number) << 24;
}
