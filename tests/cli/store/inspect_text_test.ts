import assert from "node:assert/strict";
import type { Inspection } from "../../../src/cli/store/inspect.ts";
import { inspectText } from "../../../src/cli/store/inspect_text.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { inTimeZone } from "../../support/time_zone.ts";
import { inspectionOf, makeStore } from "../store_fixture.ts";

/** The lines for a file with one of everything; when it was written is left out. */
function linesOf(fields: Partial<Inspection>): string[] {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeStore(path);
  const lines: string[] = [];
  inTimeZone("UTC", () => {
    for (const line of inspectText(inspectionOf(path, fields))) {
      lines.push(line.replace(folder.path, "").replace(/last written [-\dT:+]+/, "last written T"));
    }
  });
  return lines;
}

Deno.test("inspectText() has a summary first, then a line for each session", () => {
  assert.deepEqual(linesOf({ showsRetained: false }), [
    "'/broker.db': 40 KiB, format 3, last written T",
    "2 sessions: 1 connected at the end, 1 away",
    "2 subscriptions",
    "5 waiting messages: 2 queued, 3 in flight",
    "1 QoS 2 message being received",
    "2 retained messages",
    "",
    "CLIENT IDENTIFIER  USER NAME  MQTT   CONNECTION                            EXPIRES" +
    "                    SUBSCRIPTIONS  QUEUED  IN FLIGHT",
    "phone              bob        5      away since 2026-01-02T03:04:05+00:00  " +
    "2026-01-02T04:04:05+00:00              2       2          3",
    "cam\\x1b[31m        -          3.1.1  connected at the end                  never" +
    "                                  0       0          0",
  ]);
});

Deno.test("inspectText() says of the data of a running broker that it is in use", () => {
  const [first, second] = linesOf({ isInUse: true });
  assert.equal(first, "'/broker.db': 40 KiB, format 3, last written T, in use by a broker");
  assert.equal(second, "2 sessions: 1 connected, 1 away");
});

Deno.test("inspectText() shows payloads of retained messages only when they are asked for", () => {
  const retained = { showsSummary: false, sessions: undefined };
  assert.deepEqual(linesOf(retained), [
    "TOPIC NAME   QOS  BYTES  SINCE  PUBLISHER  EXPIRES",
    "home/a         1      8  -      -          never",
    "home/secret    2      3  -      -          2026-01-02T04:04:05+00:00",
  ]);
  assert.deepEqual(linesOf({ ...retained, showsPayloads: true }), [
    "TOPIC NAME   QOS  BYTES  SINCE  PUBLISHER  EXPIRES                    PAYLOAD",
    "home/a         1      8  -      -          never                      '21.5 \u00b0C'",
    "home/secret    2      3  -      -          2026-01-02T04:04:05+00:00  0x00ff10",
  ]);
});

Deno.test("inspectText() puts an empty line between sessions and retained messages", () => {
  const lines = linesOf({ showsSummary: false });
  assert.deepEqual([lines.length, lines[3]], [7, ""]);
});

Deno.test("inspectText() shows whole sessions where that is asked for", () => {
  const lines = linesOf({ showsSummary: false, showsRetained: false, showsWholeSession: true });
  assert.deepEqual(lines.filter((line) => line.startsWith("Client Identifier: ")), [
    "Client Identifier: phone",
    "Client Identifier: cam\x1b[31m",
  ]);
});
