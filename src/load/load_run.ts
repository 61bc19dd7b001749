/**
 * One load from beginning to end: connect, warm up, measure, wait for what is under way, disconnect.
 *
 * Owns the threads and the order of the phases. Invariant: what the warm-up has sent has arrived or is
 * given up before anything is measured, and nothing of it is counted.
 */

import { nowUs } from "./clock.ts";
import { Counter, Counters } from "./counters.ts";
import { Histogram } from "./histogram.ts";
import { LoadEngine } from "./load_engine.ts";
import { LoadError } from "./load_error.ts";
import { type MessageFigures, messageFigures } from "./load_result.ts";
import type { LoadSettings, LoadThread, PhaseFigures } from "./load_settings.ts";
import { fanOut } from "./load_shape.ts";
import { measureOwnDelay } from "./own_delay.ts";
import { LONGEST_PHASE_MS } from "./payload_mark.ts";
import { RemoteThread } from "./remote_thread.ts";
import { type BrokerProcess, type Usage, UsageWatch } from "./usage_watch.ts";

export interface LoadOptions {
  readonly settings: LoadSettings;
  readonly threads: number;
  /** Milliseconds; 0: no warm-up. */
  readonly warmupMs: number;
  /** Undefined: as long as `messages` takes. */
  readonly durationMs: number | undefined;
  /** Infinity: as many as there is time for. */
  readonly messages: number;
  readonly process: BrokerProcess;
}

export type Stage = "connecting" | "warming up" | "measuring" | "waiting" | "disconnecting";

/** How far it is; counts are those of the current phase. */
export interface LoadProgress {
  readonly stage: Stage;
  readonly connected: number;
  /** Milliseconds since the phase began. */
  readonly elapsedMs: number;
  readonly sent: number;
  readonly received: number;
}

export interface LoadOutcome {
  readonly figures: MessageFigures;
  readonly usage: Usage;
  /** What is worth a remark about how the broker took the clients. */
  readonly notes: readonly string[];
  /** How much of the latency at a fixed rate is the generator's, in microseconds, where it is known. */
  readonly ownDelayUs: number | undefined;
  /** It was ended before its time. */
  readonly isStopped: boolean;
}

/** How long to wait without anything coming before the rest counts as lost, by QoS. */
const QUIET_MS = [1000, 3000, 3000] as const;
const LOOK_EVERY_MS = 5;

export class LoadRun {
  readonly #options: LoadOptions;
  readonly #counters: Counters;
  readonly #threads: readonly LoadThread[];
  readonly #stop = new AbortController();
  #stage: Stage = "connecting";
  #originUs = nowUs();

  constructor(options: LoadOptions) {
    this.#options = options;
    const { settings, threads } = options;
    this.#counters = Counters.create(threads);
    this.#threads = threads === 1 ? [new LoadEngine(settings, this.#counters, 0, 1)] : Array.from(
      { length: threads },
      (_, thread) => new RemoteThread(settings, this.#counters, thread, threads),
    );
  }

