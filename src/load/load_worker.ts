/**
 * The entry of a worker that is one thread of a load: `LoadEngine` with messages in and out.
 *
 * Runs as a file of its own, beside the program in the executable (build/build.ts). No logic.
 */

import { messageOf } from "../error_text.ts";
import { Counters } from "./counters.ts";
import { LoadEngine } from "./load_engine.ts";
import type { FromLoadWorker, LoadCall, ToLoadWorker } from "./thread_messages.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToLoadWorker>) => void) | null;
  postMessage(message: FromLoadWorker): void;
}

const scope = globalThis as unknown as WorkerScope;
let engine: LoadEngine | undefined;

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case "start":
      engine = new LoadEngine(
        data.settings,
        new Counters(data.counters, data.thread),
        data.thread,
        data.threads,
      );
      return;
    case "stop":
      return engine?.stop();
    default:
      if (engine !== undefined) void answer(engine, data);
  }
};

async function answer(engine: LoadEngine, call: LoadCall): Promise<void> {
  try {
    scope.postMessage({ kind: "done", value: await run(engine, call) });
  } catch (error) {
    scope.postMessage({ kind: "failed", reason: messageOf(error) });
  }
}

async function run(engine: LoadEngine, call: LoadCall): Promise<unknown> {
  switch (call.kind) {
    case "connect":
      return await engine.connect();
    case "begin":
      return await engine.begin(call.phase);
    case "publish":
      return await engine.publish();
    case "figures":
      return await engine.figures();
    case "close":
      return await engine.close();
  }
}
