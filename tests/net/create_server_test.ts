/**
 * From settings to a server that is not started yet.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../src/config/read.ts";
import { createServer } from "../../src/net/create_server.ts";

Deno.test("createServer() makes a listener for each one that is configured", () => {
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const listeners = [1, 2, 3].map((port) => ({ ...listener, port }));
  const server = createServer({ ...settings, listeners });
  assert.deepEqual(server.listeners.all.map(({ endpoint }) => endpoint), [
    "all:1",
    "all:2",
    "all:3",
  ]);
});