  get progress(): LoadProgress {
    return {
      stage: this.#stage,
      connected: this.#counters.total(Counter.Connected),
      elapsedMs: (nowUs() - this.#originUs) / 1000,
      sent: this.#counters.total(Counter.Sent),
      received: this.#counters.total(Counter.Received),
    };
  }

  /** Undefined when it was stopped before anything was measured. Throws `LoadError`. */
  async run(): Promise<LoadOutcome | undefined> {
    try {
      const notes = await this.#all((thread) => thread.connect());
      const { warmupMs, durationMs = LONGEST_PHASE_MS, messages } = this.#options;
      if (warmupMs > 0) {
        await this.#phase("warming up", warmupMs, Infinity);
        await this.#drain();
      }
      const isTimed = this.#options.settings.rate > 0;
      const ownDelayUs = isTimed ? await measureOwnDelay(this.#stop.signal) : undefined;
      if (this.#stop.signal.aborted) return undefined;
      return {
        ...await this.#measure(durationMs, messages),
        notes: [...new Set(notes.flat())],
        ownDelayUs,
        isStopped: this.#stop.signal.aborted,
      };
    } catch (error) {
      if (this.#stop.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#stage = "disconnecting";
      await this.#all((thread) => thread.close());
    }
  }

  /** Ends it early, with what was measured until then. */
  stop(): void {
    this.#stop.abort();
    for (const thread of this.#threads) thread.stop();
  }

  async #measure(
    durationMs: number,
    messages: number,
  ): Promise<{ readonly figures: MessageFigures; readonly usage: Usage }> {
    const watch = new UsageWatch(this.#options.process, nowUs);
    await this.#phase("measuring", durationMs, messages);
    const sendSeconds = (nowUs() - this.#originUs) / 1e6;
    watch.allSent();
    const lastUs = await this.#drain();
    const usage = watch.end();
    const seen = await this.#all((thread) => thread.figures());
    const figures = messageFigures({
      fanOut: fanOut(this.#options.settings.shape),
      sendSeconds,
      deliverySeconds: Math.max(sendSeconds, (lastUs - this.#originUs) / 1e6),
      sent: this.#counters.total(Counter.Sent),
      received: this.#counters.total(Counter.Received),
      completed: this.#counters.total(Counter.Completed),
      refused: this.#counters.total(Counter.Refused),
      ended: this.#counters.total(Counter.Ended),
      ...together(seen),
    });
    return { figures, usage };
  }

  async #phase(stage: Stage, durationMs: number, messages: number): Promise<void> {
    const [tag = 0] = crypto.getRandomValues(new Uint32Array(1));
    this.#originUs = nowUs();
    const phase = { tag, originUs: this.#originUs, durationMs, messages };
    await this.#all((thread) => thread.begin(phase));
    this.#stage = stage;
    if (this.#counters.total(Counter.Connected) === 0) {
      throw new LoadError("Cannot go on: the broker has ended all connections");
    }
    await this.#all((thread) => thread.publish());
  }

  /** Waits until everything has come, or nothing has for a while; returns when the last one came. */
  async #drain(): Promise<number> {
    const { qos, shape } = this.#options.settings;
    this.#stage = "waiting";
    let seen = -1;
    let lastUs = nowUs();
    for (;;) {
      const [missing, count] = this.#missing(fanOut(shape), qos > 0);
      if (count !== seen) lastUs = nowUs();
      seen = count;
      if (missing <= 0 || nowUs() - lastUs > QUIET_MS[qos] * 1000) return lastUs;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Deliveries and acknowledgements that have not come, and those that have. */
  #missing(fanOut: number, isAcknowledged: boolean): [missing: number, came: number] {
    const sent = this.#counters.total(Counter.Sent);
    const refused = this.#counters.total(Counter.Refused);
    const received = this.#counters.total(Counter.Received);
    const answered = this.#counters.total(Counter.Completed) + refused;
    const unanswered = isAcknowledged ? sent - answered : 0;
    return [(sent - refused) * fanOut - received + unanswered, received + answered];
  }

  #all<T>(action: (thread: LoadThread) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#threads.map(action));
  }
}

type SeenTogether =
  & { readonly latency: Histogram; readonly lateness: Histogram }
  & Pick<PhaseFigures, "duplicated" | "outOfOrder" | "unsent" | "endings">;

function together(seen: readonly PhaseFigures[]): SeenTogether {
  const latency = new Histogram();
  const lateness = new Histogram();
  const sum = (of: (figures: PhaseFigures) => number): number =>
    seen.reduce((total, figures) => total + of(figures), 0);
  for (const figures of seen) {
    latency.add(figures.latency);
    lateness.add(figures.lateness);
  }
  return {
    latency,
    lateness,
    duplicated: sum(({ duplicated }) => duplicated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    unsent: sum(({ unsent }) => unsent),
    endings: seen.flatMap(({ endings }) => endings),
  };
}
