/**
 * TLS handshakes with real sockets, on loopback.
 *
 * Owns the sockets for the time of one handshake.
 */

import { connect, createServer, type TLSSocket } from "node:tls";
import type { Issued } from "../../src/certificates/issue.ts";

/** "ok", or what the client has against the server. */
export async function handshake(server: Issued, ca: string, hostname: string): Promise<string> {
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: server.certificate,
    key: server.key,
  });
  const accepted = listener.accept().then(async (conn) => {
    await conn.handshake().catch(() => {});
    conn.close();
  });
  const { port } = listener.addr;
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    using client = await Deno.startTls(tcp, { hostname, caCerts: [ca] });
    await client.handshake();
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await accepted;
  }
}

/** The Common Name that a server learns of its client by; undefined when it refuses the client. */
export async function mutualHandshake(
  server: Issued,
  ca: string,
  client: Issued,
): Promise<string | undefined> {
  const peer = Promise.withResolvers<string | undefined>();
  const listener = createServer({
    cert: server.certificate,
    key: server.key,
    ca: [ca],
    requestCert: true,
    rejectUnauthorized: true,
  });
  listener.on("secureConnection", (socket: TLSSocket) => {
    peer.resolve(String(socket.getPeerCertificate().subject.CN));
    socket.end();
  });
  listener.on("tlsClientError", (_error, socket) => {
    socket.destroy();
    peer.resolve(undefined);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" ? address?.port ?? 0 : 0;
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca: [ca],
    cert: client.certificate,
    key: client.key,
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  socket.resume();
  try {
    return await peer.promise;
  } finally {
    socket.destroy();
    await closed;
    await new Promise<void>((resolve) => listener.close(() => resolve()));
  }
}
