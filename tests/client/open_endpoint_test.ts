import assert from "node:assert/strict";
import { openEndpoint, placeOf } from "../../src/client/open_endpoint.ts";
import { testCa, testServer } from "../support/certificates.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";
import { endpoint, exchange, tlsOptions } from "./endpoint_fixture.ts";
import { SocksServer } from "./socks_server.ts";

for (const version of [3, 4, 5] as const) {
  Deno.test(`messages of protocol version ${version} go over TCP`, async () => {
    await using broker = await startTestBroker();
    await exchange(endpoint({ port: broker.port }), version);
  });
}

Deno.test("messages go over a Unix socket, with and without WebSocket", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/broker.sock`;
  for (const protocol of ["mqtt", "websocket"] as const) {
    await using _broker = await startTestBroker({ listener: { path, port: 0, protocol } });
    const websocketPath = protocol === "mqtt" ? undefined : "/mqtt";
    await exchange(endpoint({ unixPath: path, websocketPath }));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("messages go over WebSocket, TLS, both, and both through a proxy", async () => {
  await using folder = await TlsFolder.create(await testServer());
  await using proxy = new SocksServer();
  const options = { host: "127.0.0.1", port: proxy.port, username: undefined, password: undefined };
  const tls = tlsOptions({ caCertificates: [(await testCa()).certificate] });
  for (const protocol of ["mqtt", "websocket"] as const) {
    const websocketPath = protocol === "mqtt" ? undefined : "/mqtt";
    await using plain = await startTestBroker({ listener: { protocol } });
    await using secure = await startTestBroker({ listener: { protocol, tls: folder.options() } });
    await exchange(endpoint({ port: plain.port, websocketPath }));
    await exchange(endpoint({ port: secure.port, websocketPath, tls }));
    await exchange(endpoint({ port: secure.port, websocketPath, tls, proxy: options }));
    assert.equal(proxy.requests.pop(), `name localhost:${secure.port}`);
  }
});

Deno.test("openEndpoint() says that nobody listens, on TCP and on a Unix socket", async () => {
  await assert.rejects(openEndpoint(endpoint({ host: "127.0.0.1", port: 1 })), {
    name: "ConnectError",
    kind: "refused",
    message: "Cannot connect to 127.0.0.1:1: connection refused; is a broker running there?",
  });
  await assert.rejects(openEndpoint(endpoint({ unixPath: "/nowhere/broker.sock" })), {
    kind: "refused",
    message: "Cannot connect to /nowhere/broker.sock: there is no such socket; " +
      "is the broker running?",
  });
});

Deno.test("openEndpoint() gives up in the middle of a handshake when it is told", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const place = endpoint({ port, host: "127.0.0.1", websocketPath: "/" });
  const controller = new AbortController();
  const opening = assert.rejects(openEndpoint(place, controller.signal), {
    name: "ConnectError",
    kind: "failed",
    message: `Cannot connect to 127.0.0.1:${port}: it was given up`,
  });
  using conn = await silent.accept();
  const buffer = new Uint8Array(4096);
  assert.notEqual(await conn.read(buffer), null);
  controller.abort();
  await opening;
  assert.equal(await conn.read(buffer), null);
});

Deno.test("openEndpoint() gives up TLS in the middle of its handshake", async () => {
  const tls = tlsOptions({ caCertificates: [(await testCa()).certificate] });
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const controller = new AbortController();
  const place = endpoint({ port, host: "127.0.0.1", tls });
  const opening = assert.rejects(openEndpoint(place, controller.signal), {
    kind: "timed_out",
    message: `Cannot connect to 127.0.0.1:${port}: no answer; is the address right, and does ` +
      "no firewall stand between?",
  });
  using conn = await silent.accept();
  assert.notEqual(await conn.read(new Uint8Array(4096)), null);
  controller.abort(new DOMException("too long", "TimeoutError"));
  await opening;
});

Deno.test("placeOf() is what people gave", () => {
  assert.equal(placeOf(endpoint({ host: "::1" })), "[::1]:1883");
  assert.equal(placeOf(endpoint({ unixPath: "/run/b.sock" })), "/run/b.sock");
});
