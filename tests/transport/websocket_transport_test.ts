import assert from "node:assert/strict";
import { parseNetworks } from "../../src/transport/networks.ts";
import { WebSocketTransport } from "../../src/transport/websocket_transport.ts";
import { settled } from "../net/fake_sink.ts";
import { clientFrame, concat, FakeInner, latin1, PEER, readAll } from "./fake_inner.ts";

const REQUEST = [
  "GET /mqtt HTTP/1.1",
  "Host: broker:9001",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol: mqtt",
  "X-Forwarded-For: 203.0.113.7",
  "",
  "",
].join("\r\n");

function over(inner: FakeInner, trustedProxies: string[] = []): WebSocketTransport {
  return new WebSocketTransport(inner, PEER, {
    paths: ["/", "/mqtt"],
    origins: [],
    trustedProxies: parseNetworks(trustedProxies),
  });
}

/** One that has done its handshake, and what is within; nothing of the handshake is left there. */
async function opened(): Promise<[WebSocketTransport, FakeInner]> {
  const inner = new FakeInner().feed(REQUEST);
  const transport = over(inner);
  await transport.open();
  inner.sink.writes.length = 0;
  return [transport, inner];
}

function textOf(inner: FakeInner): string {
  return new TextDecoder("latin1").decode(inner.sink.bytes);
}

Deno.test("WebSocketTransport does the handshake, however the request is cut", async () => {
  for (const cut of [1, 30, REQUEST.length - 1]) {
    const inner = new FakeInner().feed(REQUEST.slice(0, cut), REQUEST.slice(cut));
    const transport = over(inner);
    assert.deepEqual(await transport.open(), PEER);
    assert.match(textOf(inner), /^HTTP\/1\.1 101 .*Sec-WebSocket-Protocol: mqtt\r\n\r\n$/s);
    assert.equal(transport.remoteAddress, PEER.remoteAddress);
  }
});

Deno.test("WebSocketTransport reads frames that came together with the request", async () => {
  const frames = concat(clientFrame("CONNECT"), clientFrame("PING"));
  const inner = new FakeInner().feed(concat(latin1(REQUEST), frames.subarray(0, 9)));
  inner.feed(frames.subarray(9)).end();
  const transport = over(inner);
  await transport.open();
  assert.deepEqual(await readAll(transport, 5), {
    bytes: latin1("CONNECTPING"),
    error: undefined,
  });
});

Deno.test("WebSocketTransport takes the client's address from proxies it trusts alone", async () => {
  const believing = over(new FakeInner().feed(REQUEST), ["192.0.2.0/24"]);
  const peer = { ...PEER, address: "203.0.113.7", remoteAddress: "203.0.113.7" };
  assert.deepEqual(await believing.open(), peer);
  assert.equal(believing.remoteAddress, "203.0.113.7");
  const doubting = over(new FakeInner().feed(REQUEST), ["198.51.100.0/24"]);
  assert.deepEqual(await doubting.open(), PEER);
});

Deno.test("WebSocketTransport fills small buffers when there is more, so that readers take larger ones", async () => {
  const [transport, inner] = await opened();
  const payload = latin1("abcd".repeat(2000));
  const frames = Array.from({ length: 2000 }, () => clientFrame("abcd"));
  inner.feed(concat(...frames));
  const counts: number[] = [];
  const received: Uint8Array[] = [];
  // As ReadBuffer does it: sixteen times as much room when all of it was used.
  for (let size = 256, length = 0; length < payload.length;) {
    const buffer = new Uint8Array(size);
    const count = await transport.read(buffer) ?? 0;
    counts.push(count);
    received.push(buffer.subarray(0, count));
    length += count;
    if (count === size) size *= 16;
  }
  assert.deepEqual(concat(...received), payload);
  assert.deepEqual(counts.slice(0, 3), [100, 256, 4096]);
});

Deno.test("WebSocketTransport writes each write as one binary message", async () => {
  const [transport, inner] = await opened();
  assert.equal(await transport.write(latin1("two packets")), 11);
  assert.deepEqual(inner.sink.bytes, concat(Uint8Array.of(0x82, 11), latin1("two packets")));
});

