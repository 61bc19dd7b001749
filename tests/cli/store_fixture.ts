/**
 * A store in which there is one of everything, and the command line run on it.
 *
 * Owns nothing that outlives a test.
 */

import { DatabaseSync } from "node:sqlite";
import { Message } from "../../src/broker/message.ts";
import { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import { SharedGroup } from "../../src/broker/subscription.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { runCommandLine } from "../../src/cli/command_line.ts";
import type { Inspection } from "../../src/cli/store/inspect.ts";
import { PacketType, type Properties, type QoS } from "../../src/protocol/packet.ts";
import { encodeProperties, NO_PROPERTIES } from "../../src/protocol/property.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { inspectStore } from "../../src/storage/offline.ts";
import { openFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { overwrite, PAGE_BYTES } from "../storage/damage_fixture.ts";
import { newSession } from "../storage/fixture.ts";
import { Core } from "../support/core.ts";

/** When "phone" left: 2026-01-02T03:04:05Z. */
export const LEFT_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
export const HOUR_MS = 3_600_000;
export const BINARY = Uint8Array.of(0, 0xff, 0x10);

/** What a command line led to. */
export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line that must not start the broker. */
export async function runCli(...args: string[]): Promise<Outcome> {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const exitCode = await runCommandLine(
    args,
    terminal,
    () => Promise.reject(new Error("the broker was started")),
  );
  return { exitCode, out, err };
}

/** `expiresAtMs`: of the clock of the core, whose 1,000,000 is `LEFT_AT_MS`. */
function message(
  topicName: string,
  payload: string | Uint8Array,
  qos: QoS,
  expiresAtMs = Infinity,
  properties: Properties = NO_PROPERTIES,
): Message {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const encoded = encodeProperties(PacketType.Publish, properties);
  return new Message(new Topic(topicName), bytes, qos, false, encoded, expiresAtMs);
}

function waiting(message: Message, packetIdentifier: number, released = false): Outgoing {
  const outgoing = new Outgoing(message, message.qos, false, [], undefined);
  outgoing.packetIdentifier = packetIdentifier;
  outgoing.released = released;
  return outgoing;
}

/** "phone": away, for an hour, with messages in every state. */
function recordPhone(changes: PendingChanges, session: Session, { nowMs }: Core): void {
  session.identity = {
    username: "bob",
    groups: ["family"],
    listener: "garden",
    address: "192.0.2.7",
  };
  changes.saveSession(session);
  const options = {
    session,
    retainAsPublished: false,
    noLocal: false,
    identifier: 0,
    replayPending: false,
  };
  changes.saveSubscription({
    ...options,
    topicFilter: "home/#",
    qos: 2,
    noLocal: true,
    retainAsPublished: true,
    identifier: 7,
    replayPending: true,
    shareName: undefined,
  });
  changes.saveSubscription({
    ...options,
    topicFilter: "$share/g/job/+",
    qos: 1,
    shareName: "g",
  });
  changes.addInbound(session, 9);
  changes.addOutgoing(session, waiting(message("home/a", "sent", 1), 5));
  changes.addOutgoing(session, waiting(message("home/b", "received", 2), 6, true));
  changes.addOutgoing(session, waiting(message("home/c", "also sent", 2), 7));
  changes.addOutgoing(
    session,
    new Outgoing(message("home/d", BINARY, 1, nowMs + HOUR_MS / 2), 1, true, [7], undefined),
  );
  const shared = new SharedGroup("g", "job/+");
  changes.addOutgoing(session, new Outgoing(message("job/1", "", 1), 1, false, [], shared));
}

/** "cam": connected, for ever, with a name that would colour a terminal. */
function recordCamera(changes: PendingChanges, session: Session): void {
  session.identity = { username: undefined, groups: [], listener: "", address: "" };
  session.protocolVersion = 4;
  session.disconnectedAtMs = undefined;
  session.will = {
    topicName: "cam/state",
    payload: new TextEncoder().encode("gone"),
    qos: 1,
    retain: true,
    properties: NO_PROPERTIES,
    delayMs: 30_000,
  };
  changes.saveSession(session);
}

/** Makes the file. */
export function makeStore(path: string): void {
  const { file } = openFile(path, Date.now());
  const changes = new PendingChanges();
  const core = new Core();
  recordPhone(changes, newSession("phone", core), core);
  recordCamera(changes, newSession("cam\x1b[31m", core, Infinity));
  changes.saveRetained(message("home/a", "21.5 \u00b0C", 1));
  changes.saveRetained(message("home/secret", BINARY, 2, core.nowMs + HOUR_MS, {
    contentType: "image/png",
    correlationData: BINARY,
    userProperties: [["by", "cam"]],
  }));
  const writer = new Writer();
  changes.take(writer, LEFT_AT_MS - core.nowMs);
  file.apply(writer.written().slice());
  file.close();
}

/** Zeroes the page that a table of a small file is in. */
export function damageTable(path: string, table: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  const found = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table);
  database.close();
  overwrite(path, (Number(found?.["rootpage"]) - 1) * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
}

/** All of a file, a second after "phone" has left; `fields` differ. */
export function inspectionOf(path: string, fields: Partial<Inspection> = {}): Inspection {
  const store = inspectStore(path);
  return {
    store,
    isInUse: false,
    nowMs: LEFT_AT_MS + 1000,
    showsSummary: true,
    sessions: store.sessions,
    showsWholeSession: false,
    showsRetained: true,
    showsPayloads: false,
    ...fields,
  };
}
