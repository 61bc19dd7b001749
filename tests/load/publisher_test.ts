import assert from "node:assert/strict";
import { nowUs } from "../../src/load/clock.ts";
import { Counter, Counters } from "../../src/load/counters.ts";
import { FlowWindow } from "../../src/load/flow_window.ts";
import { Histogram } from "../../src/load/histogram.ts";
import { LoadConnection } from "../../src/load/load_connection.ts";
import { PublishBatch } from "../../src/load/publish_batch.ts";
import { Publisher, type PublisherTask } from "../../src/load/publisher.ts";
import { type Packet, PacketType, type QoS } from "../../src/protocol/packet.ts";
import { type ScriptedServer, startScriptedServer } from "./scripted_server.ts";
import { connectSettings } from "./fixture.ts";

/** A publisher at a server that does what the test says. */
async function setUp(server: ScriptedServer, qos: QoS, window = 3) {
  const connection = await LoadConnection.open(connectSettings(server), "p");
  const counters = Counters.create(1);
  const lateness = new Histogram();
  const batch = new PublishBatch({
    version: 5,
    qos,
    retain: false,
    size: 16,
    topicNames: ["t"],
    firstStream: 0,
    capacity: 2,
  });
  const flow = new FlowWindow({ counters, fanOut: 1, messages: 5 });
  flow.begin();
  let done = 0;
  const onDone = (): void => void done++;
  const publisher = new Publisher({
    connection,
    batch,
    qos,
    window,
    flow,
    counters,
    lateness,
    onDone,
  });
  const ended = connection.run(publisher);
  return {
    publisher,
    counters,
    lateness,
    doneCount: () => done,
    async close(): Promise<void> {
      await connection.disconnect();
      await ended;
    },
  };
}

function task(quota: number, more: Partial<PublisherTask> = {}): PublisherTask {
  return { tag: 1, originUs: nowUs(), endUs: 1e9, quota, schedule: undefined, ...more };
}

function answerTo(packet: Packet, reasonCode: 0 | 0x97 = 0): Packet | undefined {
  if (packet.type !== PacketType.Publish && packet.type !== PacketType.Pubrel) return undefined;
  const { packetIdentifier } = packet;
  const type = packet.type === PacketType.Pubrel
    ? PacketType.Pubcomp
    : packet.qos === 1
    ? PacketType.Puback
    : PacketType.Pubrec;
  return { type, packetIdentifier, reasonCode, properties: {} };
}

Deno.test("no more than the window is unacknowledged; every answer lets another one go", async () => {
  await using server = startScriptedServer();
  const { publisher, counters, doneCount, close } = await setUp(server, 1);
  publisher.begin(task(5));
  publisher.release(Infinity);
  const first = await server.take(3);
  await publisher.idle();
  assert.equal(counters.total(Counter.Sent), 3);
  for (const packet of first) server.send(answerTo(packet));
  for (const packet of await server.take(2)) server.send(answerTo(packet));
  while (counters.total(Counter.Completed) < 5) await server.turn();
  assert.deepEqual([counters.total(Counter.Sent), publisher.isDone, doneCount() > 0], [
    5,
    true,
    true,
  ]);
  await close();
});

Deno.test("at QoS 2 PUBREC is answered with PUBREL, and PUBCOMP completes [MQTT-4.3.3-4]", async () => {
  await using server = startScriptedServer();
  const { publisher, counters, close } = await setUp(server, 2);
  publisher.begin(task(1));
  publisher.release(1);
  const [publish] = await server.take(1);
  assert.ok(publish?.type === PacketType.Publish);
  server.send(answerTo(publish));
  const [pubrel] = await server.take(1);
  assert.ok(pubrel?.type === PacketType.Pubrel);
  assert.equal(pubrel.packetIdentifier, publish.packetIdentifier);
  assert.equal(counters.total(Counter.Completed), 0);
  server.send(answerTo(pubrel));
  while (counters.total(Counter.Completed) < 1) await server.turn();
  await close();
});

Deno.test("a refused message is counted as such and not released", async () => {
  await using server = startScriptedServer();
  for (const qos of [1, 2] as const) {
    const { publisher, counters, close } = await setUp(server, qos);
    publisher.begin(task(1));
    publisher.release(1);
    const [publish] = await server.take(1);
    server.send(publish && answerTo(publish, 0x97));
    while (counters.total(Counter.Refused) < 1) await server.turn();
    assert.equal(counters.total(Counter.Completed), 0);
    await close();
  }
});

Deno.test("at QoS 0 it waits while too much is under way, and a stop ends that", async () => {
  await using server = startScriptedServer();
  const { publisher, counters, close } = await setUp(server, 0);
  publisher.begin(task(Infinity));
  publisher.release(Infinity);
  await server.take(6);
  assert.equal(counters.total(Counter.Sent), 6);
  assert.deepEqual([publisher.isDone, publisher.unsent], [false, 0]);
  publisher.stop();
  assert.equal(publisher.isDone, true);
  await close();
});

Deno.test("of a schedule it knows what is unsent, and how late the rest was", async () => {
  await using server = startScriptedServer();
  const { publisher, counters, lateness, close } = await setUp(server, 1, 2);
  publisher.begin(task(10, { originUs: nowUs() - 5000, schedule: { firstUs: 0, stepUs: 1000 } }));
  publisher.release(4);
  await server.take(2);
  await publisher.idle();
  assert.deepEqual([counters.total(Counter.Sent), publisher.unsent], [2, 2]);
  assert.equal(lateness.count, 2);
  assert.ok(lateness.max >= 5000 && lateness.quantile(0.5) >= 4000);
  await close();
});

Deno.test("when the time is over, the write that is begun is the last", async () => {
  await using server = startScriptedServer();
  const { publisher, counters, close } = await setUp(server, 0);
  publisher.begin(task(Infinity, { originUs: nowUs() - 10, endUs: 5 }));
  publisher.release(Infinity);
  await publisher.idle();
  assert.deepEqual([counters.total(Counter.Sent), publisher.isDone], [2, true]);
  await close();
});
