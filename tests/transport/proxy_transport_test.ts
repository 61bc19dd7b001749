import assert from "node:assert/strict";
import { parseNetworks } from "../../src/transport/networks.ts";
import { ProxyTransport } from "../../src/transport/proxy_transport.ts";
import { FakeInner, latin1, PEER, readAll } from "./fake_inner.ts";

const HEADER = "PROXY TCP4 203.0.113.7 192.0.2.1 5555 1883\r\n";

function proxied(inner: FakeInner, networks: string[] = []): ProxyTransport {
  return new ProxyTransport(inner, PEER, parseNetworks(networks));
}

Deno.test("ProxyTransport takes the address from the header, and gives what follows it", async () => {
  const inner = new FakeInner().feed(HEADER.slice(0, 9), `${HEADER.slice(9)}CONN`, "ECT").end();
  const transport = proxied(inner);
  assert.equal(transport.remoteAddress, PEER.remoteAddress);
  const peer = { ...PEER, address: "203.0.113.7", remoteAddress: "203.0.113.7:5555" };
  assert.deepEqual(await transport.open(), peer);
  assert.equal(transport.remoteAddress, "203.0.113.7:5555");
  assert.deepEqual(await readAll(transport, 3), { bytes: latin1("CONNECT"), error: undefined });
});

Deno.test("ProxyTransport leaves the address where the proxy speaks for itself", async () => {
  const transport = proxied(new FakeInner().feed("PROXY UNKNOWN\r\n"));
  assert.deepEqual(await transport.open(), PEER);
  assert.equal(transport.remoteAddress, PEER.remoteAddress);
});

Deno.test("ProxyTransport passes on the other direction, and the end", async () => {
  const inner = new FakeInner().feed(HEADER);
  const transport = proxied(inner);
  await transport.open();
  assert.equal(await transport.write(latin1("CONNACK")), 7);
  await transport.closeWrite();
  transport.close();
  assert.deepEqual(inner.sink.bytes, latin1("CONNACK"));
  assert.deepEqual([inner.isWriteClosed, inner.closeCount], [true, 1]);
});

Deno.test("ProxyTransport believes only networks that are configured", async () => {
  const inner = new FakeInner().feed(HEADER);
  await assert.rejects(proxied(inner, ["198.51.100.0/24"]).open(), {
    name: "HandshakeError",
    message: "Refused the PROXY protocol: 192.0.2.1 is not in proxy_networks",
  });
  await proxied(new FakeInner().feed(HEADER), ["192.0.2.0/24"]).open();
});

Deno.test("ProxyTransport refuses what does not begin with a header, or ends before it", async () => {
  await assert.rejects(proxied(new FakeInner().feed("\x10\x0c")).open(), {
    name: "HandshakeError",
    message: "Cannot decode PROXY header: the connection does not begin with one",
  });
  await assert.rejects(proxied(new FakeInner().feed("PROXY TCP4").end()).open(), {
    name: "HandshakeError",
    message: "Cannot decode PROXY header: the connection ended before it",
  });
});

Deno.test("ProxyTransport shows a client of a Unix socket without an address", async () => {
  const header = latin1("\r\n\r\n\0\r\nQUIT\n\x21\x31\x00\xd8" + "\0".repeat(216));
  const transport = proxied(new FakeInner().feed(header));
  assert.deepEqual(await transport.open(), { ...PEER, address: "", remoteAddress: "unix" });
});
