import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { NodeStream } from "../../src/transport/node_stream.ts";
import { TransportDuplex } from "../../src/transport/transport_duplex.ts";
import { settled } from "../net/fake_sink.ts";
import { latin1, readAll, transportPair } from "./fake_inner.ts";

/** A stream over one end of a connection in memory, and the other end. */
function ends() {
  const [left, right] = transportPair();
  const duplex = new TransportDuplex(left);
  return { left, right, duplex, stream: new NodeStream(duplex, duplex) };
}

Deno.test("NodeStream reads what comes, however small the buffer", async () => {
  for (const size of [1, 3, 100]) {
    const { right, stream } = ends();
    right.write(latin1("hello"));
    right.write(latin1(" world"));
    void right.closeWrite();
    const { bytes, error } = await readAll(stream, size);
    assert.deepEqual([new TextDecoder().decode(bytes), error], ["hello world", undefined]);
    stream.close();
  }
});

Deno.test("NodeStream holds its source while nobody reads", async () => {
  const { duplex, right, stream } = ends();
  const reading = stream.read(new Uint8Array(9));
  assert.equal(duplex.isHeld, false);
  right.write(latin1("x"));
  assert.equal(await reading, 1);
  assert.equal(duplex.isHeld, true);
  stream.close();
});

Deno.test("NodeStream writes, and says that nothing more will be written", async () => {
  const { right, stream } = ends();
  assert.equal(await stream.write(latin1("abc")), 3);
  await stream.closeWrite();
  const { bytes } = await readAll(right);
  assert.equal(new TextDecoder().decode(bytes), "abc");
  stream.close();
});

Deno.test("NodeStream.read() rejects with the stream's error, and ends when it is closed", async () => {
  const { left, stream } = ends();
  const reading = assert.rejects(stream.read(new Uint8Array(9)), { message: "broken" });
  left.fail(new Error("broken"));
  await reading;
  const other = ends();
  const ended = other.stream.read(new Uint8Array(9));
  await settled();
  other.stream.close();
  assert.equal(await ended, null);
  assert.equal(other.left.closeCount, 1);
});

Deno.test("NodeStream.write() rejects with the stream's error", async () => {
  const failing = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(new Error("full")),
  });
  await assert.rejects(new NodeStream(failing).write(latin1("x")), { message: "full" });
});
