import assert from "node:assert/strict";
import { DatabaseBuilder, NEVER } from "./database_fixture.ts";
import { readChunks } from "./file_on_disk.ts";

for (const version of [2, 3, 4]) {
  Deno.test(`version ${version}: every kind of chunk is read`, () => {
    const builder = new DatabaseBuilder(version)
      .message({ key: 3, topicName: "a/b", payload: "hello", qos: 2, retain: true, source: "s" })
      .client("c", { disconnectedTime: 55 })
      .clientMessage("c", { key: 3, packetIdentifier: 300, qos: 2, state: 9, retain: true })
      .subscription("c", "a/#", { qos: 2 })
      .retained(3);
    const values = readChunks<unknown>(builder, ({ layout }, cursor, chunk) => {
      switch (chunk.kind) {
        case 2:
          return layout.message(cursor);
        case 3:
          return layout.clientMessage(cursor);
        case 4:
          return layout.retained(cursor);
        case 5:
          return layout.subscription(cursor);
        default:
          return layout.client(cursor, chunk);
      }
    });
    assert.deepEqual(values, [
      {
        key: 3,
        topicName: "a/b",
        payload: new TextEncoder().encode("hello"),
        qos: 2,
        retain: true,
        expiresAtMs: Infinity,
        sourceIdentifier: "s",
        encodedProperties: new Uint8Array(0),
      },
      {
        clientIdentifier: "c",
        username: new Uint8Array(0),
        sessionExpiryInterval: NEVER,
        sessionExpiryTime: 0,
        disconnectedTime: version === 2 ? undefined : 55,
      },
      {
        clientIdentifier: "c",
        message: 3,
        packetIdentifier: 300,
        qos: 2,
        retain: true,
        isIncoming: false,
        state: 9,
        subscriptionIdentifiers: [],
      },
      {
        clientIdentifier: "c",
        topicFilter: "a/#",
        qos: 2,
        noLocal: false,
        retainAsPublished: false,
        identifier: 0,
      },
      3,
    ]);
  });
}

Deno.test("a client's time may have four bytes, and no other number", () => {
  const read = (timeBytes: 4 | 8, wrongLength?: number) => {
    const bytes = new DatabaseBuilder(4).client("c", { disconnectedTime: 9, timeBytes }).bytes;
    // The last byte of what the chunk says of its length.
    if (wrongLength !== undefined) bytes[39 + 5] = wrongLength;
    return readChunks(bytes, ({ layout }, cursor, chunk) => layout.client(cursor, chunk));
  };
  assert.equal(read(4)[0]?.disconnectedTime, 9);
  assert.equal(read(8)[0]?.disconnectedTime, 9);
  assert.throws(() => read(8, 11), /Cannot decode client: it cannot have 10 bytes/);
});

Deno.test("a message that nobody wants is passed over, whatever its chunk says of its length", () => {
  const bytes = new DatabaseBuilder(4).message({ key: 3, payload: "x" }).retained(3).bytes;
  bytes[39 + 5] = 1;
  const values = readChunks(bytes, ({ layout }, cursor, chunk) => {
    if (chunk.kind === 4) return layout.retained(cursor);
    layout.passOverMessage(cursor);
    return "skipped";
  });
  assert.deepEqual(values, ["skipped", 3]);
});
