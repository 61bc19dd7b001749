/**
 * What a connected client sends, on its way to the broker: the mount point and the message rate.
 */

import assert from "node:assert/strict";
import { PacketType, type Properties } from "../../src/protocol/packet.ts";
import { asText } from "../support/packet_text.ts";
import { connectPacket, publishPacket, subscribePacket, will } from "../support/packets.ts";
import {
  ConnectionFixture,
  encode,
  type FakeTransport,
  type OpenedConnection,
  written,
} from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";
import { testLogin, testOrigin } from "./login_fixture.ts";

/** A client of a listener with this mount point; empty: without one. */
async function client(
  fixture: ConnectionFixture,
  name: string,
  mountPoint: string,
  fields: Parameters<typeof connectPacket>[2] = {},
): Promise<OpenedConnection> {
  const opened = fixture.open(testOrigin({ mountPoint }));
  await opened.transport.feed(encode(5, connectPacket(name, 5, fields)));
  return opened;
}

/** The topics and payloads of what was published to a client. */
function received(transport: FakeTransport): string[] {
  return written(transport, 5).flatMap((packet) =>
    packet.type === PacketType.Publish ? [`${packet.topicName} ${asText(packet.payload)}`] : []
  );
}

Deno.test("Inbound keeps the clients of a mount point among themselves, and others see whole names", async () => {
  const fixture = new ConnectionFixture();
  const inside = await client(fixture, "inside", "home/");
  const outside = await client(fixture, "outside", "");
  const elsewhere = await client(fixture, "elsewhere", "work/");
  for (const { transport } of [inside, outside, elsewhere]) {
    await transport.feed(encode(5, subscribePacket(["#"], {}, 0)));
  }
  await inside.transport.feed(encode(5, publishPacket("lamp", "1")));
  await outside.transport.feed(encode(5, publishPacket("home/door", "2"), publishPacket("x", "3")));
  await elsewhere.transport.feed(encode(5, publishPacket("lamp", "4")));
  assert.deepEqual(
    [inside, outside, elsewhere].map(({ transport }) => received(transport)),
    [
      ["lamp 1", "door 2"],
      ["home/lamp 1", "home/door 2", "x 3", "work/lamp 4"],
      ["lamp 4"],
    ],
  );
});

Deno.test("Inbound resolves a Topic Alias before the mount point is put before it", async () => {
  const fixture = new ConnectionFixture();
  const inside = await client(fixture, "inside", "home/");
  const outside = await client(fixture, "outside", "");
  await outside.transport.feed(encode(5, subscribePacket(["#"], {}, 0)));
  const properties: Properties = { topicAlias: 1 };
  await inside.transport.feed(encode(
    5,
    publishPacket("lamp", "1", { properties }),
    publishPacket("", "2", { properties }),
  ));
  assert.deepEqual(received(outside.transport), ["home/lamp 1", "home/lamp 2"]);
});

Deno.test("Inbound keeps shared subscriptions, retained messages and Wills below the mount point", async () => {
  const fixture = new ConnectionFixture();
  const outside = await client(fixture, "outside", "");
  await outside.transport.feed(encode(
    5,
    publishPacket("home/lamp", "on", { retain: true }),
    publishPacket("lamp", "off", { retain: true }),
    subscribePacket(["gone", "home/gone"], {}, 0),
  ));
  const inside = await client(fixture, "inside", "home/", { will: will("gone", "bye") });
  await inside.transport.feed(encode(5, subscribePacket(["lamp", "$share/g/shared"], {}, 0)));
  await outside.transport.feed(
    encode(5, publishPacket("shared", "a"), publishPacket("home/shared", "b")),
  );
  assert.deepEqual(received(inside.transport), ["lamp on", "shared b"]);
  await inside.transport.end();
  assert.deepEqual(received(outside.transport), ["home/gone bye"]);
});

Deno.test("Inbound gives nothing from outside to a session that comes in by a mount point later", async () => {
  const fixture = new ConnectionFixture();
  const kept = { cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  const first = await client(fixture, "c", "", kept);
  await first.transport.feed(encode(5, subscribePacket(["#"], {}, 1)));
  await first.transport.end();
  const publisher = await client(fixture, "p", "");
  const queued = publishPacket("secret", "1", { qos: 1, packetIdentifier: 1 });
  await publisher.transport.feed(encode(5, queued));
  const second = await client(fixture, "c", "home/", kept);
  await publisher.transport.feed(
    encode(5, publishPacket("secret", "2"), publishPacket("home/x", "3")),
  );
  assert.deepEqual(received(second.transport), ["x 3"]);
});

Deno.test("Inbound removes a subscription by the name that the client knows", async () => {
  const fixture = new ConnectionFixture();
  const inside = await client(fixture, "inside", "home/");
  await inside.transport.feed(encode(5, subscribePacket(["lamp"], {}, 0)));
  await inside.transport.feed(encode(5, {
    type: PacketType.Unsubscribe,
    packetIdentifier: 2,
    topicFilters: ["lamp", "home/lamp"],
    properties: {},
  }));
  const unsuback = written(inside.transport, 5).at(-1);
  assert.deepEqual(unsuback?.type === PacketType.Unsuback && unsuback.reasonCodes, [0x00, 0x11]);
});

/** A fixture in which a client may publish so many messages a second. */
function limited(maximumMessageRate: number): ConnectionFixture {
  const fixture = new ConnectionFixture();
  fixture.logins = testLogin(fixture.clock, { maximumMessageRate });
  return fixture;
}

Deno.test("Inbound reads a client that publishes too fast more slowly, and loses nothing", async () => {
  using timers = new FakeTimers();
  const fixture = limited(10);
  const { transport, connection } = await fixture.connect("c", 5, { keepAlive: 1 });
  await transport.feed(encode(5, subscribePacket(["t"], {}, 0)));
  const messages = Array.from({ length: 30 }, (_, index) => publishPacket("t", `${index}`));
  await transport.feed(encode(5, ...messages, { type: PacketType.Pingreq }));
  assert.equal(received(transport).length, 10);
  const readsBefore = transport.readSizes.length;
  for (let time = 0; time < 25; time++) {
    fixture.clockMs += 100;
    timers.advance(100);
    connection.checkTime(fixture.clockMs);
    await settled();
  }
  assert.deepEqual(received(transport), messages.map((_, index) => `t ${index}`));
  assert.equal(written(transport, 5).at(-1)?.type, PacketType.Pingresp);
  assert.equal(transport.readSizes.length, readsBefore + 1, "it reads on when all is handled");
  assert.equal(connection.isClosing, false, "its own silence was not counted");
  assert.deepEqual(
    new Set(fixture.logins.events.lines),
    new Set(["c too fast: limits.max_message_rate (10)"]),
  );
  await transport.end();
});

Deno.test("Inbound that is slowed down ends with its connection, without a timer left", async () => {
  using timers = new FakeTimers();
  const fixture = limited(1);
  const { transport, connection, ended } = await fixture.connect("c");
  await transport.feed(encode(5, publishPacket("t", "1"), publishPacket("t", "2")));
  assert.equal(timers.count, 1);
  connection.abort("shutdown");
  await ended;
  assert.equal(timers.count, 0);
});
