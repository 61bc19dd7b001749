import assert from "node:assert/strict";
import { PacketOutput } from "../../src/client/packet_output.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { FakeSink, settled } from "../net/fake_sink.ts";
import { publishPacket, publishText } from "../support/packets.ts";

class OutputFixture {
  readonly sink = new FakeSink();
  readonly events: string[] = [];
  readonly output = new PacketOutput(this.sink, 5, {
    outputTaken: () => void this.events.push("taken"),
    outputFailed: (error) => void this.events.push((error as Error).message),
    trace: undefined,
  });

  send(...payloads: string[]): void {
    for (const payload of payloads) this.output.send(publishPacket("a", payload));
  }

  /** The payloads of each write. */
  get writes(): string[][] {
    const stream = new PacketStream({ version: 5 });
    return this.sink.writes.map((bytes) =>
      stream.push(bytes).map((packet) => packet.type === 3 ? publishText(packet).slice(2) : "?")
    );
  }
}

Deno.test("PacketOutput writes what one turn sends together, also from promises that follow", async () => {
  const fixture = new OutputFixture();
  fixture.send("1", "2");
  await Promise.resolve();
  fixture.send("3");
  await settled();
  fixture.send("4");
  await settled();
  assert.deepEqual(fixture.writes, [["1", "2", "3"], ["4"]]);
});

Deno.test("PacketOutput.flush() writes at once", () => {
  const fixture = new OutputFixture();
  fixture.send("1");
  fixture.output.flush();
  assert.deepEqual(fixture.writes, [["1"]]);
});

Deno.test("PacketOutput has one write at a time, and writes the rest of what was taken in part", async () => {
  const fixture = new OutputFixture();
  fixture.sink.partBytes = 3;
  fixture.sink.hold();
  fixture.send("1");
  fixture.output.flush();
  fixture.send("2");
  fixture.output.flush();
  fixture.send("3");
  await settled();
  assert.equal(fixture.sink.waitingCount, 1);
  assert.equal(fixture.output.bufferedBytes, 3 * 7);
  await fixture.sink.release();
  await fixture.output.drained();
  assert.equal(fixture.output.bufferedBytes, 0);
  const stream = new PacketStream({ version: 5 });
  const packets = stream.push(fixture.sink.bytes);
  assert.deepEqual(packets.map((packet) => packet.type === 3 && publishText(packet)), [
    "a 1",
    "a 2",
    "a 3",
  ]);
});

Deno.test("PacketOutput.handedOver() resolves with the write that has what was sent before", async () => {
  const fixture = new OutputFixture();
  const seen: string[] = [];
  fixture.sink.hold();
  fixture.send("1");
  const first = fixture.output.handedOver();
  assert.equal(fixture.output.handedOver(), first);
  void first.then(() => seen.push("first"));
  fixture.output.flush();
  fixture.send("2");
  void fixture.output.handedOver().then(() => seen.push("second"));
  await fixture.sink.take();
  assert.deepEqual(seen, ["first"]);
  await fixture.sink.take();
  assert.deepEqual(seen, ["first", "second"]);
});

Deno.test("PacketOutput tells a failure once, and those who wait", async () => {
  const fixture = new OutputFixture();
  fixture.sink.hold();
  fixture.send("1");
  const first = fixture.output.handedOver();
  fixture.output.flush();
  fixture.send("2");
  const second = fixture.output.handedOver();
  await fixture.sink.fail(new Error("broken"));
  await assert.rejects(first, { message: "broken" });
  await assert.rejects(second, { message: "The connection ended before the packet was sent" });
  assert.deepEqual(fixture.events, ["broken"]);
  assert.throws(() => fixture.send("3"), { name: "SendError" });
  assert.equal(fixture.output.bufferedBytes, 0);
});

Deno.test("PacketOutput.end() takes nothing more, but writes what was sent", async () => {
  const fixture = new OutputFixture();
  fixture.send("1");
  fixture.output.end();
  assert.throws(() => fixture.send("2"), { message: "Cannot send: the connection has ended" });
  await fixture.output.drained();
  assert.deepEqual(fixture.writes, [["1"]]);
});

Deno.test("PacketOutput sends nothing of a packet over the server's maximum, or that cannot be encoded [MQTT-3.2.2-15]", async () => {
  const fixture = new OutputFixture();
  fixture.output.maximumPacketSize = 16;
  fixture.send("1");
  assert.throws(() => fixture.send("x".repeat(20)), {
    reasonCode: 0x95,
    message: "Cannot publish to 'a': it takes 26 bytes, the server takes 16 at most",
  });
  assert.throws(
    () => fixture.output.send(publishPacket("a", "", { properties: { topicAlias: 0 } })),
    {
      name: "RangeError",
    },
  );
  const properties = { reasonString: "x".repeat(20) };
  assert.throws(() => fixture.output.send({ type: 14, reasonCode: 0, properties }), {
    message: "Cannot send the packet: it takes 27 bytes, the server takes 16 at most",
  });
  fixture.send("0123456789");
  await settled();
  assert.deepEqual(fixture.writes, [["1", "0123456789"]]);
});

Deno.test("PacketOutput writes more than 64 KB without waiting for more", async () => {
  const fixture = new OutputFixture();
  fixture.sink.hold();
  fixture.send("x".repeat(70_000));
  await Promise.resolve();
  assert.equal(fixture.sink.waitingCount, 1);
  await fixture.sink.release();
});

Deno.test("PacketOutput lets others have their turn while much is written", async () => {
  const fixture = new OutputFixture();
  const order: string[] = [];
  const turn = new Promise<void>((resolve) =>
    setImmediate(() => {
      order.push("turn");
      resolve();
    })
  );
  let sent = 0;
  while (order.length === 0) {
    fixture.send("x".repeat(100_000));
    await fixture.output.handedOver();
    assert.ok(++sent < 1000, "nobody else had a turn");
  }
  await turn;
  await fixture.output.drained();
});
