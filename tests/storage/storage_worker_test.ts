import assert from "node:assert/strict";
import type { FromWorker, ToWorker } from "../../src/storage/messages.ts";
import { makeFile, MESSAGES, overwrite } from "./damage_fixture.ts";
import { namesIn, temporaryFolder } from "./fixture.ts";

/** What the worker says until `last`, by kind. */
async function converse(messages: readonly ToWorker[], last: FromWorker["kind"]) {
  const url = new URL("../../src/storage/storage_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const kinds: string[] = [];
  await new Promise<void>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      kinds.push(data.kind);
      if (data.kind === last) resolve();
    };
    for (const message of messages) worker.postMessage(message);
  });
  worker.terminate();
  return kinds;
}

Deno.test("the worker opens, loads, commits and closes", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const kinds = await converse([
    { kind: "open", path, mustLoad: true, unusable: undefined },
    { kind: "commit", batch: new Uint8Array([13, 0, 1, 65]) },
    { kind: "close" },
  ], "closed");
  assert.equal(kinds[0], "chunk");
  const others = kinds.filter((kind) => kind !== "chunk");
  assert.deepEqual(others, ["opened", "committed", "closed"]);
  assert.deepEqual(namesIn(folder.path), ["broker.db"]);
});

Deno.test("the worker begins again when the file turns out to be damaged while it is read", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
  overwrite(path, text.lastIndexOf(`${MESSAGES - 1}:xx`) + 10, new TextEncoder().encode("y"));
  const kinds = await converse([
    { kind: "open", path, mustLoad: true, unusable: undefined },
    { kind: "close" },
  ], "closed");
  assert.deepEqual(kinds.filter((kind) => kind !== "chunk"), ["startAgain", "opened", "closed"]);
});
