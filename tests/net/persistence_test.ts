/**
 * The store under a server in this process: what comes back after an orderly end. Ends that are not
 * orderly are in tests/crash.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";
import { openPersistence, type Persistence } from "../../src/net/persistence.ts";
import { createServer } from "../../src/net/create_server.ts";
import type { Server } from "../../src/net/server.ts";
import type { Address } from "../support/packet_channel.ts";
import { RawClient } from "../support/raw_client.ts";

type PersistenceSettings = Settings["persistence"];

/** A folder, and servers one after the other on the store in it. */
class StoreFixture implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "broker-persistence-" });
  readonly path = `${this.folder}/broker.db`;

  /** What `use` does with a server that runs. */
  async serve(
    use: (address: Address, server: Server, persistence: Persistence) => Promise<void>,
    overrides: Partial<PersistenceSettings> = {},
  ): Promise<void> {
    const settings = this.#settings(overrides);
    const persistence = await openPersistence(settings, () => performance.now());
    const server = createServer(settings, { persistence });
    persistence.attach(server);
    await server.start();
    try {
      const address = server.listeners.all[0]?.addresses[0] as Deno.NetAddr;
      await use({ hostname: "127.0.0.1", port: address.port }, server, persistence);
    } finally {
      await server.stop();
      await persistence.close();
    }
  }

  files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name);
  }

  #settings(overrides: Partial<PersistenceSettings>): Settings {
    const settings = defaultSettings();
    const listeners = settings.listeners.map((one) => ({ ...one, address: "127.0.0.1", port: 0 }));
    const persistence = { ...settings.persistence, path: this.path, ...overrides };
    return { ...settings, listeners, persistence };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

const KEPT = {
  clientIdentifier: "kept",
  cleanStart: false,
  properties: { sessionExpiryInterval: 3600 },
};

Deno.test("a session, what waits for it and what is retained are there after a restart", async () => {
  await using store = new StoreFixture();
  await store.serve(async (address) => {
    using kept = await RawClient.connect(address, 5, KEPT);
    await kept.subscribe("t/#", { qos: 2 }, { subscriptionIdentifiers: [7] });
    await kept.disconnect();
    using publisher = await RawClient.connect(address, 5);
    await publisher.publish("t/1", "one", { qos: 1, properties: { contentType: "text" } });
    await publisher.publish("t/2", "two", { qos: 2 });
    await publisher.publish("r", "value", { qos: 1, retain: true });
  });
  await store.serve(async (address) => {
    using kept = await RawClient.connect(address, 5, KEPT);
    assert.equal(kept.connack.sessionPresent, true);
    const first = await kept.expectMessage("t/1", "one");
    assert.deepEqual(first.properties, { contentType: "text", subscriptionIdentifiers: [7] });
    await kept.expectMessage("t/2", "two");
    using other = await RawClient.connect(address, 4);
    await other.subscribe("r");
    assert.equal((await other.expectMessage("r", "value")).retain, true);
  });
});

Deno.test("with durability off nothing is there after a restart, and no file", async () => {
  await using store = new StoreFixture();
  for (const _run of [1, 2]) {
    await store.serve(async (address) => {
      using kept = await RawClient.connect(address, 5, KEPT);
      assert.equal(kept.connack.sessionPresent, false);
    }, { durability: "off" });
  }
  assert.deepEqual(store.files(), []);
});

Deno.test("with durability relaxed nothing waits for the disk, and an orderly end loses nothing", async () => {
  await using store = new StoreFixture();
  const relaxed = { durability: "relaxed", commitIntervalMs: 3_600_000 } as const;
  await store.serve(async (address, { broker }) => {
    using kept = await RawClient.connect(address, 5, KEPT);
    await kept.subscribe("t", { qos: 1 });
    await kept.publish("r", "last", { qos: 1, retain: true });
    assert.equal(broker.journal.pendingCommit, 0);
  }, relaxed);
  await store.serve(async (address, { broker }) => {
    using kept = await RawClient.connect(address, 5, KEPT);
    assert.equal(kept.connack.sessionPresent, true);
    assert.deepEqual([...broker.sessions.get("kept")?.subscriptions.keys() ?? []], ["t"]);
    assert.equal(broker.retained.get("r")?.payloadLength, "last".length);
  }, relaxed);
});

Deno.test("a broker with nothing to store makes no file of data", async () => {
  await using store = new StoreFixture();
  await store.serve(async (address) => {
    using clean = await RawClient.connect(address, 5);
    await clean.subscribe("t", { qos: 2 });
    await clean.publish("t", "x", { qos: 1 });
  });
  assert.deepEqual(store.files(), ["broker.db.lock"]);
});

Deno.test("a file that is deleted under the broker is written anew with all that it knows", async () => {
  await using store = new StoreFixture();
  await store.serve(async (address) => {
    using kept = await RawClient.connect(address, 5, KEPT);
    await kept.subscribe("t", { qos: 1 });
    await kept.publish("r", "value", { qos: 1, retain: true });
    for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(store.path + suffix);
    // Acknowledged when it is in the new file.
    await kept.publish("r/2", "value", { qos: 1, retain: true });
  });
  await store.serve(async (address, { broker }) => {
    assert.deepEqual([...broker.sessions.keys()], ["kept"]);
    assert.deepEqual(broker.retained.match("#").map(({ topic }) => topic.name), ["r", "r/2"]);
    using kept = await RawClient.connect(address, 5, KEPT);
    assert.equal(kept.connack.sessionPresent, true);
  });
});

Deno.test("status() tells where the data is, what was written, and when", async () => {
  await using store = new StoreFixture();
  await store.serve(async (address, _server, persistence) => {
    const before = persistence.status();
    assert.deepEqual([before?.commits, before?.lastCommitAtMs], [0, undefined]);
    const startedMs = Date.now();
    using publisher = await RawClient.connect(address, 5);
    await publisher.publish("r", "value", { qos: 1, retain: true });
    const { fileBytes, bytesWritten, bytesWrittenToday, lastCommitAtMs, ...rest } =
      persistence.status() ?? assert.fail("nothing is stored");
    assert.deepEqual(rest, {
      path: store.path,
      durability: "full",
      commits: 1,
      pendingChanges: 0,
      isWritable: true,
      problem: undefined,
    });
    assert.ok(fileBytes > 1000 && bytesWritten > 1000);
    assert.equal(bytesWrittenToday, bytesWritten);
    assert.ok((lastCommitAtMs ?? 0) >= startedMs);
  });
});

Deno.test("status() says nothing where nothing is stored", async () => {
  await using store = new StoreFixture();
  await store.serve((_address, _server, persistence) => {
    assert.equal(persistence.status(), undefined);
    return Promise.resolve();
  }, { durability: "off" });
});

Deno.test("when messages were retained, and by whom, is known after a restart", async () => {
  await using store = new StoreFixture();
  const publishedMs = Date.now();
  await store.serve(async (address) => {
    using publisher = await RawClient.connect(address, 5, { clientIdentifier: "kitchen" });
    await publisher.publish("r", "value", { qos: 1, retain: true });
  });
  await store.serve((_address, { broker }) => {
    const message = broker.retained.get("r");
    assert.equal(message?.publisher, "kitchen");
    const retainedAtMs = (message?.retainedAtSeconds ?? 0) * 1000 + Date.now() - broker.nowMs();
    assert.ok(Math.abs(retainedAtMs - publishedMs) < 60_000);
    return Promise.resolve();
  });
});
