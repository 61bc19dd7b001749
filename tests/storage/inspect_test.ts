import assert from "node:assert/strict";
import { StoreDamagedError } from "../../src/storage/errors.ts";
import { inspectStore } from "../../src/storage/inspect.ts";
import { SCHEMA_VERSION } from "../../src/storage/schema.ts";
import { Core } from "../support/core.ts";
import { makeFile, MESSAGES, overwrite, PAGE_BYTES, SESSIONS } from "./damage_fixture.ts";
import {
  namesIn,
  newMessage,
  newOutgoing,
  newSession,
  openFull,
  temporaryFolder,
} from "./fixture.ts";

Deno.test("inspectStore() shows sessions, queues and retained messages while a broker runs", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const store = await openFull(path);
  const session = newSession("one");
  session.identity = {
    username: "somebody",
    groups: ["family"],
    listener: "garden",
    address: "192.0.2.7",
  };
  store.journal.addOutgoing(session, newOutgoing(newMessage("t", "waits")));
  store.journal.saveRetained(newMessage("r", "kept"));
  await store.journal.settled();
  const { sessions, retained, counts, damage, version } = inspectStore(path);
  assert.deepEqual([version, damage], [SCHEMA_VERSION, { rows: 0, gaps: 0, reason: "" }]);
  assert.deepEqual([counts.sessions, counts.outgoing, counts.retained], [1, 1, 1]);
  const [found] = [...sessions];
  assert.deepEqual([found?.clientIdentifier, found?.username, found?.isConnected], [
    "one",
    "somebody",
    false,
  ]);
  assert.deepEqual([found?.groups, found?.listener, found?.address], [
    ["family"],
    "garden",
    "192.0.2.7",
  ]);
  assert.equal(typeof found?.disconnectedAtMs, "number");
  assert.deepEqual(Object.keys(found?.outgoing[0] ?? {}).sort(), [
    "expiresAtMs",
    "packetIdentifier",
    "payload",
    "properties",
    "qos",
    "released",
    "retain",
    "sharedFilter",
    "subscriptionIdentifiers",
    "topicName",
  ]);
  assert.deepEqual([...retained].map(({ topicName }) => topicName), ["r"]);
  await store.close();
});

Deno.test("inspectStore() says what is no store", () => {
  using folder = temporaryFolder();
  assert.throws(() => inspectStore(`${folder.path}/none`), Deno.errors.NotFound);
  Deno.writeTextFileSync(`${folder.path}/text`, "text ".repeat(1000));
  assert.throws(() => inspectStore(`${folder.path}/text`), /not a database/);
  Deno.writeTextFileSync(`${folder.path}/empty`, "");
  assert.throws(() => inspectStore(`${folder.path}/empty`), StoreDamagedError);
});

Deno.test("inspectStore() gives what is wanted, and counts everything", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const { counts, sessions, retained, damage } = inspectStore(path, {
    messagesOf: (clientIdentifier) => clientIdentifier === "c7",
    retained: (topicName) => topicName === "r/42",
  });
  assert.deepEqual(counts, {
    sessions: SESSIONS,
    connected: 0,
    subscriptions: 0,
    outgoing: MESSAGES,
    inFlight: 0,
    inbound: SESSIONS,
    retained: 100,
  });
  assert.deepEqual(damage, { rows: 0, gaps: 0, reason: "" });
  const each = MESSAGES / SESSIONS;
  for (const { clientIdentifier, queued, inFlight, outgoing } of sessions) {
    assert.deepEqual([queued, inFlight], [each, 0]);
    assert.equal(outgoing.length, clientIdentifier === "c7" ? each : 0);
    for (const { topicName } of outgoing) assert.equal(topicName, "c7");
  }
  assert.deepEqual([...retained].map(({ topicName }) => topicName), ["r/42"]);
});

Deno.test("inspectStore() leaves out what is damaged, and counts it", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  overwrite(path, 20 * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
  const { counts, damage, sessions } = inspectStore(path);
  assert.equal(damage.gaps, 1);
  assert.match(damage.reason, /malformed/);
  const read = [...sessions].reduce((sum, { outgoing }) => sum + outgoing.length, 0);
  assert.equal(read, counts.outgoing);
  assert.ok(read < MESSAGES && read > MESSAGES * 0.9, `${read}`);
});

Deno.test("inspectStore() reads what is left of a file that was cut off, and does not touch it", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const { size } = Deno.statSync(path);
  Deno.truncateSync(path, size - 10 * PAGE_BYTES);
  const before = Deno.readFileSync(path);
  const { counts, damage, fileBytes } = inspectStore(path);
  assert.equal(counts.sessions, SESSIONS);
  assert.ok(counts.outgoing < MESSAGES && counts.outgoing > MESSAGES / 2, `${counts.outgoing}`);
  assert.ok(damage.gaps > 0);
  assert.match(damage.reason, /malformed/);
  assert.equal(fileBytes, size - 10 * PAGE_BYTES);
  assert.deepEqual(Deno.readFileSync(path), before);
  assert.deepEqual(namesIn(folder.path), ["broker.db"]);
});

Deno.test("inspectStore() says why nothing of a file can be read", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  overwrite(path, 0, new Uint8Array(PAGE_BYTES));
  assert.throws(() => inspectStore(path), new StoreDamagedError("file is not a database"));
});

Deno.test("inspectStore() shows what has expired as long as it is there", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const store = await openFull(path);
  const core = new Core();
  const [over, connected] = [newSession("over", core, 1), newSession("connected", core, 1)];
  over.disconnectedAtMs = -1e12;
  connected.disconnectedAtMs = undefined;
  store.journal.addOutgoing(over, newOutgoing(newMessage("t", "1", 1, -1e12)));
  store.journal.saveSession(connected);
  store.journal.saveRetained(newMessage("r", "1", 1, -1e12));
  await store.journal.settled();
  const { sessions, retained } = inspectStore(path);
  const [first, second, ...others] = [...sessions];
  assert.deepEqual([first?.clientIdentifier, first?.outgoing.length], ["over", 1]);
  assert.ok((first?.disconnectedAtMs ?? NaN) < Date.now() - 1e12);
  assert.deepEqual([second?.clientIdentifier, second?.isConnected], ["connected", true]);
  assert.deepEqual([second?.disconnectedAtMs, others], [undefined, []]);
  assert.equal([...retained].length, 1);
  await store.close();
});
