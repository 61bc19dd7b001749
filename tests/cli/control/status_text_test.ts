import assert from "node:assert/strict";
import { statusLines } from "../../../src/cli/control/status_text.ts";
import type { StatusItem } from "../../../src/control/items.ts";
import { STATUS } from "./items_fixture.ts";

const NOW = Date.parse("2026-11-23T09:00:05Z");

function linesOf(change: Partial<StatusItem> = {}): string[] {
  return [...statusLines({ ...STATUS, ...change }, NOW)].map((line) =>
    line.replaceAll(/2026-[^\s,]+/g, "TIME")
  );
}

Deno.test("statusLines() shows everything in one screen", () => {
  assert.deepEqual(linesOf(), [
    "broker 1.2.3, process 77, up 1h 1m, since TIME",
    "Configuration: /etc/broker.yaml",
    "",
    "Listener '1883': open. Port 1883 on all addresses: no anonymous clients",
    "  listens on 0.0.0.0:1883, [::]:1883; 1 of 100 connections",
    "",
    "Clients:          1 connected (5 at most), 2 away with a session; 1 connection",
    "Last 60 s:        in 1.3 packets/s, 0 bytes/s; out 200 packets/s, 2 KiB/s",
    "Since the start:  in 7 messages, 1 KiB; out 8 messages, 2 KiB",
    "Dropped:          3 queue full, 1 expired",
    "Refused:          2 logins, 1 subscription",
    "Memory:           80 MiB, of it heap 10 MiB of 20 MiB",
    "  output:         1 KiB of 2 KiB",
    "  input:          0 bytes (no limit)",
    "  queues:         1 KiB of 2 KiB, 1 message",
    "  retained:       1 KiB of 2 KiB, 3 of 10 messages",
    "  subscriptions:  1 KiB of 2 KiB, 4 subscriptions, 1 of them shared",
    "Data:             '/var/lib/broker.db', 4 KiB, durability full",
    "  written:        1 KiB today, 2 KiB since the start, in 1 commit; last one 5s ago",
    "  waiting:        2 changes",
    "Banned:           nobody",
  ]);
});

Deno.test("statusLines() says what is wrong", () => {
  const [listener] = STATUS.listeners;
  assert(listener !== undefined && STATUS.store !== null);
  const lines = linesOf({
    configurationFile: null,
    listeners: [{
      ...listener,
      state: "retrying",
      addresses: [],
      problem: "the port is in use",
      connections: 0,
      maximumConnections: null,
    }],
    store: {
      ...STATUS.store,
      isWritable: false,
      problem: "the disk is full",
      lastCommitAt: null,
    },
    dropped: { queueFull: 0 },
    bans: {
      count: 12,
      addresses: Array.from({ length: 12 }, (_, index) => ({
        address: `203.0.113.${index}`,
        until: "2026-11-23T10:00:00.000Z",
        refusedConnections: index,
      })),
    },
  });
  const wanted = [
    "Configuration: built-in defaults",
    "Listener '1883': retrying. Port 1883 on all addresses: no anonymous clients",
    "  listens on nowhere yet; 0 connections",
    "  the port is in use",
    "Dropped:          nothing",
    "  PROBLEM:        cannot be written: the disk is full. What would have to be stored is refused",
    "Banned:           12 addresses",
    "                  203.0.113.3 until TIME, 3 connections refused",
    "                  and 2 more (see --json)",
  ];
  assert.deepEqual(lines.filter((line) => wanted.includes(line)), wanted);
  assert.ok(lines.some((line) => line.endsWith("last one none since the start")));
  assert.ok(linesOf({ store: null }).includes("Data:             none is kept (durability: off)"));
});
