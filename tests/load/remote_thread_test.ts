import assert from "node:assert/strict";
import { Counters } from "../../src/load/counters.ts";
import { type LoadWorker, RemoteThread } from "../../src/load/remote_thread.ts";
import type { FromLoadWorker, ToLoadWorker } from "../../src/load/thread_messages.ts";
import { loadSettings, phaseOf } from "./fixture.ts";

/** A worker that answers as it is told. */
class FakeWorker implements LoadWorker {
  onmessage: LoadWorker["onmessage"] = null;
  onerror: LoadWorker["onerror"] = null;
  readonly kinds: string[] = [];
  isTerminated = false;

  postMessage(message: ToLoadWorker): void {
    this.kinds.push(message.kind);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(data: FromLoadWorker): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  fail(message: string): void {
    this.onerror?.(new ErrorEvent("error", { message }));
  }
}

function setUp() {
  const worker = new FakeWorker();
  const settings = loadSettings({ hostname: "localhost", port: 1 });
  return { worker, thread: new RemoteThread(settings, Counters.create(2), 1, 2, worker) };
}

Deno.test("calls go to the worker, and their outcome comes back", async () => {
  const { worker, thread } = setUp();
  const connecting = thread.connect();
  worker.answer({ kind: "done", value: ["a note"] });
  assert.deepEqual(await connecting, ["a note"]);
  const beginning = thread.begin(phaseOf(1, 0));
  worker.answer({ kind: "failed", reason: "no room" });
  await assert.rejects(beginning, /^LoadError: no room$/);
  const publishing = thread.publish();
  thread.stop();
  worker.answer({ kind: "done", value: undefined });
  await publishing;
  const closing = thread.close();
  worker.answer({ kind: "done", value: undefined });
  await closing;
  assert.deepEqual(worker.kinds, ["start", "connect", "begin", "publish", "stop", "close"]);
  assert.equal(worker.isTerminated, true);
});

Deno.test("a worker that fails ends the call, and every one after it", async () => {
  const { worker, thread } = setUp();
  const connecting = thread.connect();
  worker.fail("not found");
  await assert.rejects(connecting, /^LoadError: Cannot use a thread for the load: not found$/);
  await assert.rejects(thread.publish(), /not found/);
  await thread.close();
  assert.equal(worker.isTerminated, true);
});
