/**
 * What becomes of a file of version 1, which knew neither where a client came in nor which retained
 * messages a subscription was still to get.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Writer } from "../../src/protocol/writer.ts";
import { backupStore, inspectStore } from "../../src/storage/offline.ts";
import { openAndLoad } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import type { RestoredSession } from "../../src/storage/restored.ts";
import { checkVersion, SCHEMA_VERSION } from "../../src/storage/schema.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { overwrite } from "./damage_fixture.ts";
import { describeFile, newSession, temporaryFolder } from "./fixture.ts";
import { makeVersion1, VERSION_1_OFFSET_MS } from "./version_1_fixture.ts";

const NOW_MS = 1_500_000;
const UNKNOWN = { listener: "", address: "", groups: [] };

function versionOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return checkVersion(database);
  } finally {
    database.close();
  }
}

function open(path: string) {
  const changes = new PendingChanges();
  const state = new LoadedState(changes, () => {});
  const noSecond = () => assert.fail("it was taken for damaged");
  const { file, repair, isNew } = openAndLoad(path, 0, (chunk) => state.add(chunk), noSecond);
  state.complete({ offsetMs: VERSION_1_OFFSET_MS, nowMs: NOW_MS });
  return { file, repair, isNew, state, changes };
}

/** What of a session is not in `describeFile`. */
function fieldsOf({ username, listener, address, groups, ...rest }: RestoredSession) {
  const { protocolVersion, bridge, expiryIntervalMs, disconnectedAtMs, will, subscriptions } = rest;
  const origin = { username, listener, address, groups: [...groups] };
  return {
    ...origin,
    ...{ protocolVersion, bridge, expiryIntervalMs, disconnectedAtMs, will, subscriptions },
  };
}

const ONE = {
  ...UNKNOWN,
  username: "ann",
  protocolVersion: 4,
  bridge: false,
  expiryIntervalMs: 3_600_000,
  disconnectedAtMs: 1_000_000,
  will: {
    topicName: "will/one",
    payload: new TextEncoder().encode("gone"),
    qos: 1,
    retain: true,
    properties: { willDelayInterval: 60 },
    delayMs: 60_000,
  },
  subscriptions: [{
    topicFilter: "a/#",
    qos: 2,
    noLocal: true,
    retainAsPublished: true,
    replayPending: false,
    identifier: 300,
    shareName: undefined,
  }],
};
const TWO = {
  ...UNKNOWN,
  username: undefined,
  protocolVersion: 5,
  bridge: true,
  expiryIntervalMs: Infinity,
  disconnectedAtMs: NOW_MS,
  will: undefined,
  subscriptions: [{
    topicFilter: "$share/g/b/+",
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    replayPending: false,
    identifier: 0,
    shareName: "g",
  }],
};
const CONTENT = {
  sessions: {
    one: ["filter a/# 2", "a/2=sent qos 2 id 12 released", "a/1=to both qos 1", "inbound 7"],
    two: ["filter $share/g/b/+ 1", "a/1=to both qos 1", "b/1=picked qos 1"],
  },
  retained: ["r/1=kept"],
};

Deno.test("a file of version 1 is read in full, and is of the current version from then on", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeVersion1(path);
  assert.equal(versionOf(path), 1);
  const { file, repair, isNew, state } = open(path);
  assert.deepEqual([repair, isNew], [undefined, false]);
  const sessions = [...state.sessions];
  assert.deepEqual(sessions.map(fieldsOf), [ONE, TWO]);
  file.close();
  assert.equal(versionOf(path), SCHEMA_VERSION);
  assert.deepEqual(describeFile(path), CONTENT);
});

Deno.test("a session of version 1 is written with what is known since", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeVersion1(path);
  const { file, state, changes } = open(path);
  for (const stored of state.sessions) {
    const session = newSession(stored.clientIdentifier);
    session.identity = { username: "ann", groups: ["a\0b"], listener: "l", address: "::1" };
    changes.adoptSession(session, stored);
    changes.saveSession(session);
    for (const subscription of stored.subscriptions) {
      changes.saveSubscription({ ...subscription, session, replayPending: true });
    }
  }
  const writer = new Writer();
  changes.take(writer, VERSION_1_OFFSET_MS);
  file.apply(writer.written().slice());
  file.close();
  for (const { username, groups, listener, address, subscriptions } of open(path).state.sessions) {
    assert.deepEqual([username, groups, listener, address], ["ann", ["a\0b"], "l", "::1"]);
    assert.deepEqual(subscriptions.map(({ replayPending }) => replayPending), [true]);
  }
});

Deno.test("a file of version 1 is looked into as it is, and a backup of it is of the current version", async () => {
  using folder = temporaryFolder();
  const [path, copy] = [`${folder.path}/broker.db`, `${folder.path}/copy.db`];
  makeVersion1(path);
  const before = await Deno.readFile(path);
  assert.equal(inspectStore(path).version, 1);
  await backupStore(path, copy);
  assert.deepEqual(await Deno.readFile(path), before);
  assert.equal(versionOf(copy), SCHEMA_VERSION);
  assert.deepEqual(describeFile(copy), CONTENT);
});

Deno.test("a damaged file of version 1 is set aside as it was, and read as what it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeVersion1(path);
  const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
  overwrite(path, text.indexOf("picked"), new TextEncoder().encode("PICKED"));
  const changes = new PendingChanges();
  const state = new LoadedState(changes, () => {});
  const again = () => state.startAgain();
  const { file, repair } = openAndLoad(path, 0, (chunk) => state.add(chunk), again);
  file.close();
  assert.equal(versionOf(path), SCHEMA_VERSION);
  assert.equal(repair?.damage.rows, 1);
  const { sessions } = describeFile(path);
  assert.deepEqual(sessions["one"], CONTENT.sessions.one);
  assert.deepEqual(sessions["two"], CONTENT.sessions.two.slice(0, -1));
});
