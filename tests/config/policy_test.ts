/**
 * The settings in effect, in sentences.
 */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/config/load.ts";
import {
  describeChanges,
  describeListeners,
  describePersistence,
} from "../../src/config/policy.ts";
import { defaultSettings } from "../../src/config/read.ts";

/** The settings of a text that must be right. */
function settingsOf(text: string) {
  const loaded = parseSettings("test.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  return loaded.settings;
}

Deno.test("describeListeners() says where and for whom", () => {
  const settings = settingsOf(`
listeners:
  - port: 1883
  - {port: 0, address: 127.0.0.1, allow_anonymous: always, max_connections: 5}
  - {path: /run/b.sock, allow_anonymous: never}
`);
  assert.deepEqual(describeListeners(settings), [
    "port 1883 on all addresses (IPv4 and IPv6): anonymous clients from the local network only",
    "any free port on '127.0.0.1': anonymous clients from everywhere, the internet included if " +
    "the port can be reached, at most 5 connections",
    "the Unix socket '/run/b.sock': no anonymous clients",
  ]);
});

Deno.test("describePersistence() says where data is kept and what a power cut could lose", () => {
  const described = (text: string) => describePersistence(settingsOf(`persistence: ${text}`));
  assert.deepEqual([
    described("{path: /data/b.db}"),
    described("{path: /data/b.db, durability: relaxed, commit_interval: 90s}"),
    described("{path: /data/b.db, durability: relaxed}"),
    described("{durability: off}"),
  ], [
    "Durability full, data in '/data/b.db': a power cut loses nothing that was acknowledged",
    "Durability relaxed, data in '/data/b.db': a power cut loses up to the last 90s, " +
    "acknowledged or not",
    "Durability relaxed, data in '/data/b.db': a power cut loses up to the last 1s, " +
    "acknowledged or not",
    "Durability off: the end of the process loses sessions, waiting and retained messages",
  ]);
});

Deno.test("describeChanges() is empty for the defaults", () => {
  assert.deepEqual(describeChanges(defaultSettings()), []);
});

Deno.test("describeChanges() names what differs, the way it is written in the file", () => {
  const settings = settingsOf(`
limits: {max_packet_size: 1048576, max_connections_per_address: 3, max_keepalive: 120}
sys_interval: 0
logging: {levels: {client: debug}, destinations: [stdout, {file: b.log}]}
`);
  assert.deepEqual(describeChanges(settings), [
    "limits.max_connections_per_address: 3 (default none)",
    "limits.max_packet_size: 1 MiB (default 16 MiB)",
    "limits.max_keepalive: 2m (default never)",
    "sys_interval: never (default 10s)",
    "logging.levels.client: debug (default inherit)",
    "logging.destinations: stdout, b.log (default stderr)",
  ]);
});
