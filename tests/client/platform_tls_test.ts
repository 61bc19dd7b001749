import assert from "node:assert/strict";
import { ConnectError } from "../../src/client/connect_error.ts";
import type { Endpoint, TlsClientOptions } from "../../src/client/endpoint.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import { checkClientKey } from "../../src/client/platform_tls.ts";
import { hasNodeTls } from "../../src/transport/tls_options.ts";
import { newTestServer, testCa, testClient, testServer } from "../support/certificates.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";
import { endpoint, exchange, tlsOptions } from "./endpoint_fixture.ts";

const DAY_MS = 86_400_000;

async function trusting(fields: Partial<TlsClientOptions> = {}): Promise<TlsClientOptions> {
  return tlsOptions({ caCertificates: [(await testCa()).certificate], ...fields });
}

/** The failure of connecting to a broker with that server certificate; the port is 0 in it. */
async function failure(
  server: Awaited<ReturnType<typeof newTestServer>>,
  fields: Partial<Endpoint>,
): Promise<unknown> {
  await using folder = await TlsFolder.create(server);
  await using broker = await startTestBroker({ listener: { tls: folder.options() } });
  const place = endpoint({ port: broker.port, ...fields });
  const error = await openEndpoint(place).then((transport) => transport.close(), (why) => why);
  if (!(error instanceof ConnectError)) return error;
  return [error.kind, error.message.replace(`:${broker.port}`, ":0")];
}

const UNTRUSTED = "Cannot connect to localhost:0: the server's certificate is not signed by a CA " +
  "that is trusted here; is it the right CA file?";

Deno.test("a server is trusted by the CA that is given, by name and by address", async () => {
  const tls = await trusting();
  for (const host of ["localhost", "127.0.0.1"]) {
    assert.equal(await failure(await testServer(), { host, tls }), undefined);
  }
});

Deno.test("a server of another CA is not trusted, nor one when no CA is given", async () => {
  const other = await testCa({ commonName: "Other CA" });
  const tls = tlsOptions({ caCertificates: [other.certificate] });
  for (const options of [tls, tlsOptions(), { ...tls, checkHostname: false }]) {
    assert.deepEqual(await failure(await testServer(), { tls: options }), ["tls", UNTRUSTED]);
  }
});

Deno.test("a server must have the name that was connected to, or nobody may care", async () => {
  const server = await newTestServer({ names: ["other.example"] });
  const why = "the server's certificate is not for 'localhost' but for 'other.example'";
  assert.deepEqual(await failure(server, { tls: await trusting() }), [
    "tls",
    `Cannot connect to localhost:0: ${why}`,
  ]);
  const careless = await failure(server, { tls: await trusting({ checkHostname: false }) });
  if (hasNodeTls()) return assert.equal(careless, undefined);
  assert.deepEqual(careless, [
    "not_supported",
    `Cannot connect to localhost:0: Deno ${Deno.version.deno} always checks the host name, and ${why}`,
  ]);
});

Deno.test("a certificate that has expired is told as such", async () => {
  const nowMs = Date.now() - 10 * DAY_MS;
  const old = await newTestServer({ nowMs, days: 5 });
  assert.deepEqual(await failure(old, { tls: await trusting() }), [
    "tls",
    "Cannot connect to localhost:0: the server's certificate has expired; or is this machine's " +
    "clock wrong?",
  ]);
});

Deno.test("a port without TLS is told as such", async () => {
  await using broker = await startTestBroker();
  const { port } = broker;
  await assert.rejects(openEndpoint(endpoint({ port, tls: await trusting() })), {
    kind: "tls",
    message: `Cannot connect to localhost:${port}: the server closed the connection during the ` +
      "TLS handshake; does it speak TLS there?",
  });
  await assert.rejects(openEndpoint(endpoint({ port: 1, tls: await trusting() })), {
    kind: "refused",
  });
});

Deno.test("a client certificate is shown to a server that wants one", async () => {
  // Servers that want one need what Deno 2.4 does not have.
  if (!hasNodeTls()) return;
  const ca = (await testCa()).certificate;
  await using folder = await TlsFolder.create(await testServer());
  const clientCa = folder.write("ca.pem", ca);
  const tls = folder.options({ clientCa, clientCertificate: "require" });
  const { certificate, key } = await testClient("lamp");
  for (const protocol of ["mqtt", "websocket"] as const) {
    await using broker = await startTestBroker({ listener: { tls, protocol } });
    const websocketPath = protocol === "mqtt" ? undefined : "/mqtt";
    const place = endpoint({ port: broker.port, websocketPath });
    await exchange({ ...place, tls: await trusting({ certificate, key }) });
  }
});

Deno.test("the name of the first ALPN protocol in common is agreed on", async () => {
  const { certificate: cert, key } = await testServer();
  using listener = Deno.listenTls({
    ...{ hostname: "127.0.0.1", port: 0, cert, key },
    alpnProtocols: ["mqtt"],
  });
  const { port } = listener.addr as Deno.NetAddr;
  const agreed = listener.accept().then(async (conn) => {
    const { alpnProtocol } = await conn.handshake();
    conn.close();
    return alpnProtocol;
  });
  const tls = await trusting({ alpnProtocols: ["x-other", "mqtt"] });
  const transport = await openEndpoint(endpoint({ port, tls }));
  assert.equal(await agreed, "mqtt");
  assert.equal(await transport.read(new Uint8Array(9)), null);
  transport.close();
});

Deno.test("checkClientKey() refuses a key that does not fit, before the platform sees it", async () => {
  const { certificate, key } = await testClient("lamp");
  const other = await testClient("other");
  const fault = async (fields: Partial<TlsClientOptions>) => {
    const options = tlsOptions({ certificate, key, ...fields });
    const why = await checkClientKey(options, "b:1").then(() => undefined, (error) => error);
    return why instanceof ConnectError ? why.message : why;
  };
  const prefix = "Cannot connect to b:1: ";
  assert.equal(await fault({}), undefined);
  const unfit = `${prefix}the client's key is not the key of its certificate`;
  assert.equal(await fault({ key: other.key }), unfit);
  const notPem = `${prefix}the client certificate or its key is not one in PEM`;
  assert.equal(await fault({ key: "junk" }), notPem);
  assert.equal(await fault({ certificate: "junk" }), notPem);
  assert.equal(
    await fault({ key: "-----BEGIN ENCRYPTED PRIVATE KEY-----" }),
    `${prefix}the client's key is encrypted; remove its passphrase`,
  );
});
