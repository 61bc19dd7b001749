import assert from "node:assert/strict";
import { LeadBuffer } from "../../src/transport/lead_buffer.ts";
import { type FrameSender, WebSocketDecoder } from "../../src/transport/websocket_decoder.ts";
import { WebSocketStream } from "../../src/transport/websocket_stream.ts";
import { WebSocketWriter } from "../../src/transport/websocket_writer.ts";
import { clientFrame, concat, FakeInner, latin1, readAll } from "./fake_inner.ts";

function over(inner: FakeInner, sender: FrameSender, lead = new LeadBuffer(64)): WebSocketStream {
  return new WebSocketStream(inner, new WebSocketDecoder(sender), new WebSocketWriter(inner), lead);
}

/** A short frame without a mask. */
function serverFrame(payload: string): Uint8Array {
  return concat(Uint8Array.of(0x82, payload.length), latin1(payload));
}

Deno.test("WebSocketStream reads the frames of either side, what came early first", async () => {
  for (const [sender, frame] of [["client", clientFrame], ["server", serverFrame]] as const) {
    const early = new FakeInner().feed(frame("one ").subarray(0, 5));
    const lead = new LeadBuffer(64);
    await lead.readMore(early);
    const inner = new FakeInner().feed(frame("one ").subarray(5), frame("two")).end();
    const { bytes, error } = await readAll(over(inner, sender, lead));
    assert.deepEqual([new TextDecoder().decode(bytes), error], ["one two", undefined], sender);
  }
});

Deno.test("WebSocketStream does not take the frames of the wrong side", async () => {
  const fromServer = over(new FakeInner().feed(clientFrame("x")), "server");
  assert.equal((await readAll(fromServer)).error, "WebSocket: a frame of a server is masked");
  const fromClient = over(new FakeInner().feed(serverFrame("x")), "client");
  assert.equal((await readAll(fromClient)).error, "WebSocket: a frame of a client is not masked");
});

Deno.test("WebSocketStream is named as what is within, and closes it", async () => {
  const inner = new FakeInner();
  const stream = over(inner, "server");
  assert.equal(stream.remoteAddress, inner.remoteAddress);
  await stream.closeWrite();
  assert.deepEqual([...inner.sink.bytes], [0x88, 2, 0x03, 0xe8]);
  stream.close();
  assert.equal(inner.closeCount, 1);
});
