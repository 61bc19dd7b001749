/**
 * A `Link` without a network: what the core sends is encoded to bytes, as `net/` does it, and
 * decoded again for the test to look at.
 *
 * Owns the bytes sent. Invariant: nothing is sent after `close`, and shared bytes do not change while
 * the link holds them; both are checked.
 */

import assert from "node:assert/strict";
import type { Link } from "../../src/broker/link.ts";
import type { Message } from "../../src/broker/message.ts";
import type { SharedChunk } from "../../src/broker/shared_chunk.ts";
import { encodePacket } from "../../src/protocol/codec.ts";
import {
  type AcknowledgementPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
} from "../../src/protocol/packet.ts";
import {
  type PublishEnvelope,
  publishRemainingLength,
  writePublish,
} from "../../src/protocol/publish_frame.ts";
import type { ReasonCode } from "../../src/protocol/reason_code.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { variableByteIntegerLength, Writer } from "../../src/protocol/writer.ts";

export class FakeLink implements Link {
  readonly protocolVersion: ProtocolVersion;
  readonly remoteAddress: string;
  isCongested = false;
  /** The largest message that `hasRoomFor`. */
  roomBytes = Infinity;

  hasRoomFor(bytes: number): boolean {
    return bytes <= this.roomBytes;
  }
  needsOwnEncoding = false;
  /** Maximum Packet Size of the client, in bytes. */
  maximumPacketSize = Infinity;
  /** Set once the link is closed. */
  closed: { reasonCode: ReasonCode; reasonString: string } | undefined;
  /** What `net/` does when a link is closed; before it, nothing is said to the client. */
  onClose: (reasonCode: ReasonCode, reasonString: string) => void = () => {};
  /** Chunks handed over to be shared with other links, in calls of `publishEncoded`. */
  sharedChunks = 0;
  /** What follows a gate comes when `committed` is called, as in `net/`; false: at once. */
  waitsForCommits = false;
  /** Every commit that output had to wait for, whether it did or not. */
  readonly gates: number[] = [];
  /** What may be taken. */
  #writer = new Writer(16);
  /** What waits for commits, by rising commit. */
  #held: { readonly commit: number; readonly writer: Writer }[] = [];
  #stream: PacketStream;
  #shared: { chunk: SharedChunk; copy: Uint8Array; count: number }[] = [];

  constructor(protocolVersion: ProtocolVersion, remoteAddress = "fake:1") {
    this.protocolVersion = protocolVersion;
    this.remoteAddress = remoteAddress;
    this.#stream = new PacketStream({ version: protocolVersion });
  }

  send(packet: Packet): void {
    this.#checkOpen();
    encodePacket(this.#tail, packet, this.protocolVersion);
  }

  acknowledge(type: AcknowledgementPacket["type"], packetIdentifier: number): void {
    this.send({ type, packetIdentifier, reasonCode: 0, properties: {} });
  }

  publish(message: Message, envelope: PublishEnvelope): boolean {
    this.#checkOpen();
    const length = publishRemainingLength(this.protocolVersion, message, envelope);
    const size = 1 + variableByteIntegerLength(length) + length;
    if (size > this.maximumPacketSize) return false;
    writePublish(this.#tail, this.protocolVersion, message, envelope);
    return true;
  }

  publishEncoded(chunk: SharedChunk, count: number): void {
    this.#checkOpen();
    assert.equal(this.needsOwnEncoding, false, "shared bytes for a link that needs its own");
    this.sharedChunks++;
    chunk.retain();
    this.#shared.push({ chunk, copy: chunk.bytes.slice(), count });
    this.#tail.rawBytes(chunk.bytes, 0, chunk.bytes.length);
  }

  gate(commit: number): void {
    if (commit === 0) return;
    this.gates.push(commit);
    if (!this.waitsForCommits || this.#held.at(-1)?.commit === commit) return;
    this.#held.push({ commit, writer: new Writer(16) });
  }

  /** Everything up to `commit` is durable. */
  committed(commit: number): void {
    while (this.#held[0] !== undefined && this.#held[0].commit <= commit) {
      const bytes = this.#held[0].writer.written();
      this.#held.shift();
      this.#writer.rawBytes(bytes, 0, bytes.length);
    }
  }

  /** Output waits for commits. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  get #tail(): Writer {
    return this.#held.at(-1)?.writer ?? this.#writer;
  }

  close(reasonCode: ReasonCode, reasonString: string): void {
    if (this.closed !== undefined) return;
    this.onClose(reasonCode, reasonString);
    this.closed = { reasonCode, reasonString };
  }

  /** The packets sent since the last call, but for those that wait for a commit. */
  take(): Packet[] {
    for (const { chunk, copy, count } of this.#shared) {
      assert.deepEqual(chunk.bytes, copy, "shared bytes were changed after they were handed over");
      const packets = new PacketStream({ version: this.protocolVersion }).push(copy);
      assert.equal(packets.length, count, "publishEncoded() was told a wrong count");
      chunk.release();
    }
    this.#shared = [];
    const packets = this.#stream.push(this.#writer.written());
    packets.push(...this.#stream.push(new Uint8Array(0)));
    assert.equal(this.#stream.pendingBytes, 0, "the link was sent an incomplete packet");
    this.#writer = new Writer(16);
    const end = packets.findIndex(({ type }) => type === PacketType.Disconnect);
    assert.ok(end < 0 || end === packets.length - 1, "packets follow DISCONNECT");
    return packets;
  }

  #checkOpen(): void {
    assert.equal(this.closed, undefined, "a closed link was written to");
  }
}

/** The PUBLISH packets among `packets`. */
export function publishes(packets: readonly Packet[]): PublishPacket[] {
  return packets.filter((packet) => packet.type === PacketType.Publish);
}
