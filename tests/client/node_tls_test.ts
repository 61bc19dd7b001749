import assert from "node:assert/strict";
import type { TlsClientOptions } from "../../src/client/endpoint.ts";
import { NodeTlsClientTransport } from "../../src/client/node_tls.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import { hasNodeTls } from "../../src/transport/tls_options.ts";
import { newTestServer, testCa, testClient, testServer } from "../support/certificates.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { FakeInner } from "../transport/fake_inner.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";
import { endpoint, exchange, tlsOptions } from "./endpoint_fixture.ts";
import { SocksServer } from "./socks_server.ts";

async function trusting(fields: Partial<TlsClientOptions> = {}): Promise<TlsClientOptions> {
  return tlsOptions({ caCertificates: [(await testCa()).certificate], ...fields });
}

/** Runs where the platform has it; elsewhere it must be said that it has not. */
async function whereSupported(running: Promise<unknown>): Promise<void> {
  if (hasNodeTls()) return void await running;
  await assert.rejects(running, { name: "ConnectError", kind: "not_supported" });
}

Deno.test("messages go over TLS 1.3 only, or it is said that they cannot", async () => {
  await using folder = await TlsFolder.create(await testServer());
  await using broker = await startTestBroker({ listener: { tls: folder.options() } });
  const tls = await trusting({ minimumVersion: "1.3" });
  await whereSupported(exchange(endpoint({ port: broker.port, tls })));
  await whereSupported(exchange(endpoint({ host: "127.0.0.1", port: broker.port, tls })));
});

Deno.test("messages go over TLS from a chosen address, or it is said that they cannot", async () => {
  await using folder = await TlsFolder.create(await testServer());
  await using broker = await startTestBroker({ listener: { tls: folder.options() } });
  const tls = await trusting();
  const place = endpoint({ port: broker.port, bindAddress: "127.0.0.2", tls });
  await whereSupported(exchange(place));
});

Deno.test("messages go over TLS on a Unix socket", async () => {
  // Servers of this kind need what Deno 2.4 does not have.
  if (!hasNodeTls()) return;
  await using folder = await TlsFolder.create(await testServer());
  const path = `${folder.path}/broker.sock`;
  await using _broker = await startTestBroker({
    listener: { path, port: 0, tls: folder.options() },
  });
  await exchange(endpoint({ unixPath: path, tls: await trusting() }));
});

Deno.test("a client certificate goes through a proxy, or it is said that it cannot", async () => {
  await using proxy = new SocksServer();
  const options = { host: "127.0.0.1", port: proxy.port, username: undefined, password: undefined };
  const { certificate, key } = await testClient("lamp");
  const tls = await trusting({ certificate, key });
  if (!hasNodeTls()) {
    await using broker = await startTestBroker();
    return await whereSupported(
      openEndpoint(endpoint({ port: broker.port, tls, proxy: options })),
    );
  }
  await using folder = await TlsFolder.create(await testServer());
  const clientCa = folder.write("ca.pem", (await testCa()).certificate);
  const listener = { tls: folder.options({ clientCa, clientCertificate: "require" }) };
  await using broker = await startTestBroker({ listener });
  await exchange(endpoint({ port: broker.port, tls, proxy: options }));
});

Deno.test("node:tls trusts and checks names as the platform's other TLS does", async () => {
  if (!hasNodeTls()) return;
  const other = await newTestServer({ names: ["other.example"] });
  await using folder = await TlsFolder.create(other);
  await using broker = await startTestBroker({ listener: { tls: folder.options() } });
  const { port } = broker;
  const attempt = (tls: TlsClientOptions) =>
    openEndpoint(endpoint({ port, tls: { ...tls, minimumVersion: "1.3" } }));
  await assert.rejects(attempt(await trusting()), {
    kind: "tls",
    message: `Cannot connect to localhost:${port}: ` +
      "the server's certificate is not for 'localhost' but for 'other.example'",
  });
  (await attempt(await trusting({ checkHostname: false }))).close();
  const untrusted = {
    kind: "tls",
    message: `Cannot connect to localhost:${port}: the server's certificate is not signed by a ` +
      "CA that is trusted here; is it the right CA file?",
  };
  const stranger = await testCa({ commonName: "Other CA" });
  const caCertificates = [stranger.certificate];
  await assert.rejects(attempt(await trusting({ caCertificates })), untrusted);
  const careless = await trusting({ caCertificates, checkHostname: false });
  await assert.rejects(attempt(careless), untrusted);
  await assert.rejects(attempt(tlsOptions()), untrusted);
});

Deno.test("handshake() fails when what is within ends, and close() closes it once", async () => {
  if (!hasNodeTls()) return;
  const inner = new FakeInner().end();
  const transport = new NodeTlsClientTransport(inner, "localhost", tlsOptions());
  await assert.rejects(transport.handshake("localhost:1"), {
    kind: "tls",
    message: "Cannot connect to localhost:1: the server closed the connection during the TLS " +
      "handshake; does it speak TLS there?",
  });
  transport.close();
  transport.close();
  assert.equal(inner.closeCount, 1);
});
