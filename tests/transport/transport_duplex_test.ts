import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { TransportDuplex } from "../../src/transport/transport_duplex.ts";
import { settled } from "../net/fake_sink.ts";
import { FakeInner, latin1 } from "./fake_inner.ts";

Deno.test("TransportDuplex reads until the end, in buffers that grow when they are full", async () => {
  const inner = new FakeInner().feed("a", new Uint8Array(5000).fill(7), "b").end();
  const chunks: Buffer[] = [];
  for await (const chunk of new TransportDuplex(inner)) chunks.push(chunk as Buffer);
  const expected = Buffer.concat([Buffer.from("a"), Buffer.alloc(5000, 7), Buffer.from("b")]);
  assert.deepEqual(Buffer.concat(chunks), expected);
  assert.deepEqual(chunks.map(({ length }) => length), [1, 1024, 3976, 1]);
});

Deno.test("TransportDuplex writes everything, then the end, and closes once", async () => {
  const inner = new FakeInner();
  inner.sink.partBytes = 2;
  const duplex = new TransportDuplex(inner);
  duplex.write(latin1("hello"));
  duplex.end();
  await once(duplex, "finish");
  assert.deepEqual(inner.sink.bytes, latin1("hello"));
  assert.equal(inner.isWriteClosed, true);
  duplex.destroy();
  duplex.destroy();
  await once(duplex, "close");
  assert.equal(inner.closeCount, 1);
});

Deno.test("TransportDuplex is destroyed with the error of a read, or of a write", async () => {
  const reading = new FakeInner();
  const left = new TransportDuplex(reading);
  left.resume();
  reading.fail(new Error("reset"));
  const [readError] = await once(left, "error") as [Error];
  assert.equal(readError.message, "reset");
  const writing = new FakeInner();
  writing.sink.hold();
  const right = new TransportDuplex(writing);
  right.write(latin1("x"));
  const failed = once(right, "error") as Promise<[Error]>;
  await writing.sink.fail(new Error("broken pipe"));
  assert.equal((await failed)[0].message, "broken pipe");
  assert.deepEqual([reading.closeCount, writing.closeCount], [1, 1]);
});

Deno.test("TransportDuplex reads nothing more while it is held", async () => {
  const inner = new FakeInner().feed("a", "b", "c");
  const duplex = new TransportDuplex(inner);
  const chunks: string[] = [];
  duplex.on("data", (chunk) => {
    chunks.push(String(chunk));
    duplex.isHeld = true;
  });
  await settled();
  assert.deepEqual(chunks, ["a"]);
  duplex.isHeld = false;
  await settled();
  assert.deepEqual(chunks, ["a", "b"]);
  duplex.destroy();
  await once(duplex, "close");
});
