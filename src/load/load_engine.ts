/**
 * One thread's part of a load, and the phases it goes through.
 *
 * Owns its clients and what they have measured in the current phase. Invariant: nothing is sent
 * outside of `publish`.
 */

import { nowUs } from "./clock.ts";
import type { Counters } from "./counters.ts";
import { FlowWindow } from "./flow_window.ts";
import { Histogram } from "./histogram.ts";
import { LoadClients } from "./load_clients.ts";
import { LoadError } from "./load_error.ts";
import type { LoadPhase, LoadSettings, LoadThread, PhaseFigures } from "./load_settings.ts";
import { fanOut, topicName } from "./load_shape.ts";
import { Pacer } from "./pacer.ts";
import { pause } from "../client/pause.ts";
import { PublishBatch } from "./publish_batch.ts";
import { topicPrefix } from "./load_clients.ts";
import { messagesTogether } from "./server_limits.ts";

/** How often the window is looked at without anything having come, alone and with other threads. */
const CHECK_ALONE_MS = 50;
const CHECK_WITH_OTHERS_MS = 2;

/** How long a write may take that was begun in the phase before. */
const STUCK_MS = 10_000;
/** How long it may take to take back what was retained, and to disconnect. */
const CLOSE_MS = 5000;

export class LoadEngine implements LoadThread {
  readonly #settings: LoadSettings;
  readonly #threads: number;
  readonly #counters: Counters;
  readonly #flow: FlowWindow;
  readonly #latency = new Histogram();
  readonly #lateness = new Histogram();
  readonly #clients: LoadClients;
  #phase: LoadPhase = { tag: 0, originUs: 0, durationMs: 0, messages: 0 };
  /** Of what goes on: connecting, publishing. */
  #stop = new AbortController();
  /** Aborted when no publisher has anything left to send in this phase. */
  #done = new AbortController();

  constructor(settings: LoadSettings, counters: Counters, thread: number, threads: number) {
    this.#settings = settings;
    this.#counters = counters;
    this.#threads = threads;
    const together = messagesTogether(settings, packetBytes(settings));
    this.#flow = new FlowWindow({
      counters,
      fanOut: fanOut(settings.shape),
      messages: together.underWay,
    });
    this.#clients = new LoadClients({
      settings,
      thread,
      threads,
      batchPackets: together.written,
      counters,
      flow: this.#flow,
      latency: this.#latency,
      lateness: this.#lateness,
      onPublisherDone: () => this.#publisherDone(),
    });
  }

  async connect(): Promise<readonly string[]> {
    await this.#clients.connect(this.#stop.signal);
    return [...this.#clients.notes];
  }

  async begin(phase: LoadPhase): Promise<void> {
    await this.#allWritten();
    this.#phase = phase;
    this.#stop = new AbortController();
    this.#done = new AbortController();
    this.#counters.begin();
    this.#flow.begin();
    this.#latency.clear();
    this.#lateness.clear();
    for (const subscriber of this.#clients.subscribers) {
      subscriber.begin(phase.tag, phase.originUs);
    }
  }

  async publish(): Promise<void> {
    const { originUs, durationMs } = this.#phase;
    const endUs = durationMs * 1000;
    const { signal } = this.#stop;
    const check = setInterval(
      () => this.#flow.check(nowUs()),
      this.#threads === 1 ? CHECK_ALONE_MS : CHECK_WITH_OTHERS_MS,
    );
    const pacer = this.#pacer();
    this.#beginPublishers(pacer);
    this.#publisherDone();
    if (pacer !== undefined) await pacer.run(originUs, endUs, this.#phase.messages, signal);
    else for (const { publisher } of this.#clients.publishers) publisher.release(Infinity);
    const restUs = endUs - (nowUs() - originUs);
    await pause(Math.max(0, restUs / 1000), AbortSignal.any([signal, this.#done.signal]));
    clearInterval(check);
    for (const { publisher } of this.#clients.publishers) publisher.stop();
    this.#flow.openAll();
  }

  figures(): Promise<PhaseFigures> {
    const receipts = this.#clients.subscribers.map((subscriber) => subscriber.receipts);
    return Promise.resolve({
      latency: this.#latency.data(),
      lateness: this.#lateness.data(),
      duplicated: receipts.reduce((sum, { duplicated }) => sum + duplicated, 0),
      outOfOrder: receipts.reduce((sum, { outOfOrder }) => sum + outOfOrder, 0),
      unsent: this.#clients.publishers.reduce((sum, { publisher }) => sum + publisher.unsent, 0),
      endings: this.#clients.endings,
    });
  }

  async close(): Promise<void> {
    const inTime = new AbortController();
    const closed = this.#clients.close().then(() => inTime.abort());
    await pause(CLOSE_MS, inTime.signal);
    this.#clients.abandon();
    await closed;
  }

  stop(): void {
    this.#stop.abort();
  }

  #pacer(): Pacer | undefined {
    const { rate, shape } = this.#settings;
    if (rate === 0 || this.#clients.publishers.length === 0) return undefined;
    return new Pacer({ rate, publishers: shape.publishers, own: this.#clients.publishers });
  }

  #beginPublishers(pacer: Pacer | undefined): void {
    const { tag, originUs, durationMs, messages } = this.#phase;
    const { publishers } = this.#settings.shape;
    for (const { index, publisher } of this.#clients.publishers) {
      publisher.begin({
        tag,
        originUs,
        endUs: durationMs * 1000,
        quota: Math.ceil(Math.max(0, messages - index) / publishers),
        schedule: pacer && { firstUs: pacer.firstUs(index), stepUs: pacer.stepUs },
      });
    }
  }

  #publisherDone(): void {
    const isDone = this.#clients.publishers.every(({ publisher }) => publisher.isDone);
    if (isDone) this.#done.abort();
  }

  /** Waits for what the phase before has begun to write. */
  async #allWritten(): Promise<void> {
    const written = new AbortController();
    Promise.all(this.#clients.publishers.map(({ publisher }) => publisher.idle()))
      .then(() => written.abort());
    await pause(STUCK_MS, written.signal);
    if (written.signal.aborted) return;
    throw new LoadError(
      `Cannot go on: the broker has read nothing from a publisher for ${STUCK_MS / 1000} s`,
    );
  }
}

/** Bytes of a PUBLISH packet of the load; all topics have the same length. */
function packetBytes({ connect, shape, qos, retain, size, run }: LoadSettings): number {
  const topicNames = [topicName(shape, topicPrefix(run), 0)];
  const { version } = connect;
  const options = { version, qos, retain, size, topicNames, firstStream: 0, capacity: 1 };
  return new PublishBatch(options).packetBytes;
}
