import assert from "node:assert/strict";
import type { Inspection } from "../../../src/cli/store/inspect.ts";
import { sessionLines } from "../../../src/cli/store/inspect_session_text.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { inTimeZone } from "../../support/time_zone.ts";
import { inspectionOf, makeStore } from "../store_fixture.ts";

/** The lines for each session of a file with one of everything. */
function linesOf(fields: Partial<Inspection>): string[][] {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeStore(path);
  const sessions: string[][] = [];
  inTimeZone("UTC", () => {
    const inspection = inspectionOf(path, fields);
    for (const session of inspection.sessions ?? []) {
      sessions.push([...sessionLines(session, inspection)]);
    }
  });
  return sessions;
}

Deno.test("sessionLines() has everything of a session, its messages in order", () => {
  assert.deepEqual(linesOf({})[0], [
    "Client Identifier: phone",
    "User Name:         bob",
    "Groups:            family",
    "Came in by:        listener 'garden', from 192.0.2.7",
    "MQTT:              5",
    "Connection:        away since 2026-01-02T03:04:05+00:00",
    "Expires:           2026-01-02T04:04:05+00:00",
    "Will:              none",
    "QoS 2 messages being received, by Packet Identifier: 9",
    "2 subscriptions",
    "  TOPIC FILTER    QOS  OPTIONS",
    "  home/#            2  No Local, Retain As Published, Subscription Identifier 7, " +
    "retained messages still to be sent",
    "  $share/g/job/+    1",
    "5 waiting messages: 3 in flight, 2 queued",
    "  TOPIC NAME  QOS  BYTES  STATE              PACKET IDENTIFIER  EXPIRES" +
    "                    OPTIONS",
    "  home/a        1      4  waits for PUBACK                   5  never",
    "  home/b        2      8  waits for PUBCOMP                  6  never",
    "  home/c        2      9  waits for PUBREC                   7  never",
    "  home/d        1      3  queued                             -  2026-01-02T03:34:05+00:00" +
    "  retained, Subscription Identifier 7",
    "  job/1         1      0  queued                             -  never" +
    "                      for $share/g/job/+",
  ]);
});

Deno.test("sessionLines() of a session without anything says so", () => {
  assert.deepEqual(linesOf({})[1], [
    "Client Identifier: cam\x1b[31m",
    "User Name:         none",
    "Came in by:        not known",
    "MQTT:              3.1.1",
    "Connection:        connected at the end",
    "Expires:           never",
    "Will:              cam/state, QoS 1, retained, 4 bytes, 30s after the connection is lost",
    "0 subscriptions",
    "0 waiting messages: 0 in flight, 0 queued",
  ]);
});

Deno.test("sessionLines() shows payloads, that of the Will too, only when they are asked for", () => {
  const [phone, camera] = linesOf({ showsPayloads: true });
  assert.deepEqual(phone?.slice(15).map((line) => line.slice(line.lastIndexOf("  ") + 2)), [
    "'sent'",
    "'received'",
    "'also sent'",
    "0x00ff10",
    "empty",
  ]);
  assert.match(camera?.[6] ?? "", /, 'gone'$/);
});

Deno.test("sessionLines() says which session is a bridge's", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeStore(path);
  const inspection = inspectionOf(path);
  const [session] = [...inspection.sessions ?? []];
  assert.ok(session);
  assert.equal(
    [...sessionLines({ ...session, bridge: true }, inspection)][4],
    "MQTT:              5, a bridge",
  );
});
