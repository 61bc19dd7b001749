/**
 * A thread of a load that runs in a worker, seen from the main thread.
 *
 * Owns the worker. Invariant: one call goes on at a time, and every call ends, also when the worker
 * fails.
 */

import type { Counters } from "./counters.ts";
import { LoadError } from "./load_error.ts";
import type { LoadPhase, LoadSettings, LoadThread, PhaseFigures } from "./load_settings.ts";
import type { FromLoadWorker, LoadCall, ToLoadWorker } from "./thread_messages.ts";

/** The part of a `Worker` that is used. */
export interface LoadWorker {
  onmessage: ((event: MessageEvent<FromLoadWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: ToLoadWorker): void;
  terminate(): void;
}

/** Beside this module when run from source; beside the program, as a `.js`, in the executable. */
export function startLoadWorker(): LoadWorker {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`./load_worker.${ending}`, import.meta.url);
  return new Worker(url, { type: "module", name: "load" });
}

export class RemoteThread implements LoadThread {
  readonly #worker: LoadWorker;
  #waiting: PromiseWithResolvers<unknown> | undefined;
  #failure: LoadError | undefined;

  constructor(
    settings: LoadSettings,
    counters: Counters,
    thread: number,
    threads: number,
    worker: LoadWorker = startLoadWorker(),
  ) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => {
      if (data.kind === "done") this.#waiting?.resolve(data.value);
      else this.#waiting?.reject(new LoadError(data.reason));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = new LoadError(`Cannot use a thread for the load: ${event.message}`);
      this.#waiting?.reject(this.#failure);
    };
    worker.postMessage({ kind: "start", settings, counters: counters.buffer, thread, threads });
  }

  async connect(): Promise<readonly string[]> {
    return await this.#call({ kind: "connect" }) as readonly string[];
  }

  async begin(phase: LoadPhase): Promise<void> {
    await this.#call({ kind: "begin", phase });
  }

  async publish(): Promise<void> {
    await this.#call({ kind: "publish" });
  }

  async figures(): Promise<PhaseFigures> {
    return await this.#call({ kind: "figures" }) as PhaseFigures;
  }

  /** Ends the worker as well. */
  async close(): Promise<void> {
    await this.#call({ kind: "close" }).catch(() => {});
    this.#worker.terminate();
  }

  stop(): void {
    this.#worker.postMessage({ kind: "stop" });
  }

  async #call(call: LoadCall): Promise<unknown> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting = Promise.withResolvers<unknown>();
    this.#worker.postMessage(call);
    try {
      return await this.#waiting.promise;
    } finally {
      this.#waiting = undefined;
    }
  }
}
