import assert from "node:assert/strict";
import { MessageState } from "../../../src/import/database/records.ts";
import { DatabaseBuilder } from "./database_fixture.ts";
import { importBuilt, NOW_MS } from "./imported_store.ts";

Deno.test("what a client gets first comes first: in flight, then queued, in the order of the file", async () => {
  const { sessions, report } = await importBuilt(
    new DatabaseBuilder().message({ key: 4, payload: "4" }).message({ key: 3, payload: "3" })
      .message({ key: 2, payload: "2", qos: 2 }).message({ key: 1, payload: "1", qos: 2 })
      .client("a")
      .clientMessage("a", {
        key: 1,
        qos: 2,
        packetIdentifier: 7,
        state: MessageState.WaitForPubcomp,
      })
      .clientMessage("a", {
        key: 2,
        qos: 2,
        packetIdentifier: 5,
        state: MessageState.WaitForPubrec,
      })
      .clientMessage("a", { key: 3, packetIdentifier: 6, state: MessageState.WaitForPuback })
      .clientMessage("a", { key: 4, packetIdentifier: 8, retain: true, identifiers: [3] })
      .clientMessage("a", { key: 3, packetIdentifier: 9 }),
  );
  assert.deepEqual(sessions["a"]?.outgoing, [
    "7 t=1 qos 2, released",
    "5 t=2 qos 2",
    "6 t=3 qos 1",
    "0 t=4 qos 1, retain, for 3",
    "0 t=3 qos 1",
  ]);
  assert.deepEqual([report.inflight, report.queued, report.sessions], [3, 2, 1]);
});

Deno.test("messages keep their properties and their expiry", async () => {
  const expiryTime = NOW_MS / 1000 + 60;
  const { inspected } = await importBuilt(
    new DatabaseBuilder().message({
      expiryTime,
      retain: true,
      properties: { contentType: "text/plain", userProperties: [["k", "v"]] },
    }).client("a").clientMessage("a").retained(),
  );
  for (const message of [inspected.sessions[0]?.outgoing[0], inspected.retained[0]]) {
    assert.equal(message?.expiresAtMs, expiryTime * 1000);
    assert.deepEqual(message?.properties, {
      contentType: "text/plain",
      userProperties: [["k", "v"]],
    });
  }
  assert.equal(inspected.damage.rows, 0);
});

Deno.test("what is said of a session is kept", async () => {
  const { inspected } = await importBuilt(
    new DatabaseBuilder().client("a", {
      username: "anna",
      interval: 3600,
      expiryTime: NOW_MS / 1000 + 600,
    }),
  );
  const [session] = inspected.sessions;
  assert.equal(session?.username, "anna");
  assert.equal(session?.protocolVersion, 5);
  assert.equal(session?.expiryIntervalMs, 3_600_000);
  assert.equal(session?.disconnectedAtMs, NOW_MS - 3_000_000);
});

Deno.test("a User Name that nobody had to prove is left out", async () => {
  const { inspected } = await importBuilt(
    new DatabaseBuilder().client("a", { username: "anna" }),
    { usersAreProven: false },
  );
  assert.deepEqual(inspected.sessions.map(({ username }) => username), [undefined]);
});

Deno.test("retained messages are there once, without those of the broker itself", async () => {
  const { retained, report } = await importBuilt(
    new DatabaseBuilder().message({ key: 1, topicName: "a", payload: "x", retain: true })
      .message({ key: 2, topicName: "$SYS/broker/version" })
      .message({ key: 3, topicName: "old", expiryTime: NOW_MS / 1000 })
      .retained(1).retained(2).retained(3),
  );
  assert.deepEqual([retained, report.retained], [["a=x qos 1"], 1]);
  assert.deepEqual(report.changed, ["1 message had expired: left out"]);
});

Deno.test("a message of QoS 0 that waits is reported as lost", async () => {
  const { sessions, report } = await importBuilt(
    new DatabaseBuilder().message({ qos: 0 }).client("a").clientMessage("a", { qos: 0 }),
  );
  assert.deepEqual(sessions["a"]?.outgoing, []);
  assert.match(report.lost.join(), /^1 queued message of QoS 0/);
});

Deno.test("a message that a thousand wait for is written once", async () => {
  const builder = new DatabaseBuilder().message({ payload: "x".repeat(10_000) });
  for (let client = 0; client < 1000; client++) {
    builder.client(`client-${client}`).clientMessage(`client-${client}`);
  }
  const { report, inspected } = await importBuilt(builder);
  assert.deepEqual([report.queued, inspected.sessions.length], [1000, 1000]);
  const lengths = new Set(inspected.sessions.map(({ outgoing }) => outgoing[0]?.payload.length));
  assert.deepEqual([...lengths], [10_000]);
});
