/**
 * TLS by node:tls, between two ends in memory. Where this platform has no such servers, the listener
 * says so (tests/net/listener_tls_test.ts); there is nothing to test here then.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { issueClient, type Issued, makeCa } from "../../src/certificates/issue.ts";
import { NodeTlsTransport } from "../../src/transport/node_tls_transport.ts";
import { readTlsFiles } from "../../src/transport/tls_files.ts";
import type { TlsOptions } from "../../src/transport/tls_options.ts";
import { TransportDuplex } from "../../src/transport/transport_duplex.ts";
import { testCa, testClient, testServer } from "../support/certificates.ts";
import { type FakeInner, latin1, PEER, readAll, transportPair } from "./fake_inner.ts";
import { settled } from "../net/fake_sink.ts";
import { DAY_MS, makeCrl, TlsFolder } from "./tls_fixture.ts";

interface Ends {
  readonly server: NodeTlsTransport;
  readonly inner: FakeInner;
  /** The other end of the wire. */
  readonly wire: FakeInner;
}

/** The server's end for a listener with these options; `crl` and `client_ca` are of the test CA. */
async function serverEnd(
  more: Partial<TlsOptions> = {},
  crl = "",
  clientCa = "",
): Promise<Ends> {
  const ca = clientCa === "" ? (await testCa()).certificate : clientCa;
  await using folder = await TlsFolder.create(await testServer());
  const options = folder.options({
    clientCa: folder.write("ca.pem", ca),
    crl: crl === "" ? undefined : folder.write("crl.pem", crl),
    ...more,
  });
  const files = await readTlsFiles(options);
  const [inner, wire] = transportPair();
  return {
    server: new NodeTlsTransport(inner, PEER, { files, options, nowMs: Date.now }),
    inner,
    wire,
  };
}

async function clientEnd(wire: FakeInner, client?: Issued): Promise<TLSSocket> {
  const options: ConnectionOptions & { socket: TransportDuplex } = {
    socket: new TransportDuplex(wire),
    ca: (await testCa()).certificate,
    servername: "localhost",
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
  };
  const socket = connect(options);
  socket.on("error", () => {});
  return socket;
}

/** Why the handshake fails. */
async function refusal(ends: Ends, client?: Issued): Promise<string> {
  const socket = await clientEnd(ends.wire, client);
  try {
    await ends.server.open();
  } catch (error) {
    assert.equal((error as Error).name, "HandshakeError");
    return (error as Error).message;
  } finally {
    ends.server.close();
    socket.destroy();
  }
  return "accepted";
}

Deno.test("NodeTlsTransport carries bytes both ways, and the end", async () => {
  const { server, wire, inner } = await serverEnd();
  const socket = await clientEnd(wire);
  assert.deepEqual(await server.open(), { ...PEER, isEncrypted: true });
  const sent = latin1("x".repeat(200_000));
  socket.end(sent);
  assert.deepEqual(await readAll(server, 1000), { bytes: sent, error: undefined });
  const received: string[] = [];
  socket.on("data", (data) => received.push(String(data)));
  assert.equal(await server.write(latin1("answer")), 6);
  const ended = once(socket, "end");
  await server.closeWrite();
  await ended;
  assert.equal(received.join(), "answer");
  server.close();
  assert.equal(inner.closeCount, 1);
  socket.destroy();
});

Deno.test("NodeTlsTransport with require gives the names of a verified client", async () => {
  const { server, wire } = await serverEnd({ clientCertificate: "require" });
  const socket = await clientEnd(wire, await testClient("lamp"));
  assert.deepEqual(await server.open(), {
    ...PEER,
    isEncrypted: true,
    certificate: { commonName: "lamp", subject: "CN=lamp", subjectAltNames: [] },
  });
  server.close();
  socket.destroy();
});

Deno.test("NodeTlsTransport with require refuses a client without a certificate", async () => {
  assert.equal(
    await refusal(await serverEnd({ clientCertificate: "require" })),
    "TLS handshake failed: the client has no certificate",
  );
});

Deno.test("NodeTlsTransport with request takes a client without a certificate, as nobody", async () => {
  const { server, wire } = await serverEnd({ clientCertificate: "request" });
  const socket = await clientEnd(wire);
  assert.deepEqual(await server.open(), { ...PEER, isEncrypted: true });
  server.close();
  socket.destroy();
});

for (const clientCertificate of ["request", "require"] as const) {
  Deno.test(`NodeTlsTransport with ${clientCertificate} refuses certificates that do not verify`, async () => {
    const terms = { clientCertificate };
    const stranger = await issueClient(await makeCa({ commonName: "Test CA" }), { username: "a" });
    const start = "TLS handshake failed: the client's certificate";
    assert.equal(
      await refusal(await serverEnd(terms), stranger),
      `${start} 'CN=a' is refused: no CA of client_ca has signed it, or not for clients`,
    );
    const old = { username: "b", days: 1, nowMs: Date.now() - 3 * DAY_MS };
    assert.equal(
      await refusal(await serverEnd(terms), await issueClient(await testCa(), old)),
      `${start} 'CN=b' is refused: it has expired`,
    );
    const early = { username: "c", days: 9, nowMs: Date.now() + 3 * DAY_MS };
    assert.equal(
      await refusal(await serverEnd(terms), await issueClient(await testCa(), early)),
      `${start} 'CN=c' is refused: it is not valid yet; are the clocks right?`,
    );
    assert.equal(
      await refusal(await serverEnd(terms), await testServer()),
      `${start} 'CN=localhost' is refused: no CA of client_ca has signed it, or not for clients`,
    );
  });
}

