/**
 * The entry of the worker that owns the broker's file: `StoreService` with messages in and out.
 *
 * Runs as a file of its own, beside the program in the executable (build/build.ts). Needs read and
 * write permission for the folder of the file, nothing else. No logic.
 */

import { collectTwice } from "../collection.ts";
import { describeFailure } from "./access_problem.ts";
import { IdleCollector } from "./idle_collector.ts";
import { loadOnly } from "./load_only.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { openAndLoad, openFile, replaceFile } from "./open_file.ts";
import { StoreService } from "./store_service.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;

function post(message: FromWorker): void {
  scope.postMessage(message, message.kind === "chunk" ? [message.chunk.buffer] : []);
}

function after(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
}

const startAgain = () => post({ kind: "startAgain" });

function start(path: string): StoreService {
  return new StoreService({
    open(load) {
      const opened = load === undefined
        ? openFile(path, Date.now())
        : openAndLoad(path, Date.now(), load, startAgain);
      const { file, isNew, repair } = opened;
      return { file, report: { isNew, repair } };
    },
    loadOnly: (load) => loadOnly(path, load, startAgain),
    describe: (error) => describeFailure(path, error),
    replace: (loss, batch) => replaceFile(path, loss, batch, Date.now()),
    post,
    after,
  });
}

function load(service: StoreService, unusable: string | undefined): void {
  service.open(unusable);
  // Reading a large store leaves much behind, and V8 would keep it.
  collectTwice();
}

let service: StoreService | undefined;
const collector = new IdleCollector(collectTwice, after);

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case "open":
      service = start(data.path);
      return data.mustLoad ? load(service, data.unusable) : undefined;
    case "commit":
      service?.commit(data.batch);
      return collector.worked(data.batch.length);
    case "close":
      collector.stop();
      service?.close();
      scope.onmessage = null;
  }
};
