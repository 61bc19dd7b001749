/**
 * The clients of one thread of a load: connected, subscribed, and read from until they are closed.
 *
 * Owns their connections, and why some of them have ended. Of N threads, thread `t` has every N-th
 * publisher and every N-th subscriber, beginning with the `t`-th.
 */

import { clearRetained } from "./clear_retained.ts";
import { forEachSome } from "./connect_all.ts";
import { Counter, type Counters } from "./counters.ts";
import type { FlowWindow } from "./flow_window.ts";
import type { Histogram } from "./histogram.ts";
import { KEEP_ALIVE_EVERY_MS, LoadConnection, type PacketSink } from "./load_connection.ts";
import type { LoadSettings } from "./load_settings.ts";
import {
  streamsOfPublisher,
  streamsOfSubscriber,
  topicFilter,
  topicName,
  topicOfStream,
} from "./load_shape.ts";
import { PublishBatch } from "./publish_batch.ts";
import { Publisher } from "./publisher.ts";
import { Receipts } from "./receipts.ts";
import { checkServerLimits, inflightWindow } from "./server_limits.ts";
import { Subscriber } from "./subscriber.ts";

/** Clients that connect at the same time, and reasons that are kept. */
const AT_ONCE = 50;
const KEPT_ENDINGS = 5;

/** What the clients of a thread share. */
export interface ClientsOptions {
  readonly settings: LoadSettings;
  readonly thread: number;
  readonly threads: number;
  /** Packets that a publisher writes together at most. */
  readonly batchPackets: number;
  readonly counters: Counters;
  readonly flow: FlowWindow;
  readonly latency: Histogram;
  readonly lateness: Histogram;
  /** Told when a publisher sends nothing more in this phase. */
  onPublisherDone(): void;
}

export class LoadClients {
  /** With their numbers among those of all threads, ascending. */
  readonly publishers: { readonly index: number; readonly publisher: Publisher }[] = [];
  readonly subscribers: Subscriber[] = [];
  /** Why connections have ended; the first few. */
  readonly endings: string[] = [];
  /** What is worth a remark, though it works. */
  readonly notes = new Set<string>();
  readonly #options: ClientsOptions;
  readonly #connections: LoadConnection[] = [];
  readonly #prefix: string;
  #runs: Promise<void>[] = [];
  #keepAlive: ReturnType<typeof setInterval> | undefined;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#prefix = topicPrefix(options.settings.run);
  }

  /** Throws `LoadError`. */
  async connect(signal: AbortSignal): Promise<void> {
    this.#keepAlive = setInterval(() => {
      for (const connection of this.#connections) connection.keepAlive();
    }, KEEP_ALIVE_EVERY_MS);
    const { shape } = this.#options.settings;
    await this.#each(shape.subscribers, signal, (index) => this.#addSubscriber(index, signal));
    await this.#each(shape.publishers, signal, (index) => this.#addPublisher(index, signal));
    this.publishers.sort((a, b) => a.index - b.index);
  }

  /** Takes back what was retained, disconnects, and waits until all is closed. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#keepAlive);
    if (this.#options.settings.retain) await this.#clearRetained().catch(() => {});
    await Promise.all(this.#connections.map((connection) => connection.disconnect()));
    await Promise.all(this.#runs);
  }

  /** Closes at once, whatever still goes on. */
  abandon(): void {
    for (const connection of this.#connections) connection.close();
  }

  #each(
    count: number,
    signal: AbortSignal,
    action: (index: number) => Promise<void>,
  ): Promise<void> {
    const { thread, threads } = this.#options;
    const own = Math.max(0, Math.ceil((count - thread) / threads));
    return forEachSome(own, AT_ONCE, signal, (index) => action(index * threads + thread));
  }

  async #addSubscriber(index: number, signal: AbortSignal): Promise<void> {
    const { settings, flow, counters, latency } = this.#options;
    const { shape, qos, size } = settings;
    const connection = await this.#open(`bench-${settings.run}-s${index}`, signal);
    const granted = await connection.subscribe(topicFilter(shape, this.#prefix, index), qos);
    if (granted < qos) {
      this.notes.add(`The broker granted QoS ${granted} where ${qos} was asked for.`);
    }
    const receipts = new Receipts(streamsOfSubscriber(shape, index));
    const subscriber = new Subscriber({ connection, receipts, size, flow, counters, latency });
    this.subscribers.push(subscriber);
    this.#read(connection, subscriber, () => {});
  }

  async #addPublisher(index: number, signal: AbortSignal): Promise<void> {
    const { settings, flow, counters, lateness, onPublisherDone } = this.#options;
    const { qos, retain, size } = settings;
    const connection = await this.#open(`bench-${settings.run}-p${index}`, signal);
    const batch = new PublishBatch({
      version: settings.connect.version,
      qos,
      retain,
      size,
      topicNames: this.#topicNames(index),
      firstStream: streamsOfPublisher(settings.shape, index).first,
      capacity: this.#options.batchPackets,
    });
    checkServerLimits(connection.connack, { qos, retain, packetBytes: batch.packetBytes });
    const window = inflightWindow(connection.connack, settings.window);
    const publisher = new Publisher({
      connection,
      batch,
      qos,
      window,
      flow,
      counters,
      lateness,
      onDone: onPublisherDone,
    });
    this.publishers.push({ index, publisher });
    this.#read(connection, publisher, () => {
      publisher.stop();
      onPublisherDone();
    });
  }

  #topicNames(publisher: number): string[] {
    const { shape } = this.#options.settings;
    const { first, count } = streamsOfPublisher(shape, publisher);
    return Array.from(
      { length: count },
      (_, at) => topicName(shape, this.#prefix, topicOfStream(shape, first + at)),
    );
  }

  async #open(clientIdentifier: string, signal: AbortSignal): Promise<LoadConnection> {
    const connection = await LoadConnection.open(
      this.#options.settings.connect,
      clientIdentifier,
      signal,
    );
    this.#connections.push(connection);
    this.#options.counters.add(Counter.Connected, 1);
    return connection;
  }

  #read(connection: LoadConnection, sink: PacketSink, onEnd: () => void): void {
    this.#runs.push(
      connection.run(sink).then((reason) => {
        if (reason === undefined) return;
        this.#options.counters.add(Counter.Connected, -1);
        this.#options.counters.add(Counter.Ended, 1);
        if (this.endings.length < KEPT_ENDINGS) {
          this.endings.push(`${connection.clientIdentifier}: ${reason}`);
        }
        onEnd();
      }),
    );
  }

  async #clearRetained(): Promise<void> {
    const { version } = this.#options.settings.connect;
    for (const { index, publisher } of this.publishers) {
      await clearRetained(publisher.connection, this.#topicNames(index), version);
    }
  }
}

/** What the topics of a run begin with. */
export function topicPrefix(run: string): string {
  return `bench/${run}`;
}