Deno.test("NodeTlsTransport refuses a certificate that the CRL names", async () => {
  const [lamp, stolen] = [await testClient("lamp"), await testClient("stolen")];
  const crl = makeCrl(await testCa(), { revoked: [stolen.certificate] });
  const terms = { clientCertificate: "require" } as const;
  assert.equal(await refusal(await serverEnd(terms, crl), lamp), "accepted");
  assert.equal(
    await refusal(await serverEnd(terms, crl), stolen),
    "TLS handshake failed: the client's certificate 'CN=stolen' is refused: it was revoked",
  );
});

Deno.test("NodeTlsTransport refuses a certificate whose CA has no CRL", async () => {
  const other = await makeCa({ commonName: "Other CA" });
  const cas = (await testCa()).certificate + other.certificate;
  const ends = await serverEnd({ clientCertificate: "require" }, makeCrl(other), cas);
  assert.equal(
    await refusal(ends, await testClient("lamp")),
    "TLS handshake failed: the client's certificate 'CN=lamp' is refused: " +
      "there is no CRL of its issuer",
  );
});

Deno.test("NodeTlsTransport speaks TLS 1.3 alone where it is told to", async () => {
  for (const [minVersion, spoken] of [["1.2", "TLSv1.2"], ["1.3", undefined]] as const) {
    const { server, wire } = await serverEnd({ minVersion });
    const ca = (await testCa()).certificate;
    const socket = connect(
      { socket: new TransportDuplex(wire), ca, servername: "localhost", maxVersion: "TLSv1.2" },
    );
    socket.on("error", () => {});
    if (spoken === undefined) {
      await assert.rejects(server.open(), {
        name: "HandshakeError",
        message: /^TLS handshake failed: no version of TLS that both speak/,
      });
    } else {
      await server.open();
      assert.equal(socket.getProtocol(), spoken);
    }
    server.close();
    socket.destroy();
  }
});

Deno.test("NodeTlsTransport.open() fails where the client does not speak TLS, or goes away", async () => {
  const plain = await serverEnd();
  plain.wire.write(latin1("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"));
  await assert.rejects(plain.server.open(), {
    message: "TLS handshake failed: the client does not speak TLS; does it use the right port?",
  });
  plain.server.close();
  const gone = await serverEnd();
  const opening = assert.rejects(gone.server.open(), {
    message: "TLS handshake failed: the client closed the connection during the handshake",
  });
  await gone.wire.write(latin1("\x16\x03"));
  await gone.wire.closeWrite();
  await opening;
  gone.server.close();
  assert.deepEqual([plain.inner.closeCount, gone.inner.closeCount], [1, 1]);
});

Deno.test("NodeTlsTransport reads from the network only what is asked for", async () => {
  const { server, wire, inner } = await serverEnd();
  const socket = await clientEnd(wire);
  await server.open();
  let reads = 0;
  const read = inner.read.bind(inner);
  inner.read = (buffer) => {
    reads++;
    return read(buffer);
  };
  const buffer = new Uint8Array(100);
  socket.write("hello");
  assert.equal(await server.read(buffer), 5);
  await settled();
  const before = reads;
  for (let count = 0; count < 200; count++) socket.write("x".repeat(16_000));
  await settled();
  // One read may have been on its way.
  assert(reads - before <= 1, `${reads - before} reads that nobody has asked for`);
  for (let length = 0; length < 200 * 16_000;) length += await server.read(buffer) ?? 0;
  server.close();
  socket.destroy();
});

Deno.test("NodeTlsTransport.close() ends a handshake, before it begins and while it waits", async () => {
  const early = await serverEnd();
  early.server.close();
  await assert.rejects(early.server.open(), { name: "HandshakeError" });
  const { server, inner } = await serverEnd();
  const opening = assert.rejects(server.open(), { name: "HandshakeError" });
  server.close();
  await opening;
  assert.deepEqual([early.inner.closeCount, inner.closeCount], [1, 1]);
});

Deno.test("NodeTlsTransport.read() rejects when the connection breaks", async () => {
  const { server, wire, inner } = await serverEnd();
  const socket = await clientEnd(wire);
  await server.open();
  const reading = server.read(new Uint8Array(10));
  inner.fail(new Error("reset"));
  await assert.rejects(reading, { message: /reset|hang up/ });
  server.close();
  socket.destroy();
});

Deno.test("NodeTlsTransport reads no names from a large certificate that nobody vouches for", async () => {
  const large = await makeCa({ commonName: "x".repeat(5000) });
  const ends = await serverEnd({ clientCertificate: "require" });
  assert.equal(
    await refusal(ends, large),
    "TLS handshake failed: the client's certificate is refused: " +
      "no CA of client_ca has signed it, or not for clients",
  );
});
