/**
 * Clients that only connect: how fast a broker takes them, what one costs, and how long it takes until
 * all are back after all were cut off.
 *
 * Owns their connections. Invariant: every client is connected, or it failed and the reason is counted.
 */

import { messageOf } from "../error_text.ts";
import { nowUs } from "./clock.ts";
import { forEachSome } from "./connect_all.ts";
import { Histogram } from "./histogram.ts";
import {
  type ConnectSettings,
  KEEP_ALIVE_EVERY_MS,
  LoadConnection,
  type PacketSink,
} from "./load_connection.ts";
import { LoadError } from "./load_error.ts";
import { perSecond, type Quantiles, quantilesOf } from "./load_result.ts";
import { pause } from "../client/pause.ts";
import { type BrokerProcess, type Usage, UsageWatch } from "./usage_watch.ts";

export interface ConnectOptions {
  readonly connect: ConnectSettings;
  readonly clients: number;
  /** Clients that connect at the same time. */
  readonly atOnce: number;
  /** How long they stay. */
  readonly holdMs: number;
  /** Whether all are cut off then, and come back at once. */
  readonly isStorm: boolean;
  readonly run: string;
  readonly process: BrokerProcess;
}

/** How clients came. */
export interface ConnectFigures {
  readonly connected: number;
  readonly failed: number;
  /** Attempts that failed and were made again. */
  readonly retries: number;
  /** Until the last one was connected. */
  readonly seconds: number;
  readonly perSecond: number;
  /** From the attempt, in a storm from its beginning, to CONNACK. */
  readonly latencyUs: Quantiles;
}

export interface ConnectOutcome {
  readonly first: ConnectFigures;
  readonly storm: ConnectFigures | undefined;
  readonly usage: Usage;
  /** Memory of the broker's process for each client; undefined where it is not known. */
  readonly bytesPerClient: number | undefined;
  /** Clients that the broker has cut off while they stayed. */
  readonly ended: number;
  /** Reasons of failures, each once; the first few. */
  readonly reasons: readonly string[];
  readonly isStopped: boolean;
}

export interface ConnectProgress {
  readonly stage: "connecting" | "holding" | "reconnecting" | "disconnecting";
  readonly connected: number;
  readonly elapsedMs: number;
}

/** What a client does that was not let in during a storm. */
const RETRY_MS = 1000;
const GIVE_UP_MS = 120_000;
const KEPT_REASONS = 5;

const IGNORE: PacketSink = { packet: () => {}, readEnd: () => {} };

export class ConnectRun {
  readonly #options: ConnectOptions;
  readonly #connections = new Set<LoadConnection>();
  readonly #reasons = new Set<string>();
  readonly #stop = new AbortController();
  #runs: Promise<void>[] = [];
  #ended = 0;
  #stage: ConnectProgress["stage"] = "connecting";
  #sinceUs = nowUs();

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  get progress(): ConnectProgress {
    return {
      stage: this.#stage,
      connected: this.#connections.size,
      elapsedMs: (nowUs() - this.#sinceUs) / 1000,
    };
  }

  /** Throws `LoadError` when not a single client can connect. */
  async run(): Promise<ConnectOutcome> {
    const keepAlive = setInterval(() => {
      for (const connection of this.#connections) connection.keepAlive();
    }, KEEP_ALIVE_EVERY_MS);
    try {
      const { process, holdMs, isStorm } = this.#options;
      const before = process.meter?.read()?.rssBytes;
      const watch = new UsageWatch(process, nowUs);
      const first = await this.#connectAll();
      watch.allSent();
      this.#enter("holding");
      await pause(holdMs, this.#stop.signal);
      const usage = watch.end();
      const after = usage.broker?.rssBytes;
      const storm = isStorm && !this.#stop.signal.aborted ? await this.#storm() : undefined;
      return {
        first,
        storm,
        usage,
        bytesPerClient: before === undefined || after === undefined || first.connected === 0
          ? undefined
          : (after - before) / first.connected,
        ended: this.#ended,
        reasons: [...this.#reasons],
        isStopped: this.#stop.signal.aborted,
      };
    } finally {
      clearInterval(keepAlive);
      this.#enter("disconnecting");
      await Promise.all([...this.#connections].map((connection) => connection.disconnect()));
      await Promise.all(this.#runs);
    }
  }

  /** Ends it early, with what was measured until then. */
  stop(): void {
    this.#stop.abort();
  }

  async #connectAll(): Promise<ConnectFigures> {
    const { clients, atOnce } = this.#options;
    const latency = new Histogram();
    let failed = 0;
    this.#enter("connecting");
    await forEachSome(clients, atOnce, this.#stop.signal, async (index) => {
      const begunUs = nowUs();
      if (await this.#connect(index)) latency.record(nowUs() - begunUs);
      else if (!this.#stop.signal.aborted) failed++;
    });
    if (latency.count === 0 && failed > 0) throw new LoadError([...this.#reasons].join("\n"));
    return figures(latency, failed, 0, nowUs() - this.#sinceUs);
  }

  /** Cuts all off, and lets all come back at once; who is not let in tries again. */
  async #storm(): Promise<ConnectFigures> {
    const clients = this.#connections.size;
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#runs);
    this.#runs = [];
    this.#connections.clear();
    const latency = new Histogram();
    let retries = 0;
    let lastUs = 0;
    this.#enter("reconnecting");
    await forEachSome(clients, clients, this.#stop.signal, async (index) => {
      while (!await this.#connect(index)) {
        if (this.#stop.signal.aborted || nowUs() - this.#sinceUs > GIVE_UP_MS * 1000) return;
        retries++;
        await pause(RETRY_MS, this.#stop.signal);
      }
      lastUs = nowUs() - this.#sinceUs;
      latency.record(lastUs);
    });
    return figures(latency, clients - latency.count, retries, lastUs);
  }

  async #connect(index: number): Promise<boolean> {
    const { connect, run } = this.#options;
    try {
      const name = `bench-${run}-c${index}`;
      const connection = await LoadConnection.open(connect, name, this.#stop.signal);
      this.#connections.add(connection);
      this.#runs.push(connection.run(IGNORE).then((reason) => this.#left(connection, reason)));
      return true;
    } catch (error) {
      this.#note(messageOf(error));
      return false;
    }
  }

  #left(connection: LoadConnection, reason: string | undefined): void {
    this.#connections.delete(connection);
    if (reason === undefined) return;
    this.#ended++;
    this.#note(reason);
  }

  /** The same reason of two clients is one. */
  #note(reason: string): void {
    const text = reason.replace(/'bench-[^']*'/g, "a client");
    if (this.#reasons.size < KEPT_REASONS) this.#reasons.add(text);
  }

  #enter(stage: ConnectProgress["stage"]): void {
    this.#stage = stage;
    this.#sinceUs = nowUs();
  }
}

function figures(
  latency: Histogram,
  failed: number,
  retries: number,
  us: number,
): ConnectFigures {
  const seconds = us / 1e6;
  return {
    connected: latency.count,
    failed,
    retries,
    seconds,
    perSecond: perSecond(latency.count, seconds),
    latencyUs: quantilesOf(latency),
  };
}
