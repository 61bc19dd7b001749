import assert from "node:assert/strict";
import { StatusCode } from "../../src/transport/websocket_frame.ts";
import { WebSocketWriter } from "../../src/transport/websocket_writer.ts";
import { FakeSink, settled } from "../net/fake_sink.ts";
import { concat, latin1 } from "./fake_inner.ts";

const CLOSE = Uint8Array.of(0x88, 2, 0x03, 0xe8);
const pong = (text: string) => concat(Uint8Array.of(0x8a, text.length), latin1(text));

Deno.test("WebSocketWriter sends a short message in one write, header and payload together", async () => {
  const sink = new FakeSink();
  await new WebSocketWriter(sink).binary(latin1("hello"));
  assert.deepEqual(sink.writes, [concat(Uint8Array.of(0x82, 5), latin1("hello"))]);
});

Deno.test("WebSocketWriter sends a long message without copying it, after its header", async () => {
  const sink = new FakeSink();
  const payload = new Uint8Array(70_000).fill(9);
  await new WebSocketWriter(sink).binary(payload);
  const header = Uint8Array.of(0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70);
  assert.deepEqual(sink.writes, [header, payload]);
});

Deno.test("WebSocketWriter goes on when the network takes a part", async () => {
  const sink = new FakeSink();
  sink.partBytes = 3;
  await new WebSocketWriter(sink).binary(latin1("hello"));
  assert.deepEqual(sink.bytes, concat(Uint8Array.of(0x82, 5), latin1("hello")));
});

Deno.test("WebSocketWriter puts a Pong and Close between messages, never into one", async () => {
  const sink = new FakeSink();
  const writer = new WebSocketWriter(sink);
  sink.partBytes = 4;
  sink.hold();
  const first = writer.binary(latin1("first"));
  writer.pong(latin1("?"));
  const closed = writer.close(StatusCode.Normal);
  await settled();
  assert.equal(sink.waitingCount, 1);
  await sink.release();
  await Promise.all([first, closed]);
  assert.deepEqual(
    sink.bytes,
    concat(Uint8Array.of(0x82, 5), latin1("first"), pong("?"), CLOSE),
  );
});

Deno.test("WebSocketWriter holds back a message while a Pong is written", async () => {
  const sink = new FakeSink();
  const writer = new WebSocketWriter(sink);
  sink.hold();
  writer.pong(latin1("?"));
  const message = writer.binary(latin1("m"));
  await settled();
  assert.equal(sink.waitingCount, 1);
  await sink.release();
  await message;
  assert.deepEqual(sink.writes, [pong("?"), Uint8Array.of(0x82, 1, 0x6d)]);
});

Deno.test("WebSocketWriter answers the last Ping alone when it could not answer them in time", async () => {
  const sink = new FakeSink();
  const writer = new WebSocketWriter(sink);
  sink.hold();
  const message = writer.binary(latin1("m"));
  for (let count = 0; count < 1000; count++) writer.pong(latin1(String(count)));
  await sink.release();
  await message;
  await settled();
  assert.deepEqual(sink.writes, [Uint8Array.of(0x82, 1, 0x6d), pong("999")]);
});

Deno.test("WebSocketWriter sends nothing after Close, and Close once", async () => {
  const sink = new FakeSink();
  const writer = new WebSocketWriter(sink);
  await Promise.all([writer.close(StatusCode.Normal), writer.close(StatusCode.ProtocolError)]);
  await writer.binary(latin1("late"));
  writer.pong(latin1("late"));
  await writer.close(StatusCode.Normal);
  await settled();
  assert.deepEqual(sink.writes, [CLOSE]);
});

Deno.test("WebSocketWriter tells a failed message to its sender, and waits for nothing then", async () => {
  const sink = new FakeSink();
  const writer = new WebSocketWriter(sink);
  sink.hold();
  const message = writer.binary(latin1("m"));
  const failed = assert.rejects(message, { message: "gone" });
  await sink.fail(new Error("gone"));
  await failed;
  const closed = writer.close(StatusCode.Normal);
  await sink.fail(new Error("gone"));
  await closed;
  assert.equal(sink.writes.length, 0);
});