Deno.test("WebSocketTransport answers Ping, which the reader does not see", async () => {
  const [transport, inner] = await opened();
  inner.feed(clientFrame("?", { opcode: 9 }), clientFrame("data"));
  const buffer = new Uint8Array(100);
  assert.equal(await transport.read(buffer), 4);
  await settled();
  assert.deepEqual(inner.sink.bytes, Uint8Array.of(0x8a, 1, 0x3f));
});

Deno.test("WebSocketTransport answers Close after what came before it, and is at its end", async () => {
  const [transport, inner] = await opened();
  inner.feed(concat(clientFrame("last"), clientFrame("\x03\xe8", { opcode: 8 })));
  assert.deepEqual(await readAll(transport), { bytes: latin1("last"), error: undefined });
  assert.deepEqual(inner.sink.bytes, Uint8Array.of(0x88, 2, 0x03, 0xe8));
});

Deno.test("WebSocketTransport closes with 1003 at a text frame [MQTT-6.0.0-1]", async () => {
  const [transport, inner] = await opened();
  inner.feed(concat(clientFrame("before"), clientFrame("{}", { opcode: 1 })));
  assert.deepEqual(await readAll(transport), {
    bytes: latin1("before"),
    error: "WebSocket: a text frame; MQTT is binary",
  });
  assert.deepEqual(inner.sink.bytes, Uint8Array.of(0x88, 2, 0x03, 0xeb));
});

Deno.test("WebSocketTransport.closeWrite() sends Close and leaves the rest to the client", async () => {
  const [transport, inner] = await opened();
  await transport.closeWrite();
  assert.deepEqual(inner.sink.bytes, Uint8Array.of(0x88, 2, 0x03, 0xe8));
  assert.equal(inner.isWriteClosed, false);
  inner.feed(clientFrame("\x03\xe8", { opcode: 8 }));
  assert.equal(await transport.read(new Uint8Array(10)), null);
  assert.equal(inner.sink.bytes.length, 4, "Close is sent once");
  transport.close();
  assert.equal(inner.closeCount, 1);
});

Deno.test("WebSocketTransport is at its end where the client just goes away", async () => {
  const [transport, inner] = await opened();
  inner.end();
  assert.equal(await transport.read(new Uint8Array(10)), null);
});

Deno.test("WebSocketTransport shows a browser a page, at the paths it serves", async () => {
  const inner = new FakeInner().feed("GET / HTTP/1.1\r\nHost: pi.local:9001\r\n\r\n");
  await assert.rejects(over(inner).open(), {
    name: "HandshakeError",
    message: "A browser was shown what this address is for",
  });
  assert.match(textOf(inner), /^HTTP\/1\.1 200 OK\r\n.*ws:\/\/pi\.local:9001\/mqtt</s);
  assert.equal(inner.isWriteClosed, true);
});

const REFUSED: [string, string, RegExp][] = [
  ["404 at a path it does not serve", REQUEST.replace("/mqtt", "/ws"), /^HTTP\/1\.1 404 /],
  ["405 to another method", REQUEST.replace("GET", "POST"), /^HTTP\/1\.1 405 /],
  ["426 to another version", REQUEST.replace(": 13", ": 8"), /^HTTP\/1\.1 426 /],
  ["400 without the subprotocol", REQUEST.replace(": mqtt", ": x"), /^HTTP\/1\.1 400 .*mqtt\.\n$/s],
  ["400 to MQTT without WebSocket", "\x10\x0c\x00\x04MQTT", /^HTTP\/1\.1 400 /],
  ["431 to an endless head", `GET / HTTP/1.1\r\nA: ${"x".repeat(9000)}`, /^HTTP\/1\.1 431 /],
];

for (const [name, request, answer] of REFUSED) {
  Deno.test(`WebSocketTransport answers with ${name}`, async () => {
    const inner = new FakeInner().feed(request);
    await assert.rejects(over(inner).open(), {
      name: "HandshakeError",
      message: /^WebSocket handshake failed: /,
    });
    assert.match(textOf(inner), answer);
    assert.equal(inner.isWriteClosed, true);
  });
}

Deno.test("WebSocketTransport.open() fails where the connection ends or breaks before the request", async () => {
  await assert.rejects(over(new FakeInner().feed("GET /").end()).open(), {
    name: "HandshakeError",
    message: "WebSocket handshake failed: the connection ended before its request",
  });
  const inner = new FakeInner();
  const opening = over(inner).open();
  inner.fail(new Error("reset"));
  await assert.rejects(opening, { message: "reset" });
});
