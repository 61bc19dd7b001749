/**
 * One publisher of a load: sends what is due, in batches, and counts the acknowledgements.
 *
 * Owns what is due, sent and in flight. Invariant: it never sends more than is due, nor has more than
 * `window` messages unacknowledged at QoS 1 and 2. With a schedule, a message carries the time at
 * which it was to be sent, however late it is.
 */

import { PacketType, type QoS } from "../protocol/packet.ts";
import { nowUs } from "./clock.ts";
import { Counter, type Counters } from "./counters.ts";
import type { FlowWindow } from "./flow_window.ts";
import type { Histogram } from "./histogram.ts";
import type { LoadConnection, PacketSink } from "./load_connection.ts";
import type { PublishBatch } from "./publish_batch.ts";

export interface PublisherOptions {
  readonly connection: LoadConnection;
  readonly batch: PublishBatch;
  readonly qos: QoS;
  /** Messages that may be unacknowledged at QoS 1 and 2. */
  readonly window: number;
  readonly flow: FlowWindow;
  readonly counters: Counters;
  /** Takes how late scheduled messages are sent. */
  readonly lateness: Histogram;
  /** Told when something was sent for the last time in this phase. */
  onDone(): void;
}

/** What a publisher does in one phase. Times in microseconds after `originUs`. */
export interface PublisherTask {
  readonly tag: number;
  readonly originUs: number;
  readonly endUs: number;
  /** Messages that it sends at most. */
  readonly quota: number;
  /** Undefined: as fast as it goes. */
  readonly schedule: { readonly firstUs: number; readonly stepUs: number } | undefined;
}

const NO_TASK: PublisherTask = {
  tag: 0,
  originUs: 0,
  endUs: 0,
  quota: 0,
  schedule: undefined,
};

export class Publisher implements PacketSink {
  readonly #options: PublisherOptions;
  #task = NO_TASK;
  #due = 0;
  #sent = 0;
  #inflight = 0;
  #pumping = Promise.resolve();
  #isPumping = false;
  #isStopped = true;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Messages that were due in this phase and have not been sent; as fast as it goes, none are. */
  get unsent(): number {
    return Number.isFinite(this.#due) ? this.#due - this.#sent : 0;
  }

  get connection(): LoadConnection {
    return this.#options.connection;
  }

  get isDone(): boolean {
    return this.#isStopped || this.#sent >= this.#task.quota;
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#pumping;
  }

  begin(task: PublisherTask): void {
    this.#task = task;
    this.#due = 0;
    this.#sent = 0;
    this.#inflight = 0;
    this.#isStopped = false;
    this.#options.batch.begin(task.tag);
  }

  /** Makes `count` more messages due and sends them as soon as it goes. */
  release(count: number): void {
    this.#due = Math.min(this.#due + count, this.#task.quota);
    this.#pump();
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  packet(header: number, view: DataView, bodyStart: number, bodyEnd: number): void {
    const type = header >> 4;
    // MQTT 5 says why; without a Reason Code all is well.
    const reasonCode = bodyEnd - bodyStart > 2 ? view.getUint8(bodyStart + 2) : 0;
    switch (type) {
      case PacketType.Puback:
      case PacketType.Pubcomp:
        return this.#complete(reasonCode);
      case PacketType.Pubrec:
        if (reasonCode >= 0x80) return this.#complete(reasonCode);
        this.#pubrel(view.getUint16(bodyStart));
    }
  }

  readEnd(): void {
    this.#options.connection.outbox.flush();
    this.#pump();
  }

  #pubrel(packetIdentifier: number): void {
    const { small } = this.#options.connection.outbox;
    small.twoByteInteger(0x6202);
    small.twoByteInteger(packetIdentifier);
  }

  #complete(reasonCode: number): void {
    this.#inflight--;
    this.#options.counters.add(reasonCode >= 0x80 ? Counter.Refused : Counter.Completed, 1);
  }

  #pump(): void {
    if (this.#isPumping || this.#allowed === 0) return;
    this.#isPumping = true;
    this.#pumping = this.#sendAllowed();
  }

  async #sendAllowed(): Promise<void> {
    const { connection, flow } = this.#options;
    try {
      while (this.#allowed > 0) {
        if (this.#usesFlow && !flow.isOpen) await flow.whenOpen();
        else await connection.outbox.write(this.#fill(this.#allowed));
      }
    } catch {
      // The connection is gone; whoever reads from it says so.
      this.#isStopped = true;
    }
    // In the same turn in which nothing was allowed any more: what comes later starts it again.
    this.#isPumping = false;
    if (this.isDone) this.#options.onDone();
  }

  get #usesFlow(): boolean {
    return this.#task.schedule === undefined;
  }

  get #allowed(): number {
    if (this.#isStopped) return 0;
    const { batch, qos, window } = this.#options;
    const count = Math.min(this.#due - this.#sent, batch.capacity);
    return qos === 0 ? count : Math.min(count, Math.max(0, window - this.#inflight));
  }

  #fill(count: number): Uint8Array {
    const { batch, counters, lateness } = this.#options;
    const { originUs, endUs, schedule } = this.#task;
    const now = nowUs() - originUs;
    if (now >= endUs) this.#isStopped = true;
    const stepUs = schedule?.stepUs ?? 0;
    const stampUs = schedule === undefined ? now : schedule.firstUs + this.#sent * stepUs;
    if (schedule !== undefined) {
      for (let index = 0; index < count; index++) lateness.record(now - stampUs - index * stepUs);
    }
    this.#sent += count;
    this.#inflight += count;
    counters.add(Counter.Sent, count);
    return batch.fill(count, stampUs, stepUs);
  }
}
