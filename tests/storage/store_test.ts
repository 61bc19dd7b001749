import assert from "node:assert/strict";
import { exists } from "../../src/storage/paths.ts";
import { repairSteps } from "../../src/storage/replacement.ts";
import { type Store, StoreInUseError } from "../../src/storage/store.ts";
import { Core } from "../support/core.ts";
import { makeFile, MESSAGES } from "./damage_fixture.ts";
import {
  describeFile,
  newMessage,
  newOutgoing,
  newSession,
  openFull,
  restore,
  temporaryFolder,
} from "./fixture.ts";

Deno.test("openStore() gives back after closing what was recorded", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const store = await openFull(path);
  assert.equal(store.report.isNew, true);
  const { journal } = store;
  const core = new Core();
  const one = newSession("one", core);
  const two = newSession("two", core);
  journal.saveSession(one);
  journal.saveSession(two);
  journal.saveSubscription({
    session: one,
    topicFilter: "$share/g/a/+",
    qos: 2,
    noLocal: false,
    retainAsPublished: true,
    replayPending: false,
    identifier: 7,
    shareName: "g",
  });
  const shared = newMessage("a/b", "shared");
  for (const session of [one, two]) journal.addOutgoing(session, newOutgoing(shared));
  const sent = newOutgoing(newMessage("a/c", "sent", 2));
  journal.addOutgoing(one, sent);
  sent.packetIdentifier = 9;
  sent.released = true;
  journal.updateOutgoing(one, sent);
  journal.addInbound(two, 65_535);
  journal.saveRetained(newMessage("r/1", "kept"));
  await journal.settled();
  assert.equal(journal.pendingCommit, 0);
  assert.equal(await store.close(), true);

  const again = await openFull(path);
  assert.equal(again.report.isNew, false);
  assert.deepEqual(again.report.counts, {
    sessions: 2,
    subscriptions: 1,
    outgoing: 3,
    inbound: 1,
    retained: 1,
  });
  const sessions = [...again.state.sessions];
  assert.deepEqual(sessions[0]?.subscriptions, [{
    topicFilter: "$share/g/a/+",
    qos: 2,
    noLocal: false,
    retainAsPublished: true,
    replayPending: false,
    identifier: 7,
    shareName: "g",
  }]);
  assert.equal(
    sessions[0]?.outgoing.find(({ packetIdentifier }) => packetIdentifier === 0)?.message,
    sessions[1]?.outgoing[0]?.message,
  );
  await again.close();
});

Deno.test("openStore() keeps what was adopted and removes what was not", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const first = await openFull(path);
  const core = new Core();
  const kept = newSession("kept", core);
  const left = newSession("left", core);
  for (const session of [kept, left]) {
    for (let number = 0; number < 3; number++) {
      first.journal.addOutgoing(session, newOutgoing(newMessage("t", String(number))));
    }
  }
  await first.close();

  const second = await openFull(path);
  const wanted = { [Symbol.iterator]: () => filtered(second) };
  const restored = restore({ sessions: wanted, retained: [] }, second.journal);
  const { session, outgoing } = restored.get("kept") as NonNullable<
    ReturnType<typeof restored.get>
  >;
  second.journal.removeOutgoing(session, outgoing[1] as typeof outgoing[number]);
  second.journal.addOutgoing(session, newOutgoing(newMessage("t", "3")));
  await second.close();

  assert.deepEqual(describeFile(path), {
    sessions: { kept: ["t=0 qos 1", "t=2 qos 1", "t=3 qos 1"] },
    retained: [],
  });
});

function* filtered({ state }: Store) {
  for (const session of state.sessions) if (session.clientIdentifier === "kept") yield session;
}

Deno.test("openStore() refuses a file that another broker uses", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const store = await openFull(path);
  await assert.rejects(openFull(path), new StoreInUseError(path));
  await store.close();
  await (await openFull(path)).close();
});

Deno.test("a store in a folder that does not exist yet is locked from the start", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/new/broker.db`;
  const store = await openFull(path);
  await assert.rejects(openFull(path), new StoreInUseError(path));
  await store.close();
  assert.equal(((await Deno.stat(`${path}.lock`)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("nothing is written without a lock, and everything when there is one", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  await (await recordedStore(path)).close();
  await Deno.remove(`${path}.lock`);
  await Deno.mkdir(`${path}.lock`);
  const store = await recordedStore(path);
  assert.match(store.report.unusable ?? "", /Cannot write '.*broker\.db\.lock'/);
  assert.deepEqual([store.report.isLoaded, store.journal.isWritable], [true, false]);
  await Deno.remove(`${path}.lock`);
  await store.journal.settled();
  await assert.rejects(openFull(path), new StoreInUseError(path));
  assert.equal(await store.close(), true);
});

Deno.test("a store behind a link is the file that the link leads to", async () => {
  using folder = temporaryFolder();
  await Deno.mkdir(`${folder.path}/disk`);
  const path = `${folder.path}/disk/broker.db`;
  await (await recordedStore(path)).close();
  await Deno.symlink(path, `${folder.path}/link.db`);
  const store = await recordedStore(`${folder.path}/link.db`);
  assert.equal(await store.close(), true);
  assert.equal(store.report.path, await Deno.realPath(path));
  assert.deepEqual(Object.keys(describeFile(path).sessions), ["one"]);
});

/** A store in which a session was recorded. */
async function recordedStore(path: string): Promise<Store> {
  const store = await openFull(path);
  for (const stored of store.state.sessions) {
    const session = newSession(stored.clientIdentifier);
    store.journal.adoptSession(session, stored);
  }
  store.journal.saveSession(newSession("one"));
  return store;
}

Deno.test("a link to a file that does not exist yet leads to it from the start", async () => {
  using folder = temporaryFolder();
  await Deno.mkdir(`${folder.path}/disk`);
  await Deno.symlink("disk/broker.db", `${folder.path}/link.db`);
  const store = await recordedStore(`${folder.path}/link.db`);
  assert.equal(await store.close(), true);
  assert.deepEqual(Object.keys(describeFile(`${folder.path}/disk/broker.db`).sessions), ["one"]);
  assert.equal((await Deno.lstat(`${folder.path}/link.db`)).isSymlink, true);
});

Deno.test("a repair that was cut off when the damaged file was set aside is finished at the start", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  for (const _step of repairSteps(path, "it was damaged", Date.now())) {
    if (!exists(path)) break;
  }
  assert.equal(exists(path), false, "killed between setting aside and putting in place");
  const store = await openFull(path);
  assert.match(store.report.repair?.reason ?? "", /^it was damaged; its repair was interrupted/);
  assert.equal(store.report.counts.outgoing, MESSAGES);
  await store.close();
});
