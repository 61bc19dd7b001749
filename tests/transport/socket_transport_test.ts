import assert from "node:assert/strict";
import {
  explainTlsFailure,
  type HandshakeWatch,
  SocketTransport,
  TlsSocketTransport,
} from "../../src/transport/socket_transport.ts";
import { testCa, testServer } from "../support/certificates.ts";
import { latin1, PEER } from "./fake_inner.ts";

Deno.test("SocketTransport passes everything on to its socket", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [conn, client] = await Promise.all([
    listener.accept(),
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
  ]);
  const transport = new SocketTransport(conn, "somewhere");
  assert.equal(transport.remoteAddress, "somewhere");
  assert.equal("open" in transport, false, "there is no handshake to wait for");
  await client.write(latin1("ab"));
  const buffer = new Uint8Array(5);
  assert.deepEqual([await transport.read(buffer), buffer], [2, latin1("ab\0\0\0")]);
  assert.equal(await transport.write(latin1("c")), 1);
  await transport.closeWrite();
  assert.deepEqual([await client.read(buffer), await client.read(buffer)], [1, null]);
  client.close();
  assert.equal(await transport.read(buffer), null);
  transport.close();
});

/** Writes down how handshakes end. */
function watchHandshakes(): HandshakeWatch & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    begun: () => void lines.push("begun"),
    ended: (isStalled) => void lines.push(isStalled ? "stalled" : "ended"),
  };
}

/** A listener with TLS, and a transport for the next connection to it. */
async function listenTls(): Promise<{ listener: Deno.TlsListener; port: number }> {
  const { certificate: cert, key } = await testServer();
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  return { listener, port: (listener.addr as Deno.NetAddr).port };
}

Deno.test("TlsSocketTransport does the handshake when it is opened, and is encrypted then", async () => {
  const { listener, port } = await listenTls();
  const caCerts = [(await testCa()).certificate];
  const accepting = listener.accept();
  const connecting = Deno.connectTls({ hostname: "localhost", port, caCerts });
  const transport = new TlsSocketTransport(await accepting, PEER, watchHandshakes());
  assert.deepEqual(await transport.open(), { ...PEER, isEncrypted: true });
  const client = await connecting;
  await client.write(latin1("ab"));
  assert.equal(await transport.read(new Uint8Array(5)), 2);
  client.close();
  assert.equal(await transport.read(new Uint8Array(5)), null);
  transport.close();
  listener.close();
});

Deno.test("TlsSocketTransport is at its end where the client goes away without notice", async () => {
  const { listener, port } = await listenTls();
  const caCerts = [(await testCa()).certificate];
  const accepting = listener.accept();
  const plain = await Deno.connect({ hostname: "127.0.0.1", port });
  const transport = new TlsSocketTransport(await accepting, PEER, watchHandshakes());
  const opening = transport.open();
  const client = await Deno.startTls(plain, { hostname: "localhost", caCerts });
  await Promise.all([client.handshake(), opening]);
  const reading = transport.read(new Uint8Array(5));
  client.close();
  assert.equal(await reading, null);
  transport.close();
  listener.close();
});

Deno.test("TlsSocketTransport.open() says why a handshake failed", async () => {
  const { listener, port } = await listenTls();
  const accepting = listener.accept();
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  const transport = new TlsSocketTransport(await accepting, PEER, watchHandshakes());
  await client.write(latin1("GET / HTTP/1.1\r\n\r\n"));
  await assert.rejects(transport.open(), {
    name: "HandshakeError",
    message: "TLS handshake failed: the client does not speak TLS; does it use the right port?",
  });
  transport.close();
  listener.close();
});

Deno.test("TlsSocketTransport tells of a handshake that it was closed in the middle of", async () => {
  const { listener, port } = await listenTls();
  const accepting = listener.accept();
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const watch = watchHandshakes();
  const transport = new TlsSocketTransport(await accepting, PEER, watch);
  const opening = assert.rejects(transport.open(), { name: "HandshakeError" });
  transport.close();
  client.close();
  await opening;
  assert.deepEqual(watch.lines, ["begun", "stalled"]);
  listener.close();
});

Deno.test("TlsSocketTransport tells of a handshake that is over, once", async () => {
  const { listener, port } = await listenTls();
  const caCerts = [(await testCa()).certificate];
  const accepting = listener.accept();
  const connecting = Deno.connectTls({ hostname: "localhost", port, caCerts });
  const watch = watchHandshakes();
  const transport = new TlsSocketTransport(await accepting, PEER, watch);
  await transport.open();
  (await connecting).close();
  transport.close();
  assert.deepEqual(watch.lines, ["begun", "ended"]);
  listener.close();
});

Deno.test("explainTlsFailure() says what to look at, and keeps what it does not know", () => {
  assert.match(explainTlsFailure("received fatal alert: UnknownCA"), /does not trust the server's/);
  assert.match(explainTlsFailure("received fatal alert: BadCertificate"), /is its name in the/);
  assert.match(explainTlsFailure("peer is incompatible: Tls12NotOffered"), /no version of TLS/);
  assert.match(explainTlsFailure("tls handshake eof"), /^the client closed the connection/);
  assert.equal(explainTlsFailure("something new"), "something new");
});
