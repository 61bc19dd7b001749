import assert from "node:assert/strict";
import type { FromWorker } from "../../src/storage/messages.ts";
import { WorkerPort } from "../../src/storage/worker_port.ts";
import { temporaryFolder } from "./fixture.ts";

/** A port whose messages are waited for one by one. */
function listening(path: string) {
  const waiting: FromWorker[] = [];
  let wake = () => {};
  const port = new WorkerPort(path, (message) => {
    waiting.push(message);
    wake();
  });
  const next = async (): Promise<FromWorker> => {
    if (waiting.length === 0) await new Promise<void>((resolve) => wake = resolve);
    return waiting.shift() as FromWorker;
  };
  return { port, next };
}

Deno.test("the worker starts with the first message and opens the file when it is to be loaded", async () => {
  using folder = temporaryFolder();
  const { port, next } = listening(`${folder.path}/broker.db`);
  assert.equal(port.isStarted, false);
  port.load();
  assert.equal(port.isStarted, true);
  const opened = await next();
  assert.equal(opened.kind === "opened" && opened.opened.isNew, true);
  port.post({ kind: "close" });
  assert.equal((await next()).kind, "closed");
  port.terminate();
  assert.equal(port.isStarted, false);
});

Deno.test("a batch is handed over, not copied", async () => {
  using folder = temporaryFolder();
  const { port, next } = listening(`${folder.path}/broker.db`);
  const batch = new Uint8Array([13, 0, 1, 65]);
  port.post({ kind: "commit", batch });
  assert.equal(batch.length, 0);
  assert.equal((await next()).kind, "committed");
  port.terminate();
});
