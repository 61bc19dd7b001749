import assert from "node:assert/strict";
import { NodeTlsTransport } from "../../src/transport/node_tls_transport.ts";
import { ProxyTransport } from "../../src/transport/proxy_transport.ts";
import { SocketTransport, TlsSocketTransport } from "../../src/transport/socket_transport.ts";
import { readTlsFiles } from "../../src/transport/tls_files.ts";
import type { TlsLayer, TransportOptions } from "../../src/transport/transport_stack.ts";
import { TransportStack } from "../../src/transport/transport_stack.ts";
import { WebSocketTransport } from "../../src/transport/websocket_transport.ts";
import { testServer } from "../support/certificates.ts";
import { PEER } from "./fake_inner.ts";
import { TlsFolder } from "./tls_fixture.ts";

/** The outermost layer; nothing is read or written. */
function outermost(options: TransportOptions, tls: TlsLayer = { kind: "none" }): unknown {
  return new TransportStack(options).wrap({} as Deno.TlsConn, PEER, tls).constructor;
}

Deno.test("TransportStack makes the socket itself the transport where nothing else is on", () => {
  assert.equal(outermost({}), SocketTransport);
  assert.equal(outermost({ protocol: "mqtt", proxyProtocol: "off" }), SocketTransport);
  assert.equal(
    outermost({}, { kind: "socket", watch: { begun() {}, ended() {} } }),
    TlsSocketTransport,
  );
});

Deno.test("TransportStack puts the PROXY protocol before TLS, and WebSocket after it", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const options = folder.options();
  const files = await readTlsFiles(options);
  const tls: TlsLayer = { kind: "node", options, files: () => files };
  assert.equal(outermost({ proxyProtocol: "on" }), ProxyTransport);
  assert.equal(outermost({ proxyProtocol: "on" }, tls), NodeTlsTransport);
  assert.equal(outermost({ proxyProtocol: "on", protocol: "websocket" }, tls), WebSocketTransport);
});

Deno.test("TransportStack rejects networks that cannot be read", () => {
  assert.throws(() => new TransportStack({ proxyProtocol: "on", proxyNetworks: ["here"] }), {
    message: "Cannot read the network 'here'",
  });
  const websocket = { paths: ["/"], origins: [], trustedProxies: ["there"] };
  assert.throws(() => new TransportStack({ protocol: "websocket", websocket }), {
    message: "Cannot read the network 'there'",
  });
});
