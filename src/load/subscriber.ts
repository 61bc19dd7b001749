/**
 * One subscriber of a load: counts what comes, measures how long it took, acknowledges it.
 *
 * Owns its receipts. A message is known by its mark; what another phase or somebody else has sent is
 * acknowledged and otherwise left alone. The time of arrival is that of the read that brought it.
 */

import { PacketType } from "../protocol/packet.ts";
import { nowUs } from "./clock.ts";
import { Counter, type Counters } from "./counters.ts";
import type { FlowWindow } from "./flow_window.ts";
import type { Histogram } from "./histogram.ts";
import type { LoadConnection, PacketSink } from "./load_connection.ts";
import { SEQUENCE_AT, STAMP_AT, STREAM_AT, TAG_AT } from "./payload_mark.ts";
import type { Receipts } from "./receipts.ts";

export interface SubscriberOptions {
  readonly connection: LoadConnection;
  readonly receipts: Receipts;
  /** Bytes of a payload. */
  readonly size: number;
  readonly flow: FlowWindow;
  readonly counters: Counters;
  /** Takes the microseconds from when a message was to be sent to its arrival. */
  readonly latency: Histogram;
}

export class Subscriber implements PacketSink {
  readonly receipts: Receipts;
  readonly #options: SubscriberOptions;
  #tag = 0;
  #originUs = 0;
  /** After `#originUs`; below 0: not looked at since the last read. */
  #now = -1;
  #received = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.receipts = options.receipts;
  }

  begin(tag: number, originUs: number): void {
    this.#tag = tag;
    this.#originUs = originUs;
    this.receipts.begin();
  }

  packet(header: number, view: DataView, bodyStart: number, bodyEnd: number): void {
    switch (header >> 4) {
      case PacketType.Publish:
        this.#take(view, bodyStart, bodyEnd);
        if ((header & 6) !== 0) this.#acknowledge(header, view, bodyStart);
        break;
      case PacketType.Pubrel:
        this.#answer(0x7002, view.getUint16(bodyStart));
    }
  }

  readEnd(): void {
    const { connection, counters, flow } = this.#options;
    connection.outbox.flush();
    if (this.#now < 0) return;
    counters.add(Counter.Received, this.#received);
    flow.check(this.#now + this.#originUs);
    this.#received = 0;
    this.#now = -1;
  }

  #take(view: DataView, bodyStart: number, bodyEnd: number): void {
    const mark = bodyEnd - this.#options.size;
    if (mark < bodyStart || view.getUint32(mark + TAG_AT) !== this.#tag) return;
    if (this.#now < 0) this.#now = nowUs() - this.#originUs;
    const stream = view.getUint32(mark + STREAM_AT);
    if (!this.receipts.take(stream, view.getUint32(mark + SEQUENCE_AT))) return;
    this.#received++;
    this.#options.latency.record(this.#now - view.getUint32(mark + STAMP_AT));
  }

  /** PUBACK or PUBREC; the Packet Identifier stands behind the topic. */
  #acknowledge(header: number, view: DataView, bodyStart: number): void {
    const packetIdentifier = view.getUint16(bodyStart + 2 + view.getUint16(bodyStart));
    this.#answer((header & 6) === 2 ? 0x4002 : 0x5002, packetIdentifier);
  }

  #answer(start: number, packetIdentifier: number): void {
    const { small } = this.#options.connection.outbox;
    small.twoByteInteger(start);
    small.twoByteInteger(packetIdentifier);
  }
}
