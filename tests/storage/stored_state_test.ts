import assert from "node:assert/strict";
import type { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import * as batch from "../../src/storage/batch.ts";
import { openFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import type { RestoredSession } from "../../src/storage/restored.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { Core } from "../support/core.ts";
import { openAsWorker } from "./damage_fixture.ts";
import { newMessage, newOutgoing, newSession, temporaryFolder } from "./fixture.ts";

/** What `record` records, as a chunk that is loaded. */
function chunkOf(record: (changes: PendingChanges) => void): Uint8Array<ArrayBuffer> {
  const changes = new PendingChanges();
  record(changes);
  const writer = new Writer();
  changes.take(writer, 0);
  return writer.written().slice();
}

function load(chunk: Uint8Array, nowMs = 0) {
  const changes = new PendingChanges();
  const state = new LoadedState(changes, () => {});
  state.add(chunk);
  state.complete({ offsetMs: 0, nowMs });
  /** What the next commit removes from the file. */
  const removed = () => {
    const writer = new Writer();
    changes.take(writer, 0);
    const reader = new BatchReader(writer.written());
    const found: string[] = [];
    while (reader.next()) found.push(`${Change[reader.change]} ${reader.row}`);
    return found;
  };
  return { state, changes, removed };
}

function adoptAll(changes: PendingChanges, stored: RestoredSession): Outgoing[] {
  const session = newSession(stored.clientIdentifier);
  changes.adoptSession(session, stored);
  return stored.outgoing.map((each) => {
    const outgoing = newOutgoing(newMessage(each.message.topicName, each.message.payload));
    changes.adoptOutgoing(session, outgoing, each);
    return outgoing;
  });
}

/** A session whose client left at 0 of the broker's clock. */
function sessionLeftAtZero(clientIdentifier: string, expiryIntervalMs = 1000): Session {
  const core = new Core();
  core.nowMs = 0;
  return newSession(clientIdentifier, core, expiryIntervalMs);
}

function payloads(stored: RestoredSession): string[] {
  return stored.outgoing.map(({ message }) => new TextDecoder().decode(message.payload));
}

Deno.test("messages in flight come first, each part in its order", () => {
  const { state, removed, changes } = load(chunkOf((recorded) => {
    const session = sessionLeftAtZero("a");
    ["1", "2", "3", "4"].forEach((payload, index) => {
      const outgoing = newOutgoing(newMessage("t", payload));
      outgoing.packetIdentifier = index % 2 === 1 ? 10 + index : 0;
      recorded.addOutgoing(session, outgoing);
    });
  }));
  for (const stored of state.sessions) {
    assert.deepEqual(payloads(stored), ["2", "4", "1", "3"]);
    adoptAll(changes, stored);
  }
  assert.deepEqual(removed(), []);
});

Deno.test("messages keep their order, in whatever order small and large ones are loaded", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const { file } = openFile(path, 0);
  const texts = ["1", `2${"x".repeat(5000)}`, "3", `4${"x".repeat(300_000)}`, "5"];
  file.apply(chunkOf((recorded) => {
    const session = newSession("a");
    for (const text of texts) recorded.addOutgoing(session, newOutgoing(newMessage("t", text)));
  }));
  file.close();
  const opened = openAsWorker(path);
  opened.file.close();
  assert.deepEqual([...opened.state.sessions].map(payloads), [texts]);
});

Deno.test("what has expired is left out and removed, but for what was sent already", () => {
  const { state, removed, changes } = load(
    chunkOf((recorded) => {
      const session = sessionLeftAtZero("a");
      for (const [payload, expiresAtMs] of [["gone", 400], ["kept", 600]] as const) {
        recorded.addOutgoing(session, newOutgoing(newMessage("t", payload, 1, expiresAtMs)));
      }
      const sent = newOutgoing(newMessage("t", "sent", 1, 400));
      sent.packetIdentifier = 7;
      recorded.addOutgoing(session, sent);
      recorded.saveRetained(newMessage("r/gone", "1", 0, 400));
      recorded.saveRetained(newMessage("r/kept", "1", 0, 600));
    }),
    500,
  );
  for (const stored of state.sessions) {
    assert.deepEqual(payloads(stored), ["sent", "kept"]);
    adoptAll(changes, stored);
  }
  assert.deepEqual([...state.retained].map(({ topicName }) => topicName), ["r/kept"]);
  assert.deepEqual(removed().map((change) => change.split(" ")[0]), [
    "DeleteOutgoing",
    "DeleteRetained",
  ]);
  assert.deepEqual([state.expired.outgoing, state.expired.retained], [1, 1]);
});

Deno.test("a session whose time is over is removed with its messages, unless it has a Will", () => {
  const { state, removed } = load(
    chunkOf((recorded) => {
      for (const name of ["over", "will"]) {
        const session = sessionLeftAtZero(name);
        if (name === "will") {
          session.will = {
            topicName: "w",
            payload: new Uint8Array(0),
            qos: 0,
            retain: false,
            properties: {},
            delayMs: 0,
          };
        }
        recorded.addOutgoing(session, newOutgoing(newMessage("t", name)));
      }
      recorded.saveSession(sessionLeftAtZero("stays", 2000));
    }),
    1000,
  );
  const sessions = state.sessions[Symbol.iterator]();
  assert.equal(sessions.next().value?.clientIdentifier, "will");
  assert.deepEqual(removed(), ["DeleteSession 1", "DeleteOutgoing 1"]);
  assert.equal(state.expired.sessions, 1);
  assert.equal(sessions.next().value?.clientIdentifier, "stays");
});

Deno.test("who nobody adopts is removed, with contents that nobody else waits for", () => {
  const chunk = chunkOf((recorded) => {
    const message = newMessage("t", "shared");
    const core = new Core();
    for (const name of ["a", "b"]) {
      recorded.addOutgoing(newSession(name, core), newOutgoing(message));
    }
  });
  const both = load(chunk);
  for (const stored of both.state.sessions) assert.equal(stored.outgoing.length, 1);
  assert.deepEqual(both.removed().sort(), [
    "DeleteMessage 1",
    "DeleteOutgoing 1",
    "DeleteOutgoing 2",
    "DeleteSession 1",
    "DeleteSession 2",
  ]);
  const one = load(chunk);
  for (const stored of one.state.sessions) {
    if (stored.clientIdentifier === "a") adoptAll(one.changes, stored);
  }
  assert.deepEqual(one.removed(), ["DeleteSession 2", "DeleteOutgoing 2"]);
});

Deno.test("rows that belong to nothing are removed", () => {
  const writer = new Writer();
  const put = () => batch.writeData(writer, new Uint8Array(20));
  batch.writeMessageKey(writer, 3);
  put();
  batch.writeOutgoingKey(writer, 8, 99, 0, 0, false);
  put();
  const { state, removed } = load(writer.written());
  assert.deepEqual([...state.sessions], []);
  assert.deepEqual(removed(), ["DeleteOutgoing 8", "DeleteMessage 3"]);
});

Deno.test("what cannot be understood is left out and removed", () => {
  const chunk = chunkOf((recorded) => {
    const session = sessionLeftAtZero("a");
    recorded.addOutgoing(session, newOutgoing(newMessage("t", "1")));
  });
  const reader = new BatchReader(chunk);
  while (reader.next()) {
    // A count of Subscription Identifiers that goes beyond the end.
    if (reader.change === Change.PutOutgoing) reader.data.fill(0xff, 1, 3);
  }
  const { state, changes, removed } = load(chunk);
  for (const stored of state.sessions) {
    assert.deepEqual(stored.outgoing, []);
    adoptAll(changes, stored);
  }
  assert.deepEqual(removed(), ["DeleteOutgoing 1"]);
});

Deno.test("of two sessions with one Client Identifier the newer one counts", () => {
  const older = chunkOf((recorded) => recorded.saveSession(sessionLeftAtZero("a")));
  const newer = older.slice();
  newer[6] = 2;
  const both = new Uint8Array([...older, ...newer]);
  const { state, removed, changes } = load(both);
  const rows: number[] = [];
  for (const stored of state.sessions) {
    rows.push(stored.row);
    adoptAll(changes, stored);
  }
  assert.deepEqual([rows, removed()], [[2], ["DeleteSession 1"]]);
});

Deno.test("a client that was connected when the broker ended leaves at the restart", () => {
  const session = newSession("a");
  session.disconnectedAtMs = undefined;
  const { state } = load(chunkOf((recorded) => recorded.saveSession(session)), 7000);
  const [stored] = [...state.sessions];
  assert.deepEqual([stored?.wasConnected, stored?.disconnectedAtMs], [true, 7000]);
});

Deno.test("nobody has left in the future: a machine may start with a clock that is behind", () => {
  const { state } = load(chunkOf((recorded) => recorded.saveSession(sessionLeftAtZero("a"))), -500);
  assert.deepEqual([...state.sessions].map((stored) => stored.disconnectedAtMs), [-500]);
});

Deno.test("what was loaded before a new start does not count", () => {
  const chunk = chunkOf((recorded) => recorded.saveSession(sessionLeftAtZero("a")));
  const state = new LoadedState(new PendingChanges(), () => {});
  state.add(chunk);
  state.startAgain();
  state.add(chunk);
  state.complete({ offsetMs: 0, nowMs: 0 });
  assert.deepEqual([[...state.sessions].length, state.counts.sessions], [1, 1]);
});
