/**
 * The worker, seen from the main thread.
 *
 * Owns the worker and the messages to and from it. It is started when there is something to read or
 * to write, not before: a broker that keeps nothing does not pay for it.
 */

import type { FromWorker, ToWorker } from "./messages.ts";

/** What is listened for; each message has one listener. */
export type Listener = (message: FromWorker) => void;

/**
 * Beside this module when run from source; beside the program, bundled under its own name, in the
 * executable.
 */
function workerUrl(): URL {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./storage_worker.${ending}`, import.meta.url);
}

export class WorkerPort {
  readonly #path: string;
  readonly #listener: Listener;
  #worker: Worker | undefined;

  constructor(path: string, listener: Listener) {
    this.#path = path;
    this.#listener = listener;
  }

  get isStarted(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * Starts the worker, which opens the file, reads it and reports. `unusable`: why it may only be
   * read, in words.
   */
  load(unusable?: string): void {
    this.#start(true, unusable);
  }

  #start(mustLoad: boolean, unusable?: string): Worker {
    const worker = new Worker(workerUrl(), { type: "module", name: "storage" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#listener(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#listener({ kind: "failed", reason: event.message });
    };
    this.#worker = worker;
    this.post({ kind: "open", path: this.#path, mustLoad, unusable });
    return worker;
  }

  post(message: ToWorker): void {
    const worker = this.#worker ?? this.#start(false);
    worker.postMessage(message, message.kind === "commit" ? [message.batch.buffer] : []);
  }

  terminate(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
