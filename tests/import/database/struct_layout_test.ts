import assert from "node:assert/strict";
import { ChunkKind } from "../../../src/import/database/records.ts";
import { DatabaseBuilder, NEVER } from "./database_fixture.ts";
import { readChunks } from "./file_on_disk.ts";

const VERSIONS = [5, 6];

for (const version of VERSIONS) {
  Deno.test(`version ${version}: a message is read with its properties`, () => {
    const builder = new DatabaseBuilder(version).message({
      key: 12,
      topicName: "a/b",
      payload: "hello",
      qos: 2,
      retain: true,
      expiryTime: 50,
      source: "s",
      properties: { contentType: "t" },
    });
    const [message] = readChunks(builder, ({ layout }, cursor) => layout.message(cursor));
    assert.deepEqual(message, {
      key: 12,
      topicName: "a/b",
      payload: new TextEncoder().encode("hello"),
      qos: 2,
      retain: true,
      expiresAtMs: 50_000,
      sourceIdentifier: "s",
      encodedProperties: Uint8Array.of(3, 0, 1, 0x74),
    });
  });

  Deno.test(`version ${version}: what a client waits for is read`, () => {
    const builder = new DatabaseBuilder(version).clientMessage("c", {
      key: 2n ** 60n,
      packetIdentifier: 300,
      qos: 2,
      state: 5,
      retain: true,
      identifiers: [3],
    });
    const [message] = readChunks(builder, ({ layout }, cursor) => layout.clientMessage(cursor));
    assert.deepEqual(message, {
      clientIdentifier: "c",
      message: 2n ** 60n,
      packetIdentifier: 300,
      qos: 2,
      retain: true,
      isIncoming: false,
      state: 5,
      subscriptionIdentifiers: [3],
    });
  });

  Deno.test(`version ${version}: a subscription is read with its options`, () => {
    const builder = new DatabaseBuilder(version)
      .subscription("c", "a/#", { qos: 2, options: 0b0010_1100, identifier: 9 })
      .subscription("c", "b");
    const read = readChunks(builder, ({ layout }, cursor) => layout.subscription(cursor));
    const plain = { clientIdentifier: "c", noLocal: false, retainAsPublished: false };
    assert.deepEqual(read, [
      {
        clientIdentifier: "c",
        topicFilter: "a/#",
        qos: 2,
        noLocal: true,
        retainAsPublished: true,
        identifier: 9,
      },
      { ...plain, topicFilter: "b", qos: 1, identifier: 0 },
    ]);
  });

  Deno.test(`version ${version}: a client is read, with its user name if the version has it`, () => {
    const builder = new DatabaseBuilder(version)
      .client("c", { interval: 60, expiryTime: 77, username: "anna" });
    const [client] = readChunks(
      builder,
      ({ layout }, cursor, chunk) => layout.client(cursor, chunk),
    );
    assert.deepEqual(client, {
      clientIdentifier: "c",
      username: new TextEncoder().encode(version === 6 ? "anna" : ""),
      sessionExpiryInterval: 60,
      sessionExpiryTime: 77,
      disconnectedTime: undefined,
    });
  });
}

Deno.test("a client is read as computers of 32 bits have written it, and not with another gap", () => {
  const read = (gap: number) =>
    readChunks(
      new DatabaseBuilder(6).client("c", { gap, username: "anna" }),
      ({ layout }, cursor, chunk) => layout.client(cursor, chunk),
    );
  assert.equal(read(0)[0]?.clientIdentifier, "c");
  assert.equal(read(0)[0]?.sessionExpiryInterval, NEVER);
  assert.throws(() => read(2), /Cannot decode client: its lengths do not fit into its chunk/);
});

Deno.test("a chunk that is longer than the file, or than what is in it, is refused", () => {
  const whole = new DatabaseBuilder(6).retained(5).bytes;
  const read = (bytes: Uint8Array) =>
    readChunks(bytes, ({ layout }, cursor) => layout.retained(cursor));
  assert.deepEqual(read(whole), [5]);
  assert.throws(
    () => read(whole.subarray(0, whole.length - 1)),
    /at byte 47: the file ends within a chunk: 8 bytes announced, 7 remain/,
  );
  const long = new DatabaseBuilder(6).chunk(ChunkKind.Retained, (body) => {
    for (let at = 0; at < 11; at++) body.byte(0);
  });
  assert.throws(() => read(long.bytes), /at byte 63: Cannot decode chunk: 3 bytes too many/);
});

Deno.test("lengths that do not fit into a chunk are refused with the field", () => {
  const builder = new DatabaseBuilder(6).message({ topicName: "abc", payload: "" });
  const bytes = builder.bytes;
  // The length of the Topic Name: behind the header of the file, that chunk and 26 bytes more.
  bytes[47 + 8 + 27] = 200;
  assert.throws(
    () => readChunks(bytes, ({ layout }, cursor) => layout.message(cursor)),
    /at byte 100: Cannot decode Topic Name: 200 bytes announced, 3 remain/,
  );
});
