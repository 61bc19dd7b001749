/**
 * Listeners with TLS: what they take from the files, how they go over to new ones, and what they say
 * where the platform cannot do it.
 */

import assert from "node:assert/strict";
import { Listener, type ListenerOptions } from "../../src/net/listener.ts";
import { hasNodeTls } from "../../src/transport/tls_options.ts";
import type { Peer, Transport } from "../../src/net/transport.ts";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { newTestServer, testCa, testClient, testServer } from "../support/certificates.ts";
import { TlsFolder } from "../transport/tls_fixture.ts";
import { FakeTimers } from "./fake_timers.ts";

/** A listener whose connections are opened and answered with one byte for each that comes. */
class EchoListener implements Disposable {
  readonly listener: Listener;
  readonly lines: string[] = [];
  readonly peers: Peer[] = [];
  /** Connections are closed as soon as they are accepted. */
  isClosing = false;
  #wake: () => void = () => {};

  constructor(options: Partial<ListenerOptions>) {
    this.listener = new Listener({
      name: "tls",
      allowAnonymous: "always",
      address: "127.0.0.1",
      port: 0,
      path: undefined,
      maxConnections: Infinity,
      ...options,
    }, {
      accepted: (transport) => void this.#echo(transport),
      listening: (_endpoint, carries) => this.#tell(`listening: ${carries}`),
      listenFailed: (_endpoint, error, willRetry) =>
        this.#tell(`${error.message} (${willRetry ? "retry" : "final"})`),
      acceptFailed: (_endpoint, error) => this.#tell(`accept: ${error.message}`),
      tlsNotice: (_endpoint, level, text) => this.#tell(`${level}: ${text}`),
    });
  }

  async #echo(transport: Transport): Promise<void> {
    if (this.isClosing) return transport.close();
    try {
      const peer = await transport.open?.();
      if (peer !== undefined) this.peers.push(peer);
      const buffer = new Uint8Array(100);
      while (await transport.read(buffer) !== null) await transport.write(Uint8Array.of(1));
    } catch (error) {
      this.#tell((error as Error).message);
    }
    transport.close();
  }

  #tell(line: string): void {
    this.lines.push(line);
    this.#wake();
  }

  get port(): number {
    return (this.listener.addresses[0] as Deno.NetAddr).port;
  }

  async waitFor(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) {
      await new Promise<void>((wake) => this.#wake = wake);
    }
  }

  [Symbol.dispose](): void {
    this.listener.close();
  }
}

/** A client that is connected, and the serial number of the certificate it was shown. */
async function connectTls(
  port: number,
): Promise<{ serial: string; client: AsyncDisposable; ping(): Promise<void> }> {
  const ca = (await testCa()).certificate;
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca });
  await once(socket, "secureConnect");
  const raw = socket.getPeerCertificate().raw;
  return {
    serial: new X509Certificate(raw).serialNumber,
    async ping() {
      const answered = once(socket, "data");
      socket.write("?");
      await answered;
    },
    client: {
      async [Symbol.asyncDispose]() {
        const closed = once(socket, "close");
        socket.destroy();
        await closed;
      },
    },
  };
}

function serialOf(certificate: string): string {
  return new X509Certificate(certificate).serialNumber;
}

const MODES = hasNodeTls() ? ["1.2", "1.3"] as const : ["1.2"] as const;

for (const minVersion of MODES) {
  const way = minVersion === "1.2" ? "Deno.listenTls" : "node:tls";

  Deno.test(`Listener (${way}) goes over to new TLS files, and drops nobody`, async () => {
    const [old, next] = [await testServer(), await newTestServer()];
    await using folder = await TlsFolder.create(old);
    using echo = new EchoListener({ tls: folder.options({ minVersion }) });
    assert.equal(await echo.listener.open(), undefined);
    assert.deepEqual(echo.lines, ["listening: mqtts"]);
    const { port } = echo;
    const first = await connectTls(port);
    await using _first = first.client;
    assert.equal(first.serial, serialOf(old.certificate));
    folder.write("server-key.pem", next.key);
    folder.write("server.pem", next.certificate);
    await echo.waitFor(/^info: New TLS files are in use/);
    const second = await connectWhenOpen(port);
    await using _second = second.client;
    assert.equal(second.serial, serialOf(next.certificate));
    await first.ping();
    await second.ping();
    assert.equal(echo.lines.length, 2);
  });
}

if (hasNodeTls()) {
  for (const isClosing of [true, false]) {
    const what = isClosing ? "many stop in the middle of" : "very many are in";
    Deno.test(`Listener goes over to node:tls when ${what} a handshake`, async () => {
      await using folder = await TlsFolder.create(await testServer());
      using echo = new EchoListener({ tls: folder.options({ minVersion: "1.2" }) });
      assert.equal(await echo.listener.open(), undefined);
      const { port } = echo;
      const first = await connectTls(port);
      await using _first = first.client;
      echo.isClosing = isClosing;
      const silent: Deno.Conn[] = [];
      const isTold = () => echo.lines.some((line) => line.includes("in the middle of their TLS"));
      while (!isTold()) {
        // The last one may come where nobody listens, see `connectWhenOpen`.
        const conn = await connectIfOpen(port);
        if (conn !== undefined) silent.push(conn);
      }
      assert.ok(silent.length >= (isClosing ? 64 : 255), `${silent.length} connections`);
      echo.isClosing = false;
      const second = await connectWhenOpen(port);
      await using _second = second.client;
      // Who was connected before stays.
      await first.ping();
      await second.ping();
      // What is silent now can be closed, and is.
      echo.isClosing = true;
      const another = await Deno.connect({ hostname: "127.0.0.1", port });
      assert.equal(await another.read(new Uint8Array(1)), null);
      for (const conn of [another, ...silent]) conn.close();
    });
  }
}

async function connectIfOpen(port: number): Promise<Deno.Conn | undefined> {
  try {
    return await Deno.connect({ hostname: "127.0.0.1", port });
  } catch (error) {
    const { ConnectionRefused, ConnectionReset } = Deno.errors;
    assert.ok(error instanceof ConnectionRefused || error instanceof ConnectionReset);
    return undefined;
  }
}

/** Between two listening sockets there is a moment without one. */
async function connectWhenOpen(port: number): ReturnType<typeof connectTls> {
  for (;;) {
    try {
      return await connectTls(port);
    } catch (error) {
      assert.match(String(error), /ECONNREFUSED|ECONNRESET/);
    }
  }
}

Deno.test("Listener keeps its certificate where the new one does not fit its key", async () => {
  const server = await testServer();
  await using folder = await TlsFolder.create(server);
  using echo = new EchoListener({ tls: folder.options() });
  await echo.listener.open();
  folder.write("server.pem", (await newTestServer()).certificate);
  await echo.waitFor(/^error: .*it is not the key of .*; the TLS files from before stay in use$/);
  const { serial, client } = await connectTls(echo.port);
  await using _client = client;
  assert.equal(serial, serialOf(server.certificate));
});

Deno.test("Listener waits for a certificate that is not there yet", async () => {
  const server = await testServer();
  await using folder = await TlsFolder.create(server);
  await Deno.remove(`${folder.path}/server.pem`);
  using timers = new FakeTimers();
  using echo = new EchoListener({ tls: folder.options() });
  assert(await echo.listener.open() instanceof Error);
  assert.equal(timers.count, 1);
  folder.write("server.pem", server.certificate);
  timers.advance(5000);
  await echo.waitFor(/^listening/);
  assert.deepEqual(echo.lines, [
    `Cannot read tls.certificate '${folder.path}/server.pem': there is no such file (retry)`,
    "listening: mqtts",
  ]);
});

Deno.test("Listener with client certificates names the client, or says that it needs Deno 2.9", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const clientCa = folder.write("ca.pem", (await testCa()).certificate);
  using echo = new EchoListener({
    tls: folder.options({ clientCa, clientCertificate: "require" }),
  });
  const error = await echo.listener.open();
  if (!hasNodeTls()) {
    assert.equal(error?.name, "CannotServeError");
    assert.deepEqual(echo.lines, [
      "Cannot serve TLS: client_certificate: require needs Deno 2.9 or later, this is " +
      `${Deno.version.deno} (final)`,
    ]);
    return;
  }
  assert.equal(error, undefined);
  const { certificate: cert, key } = await testClient("lamp");
  const caCerts = [(await testCa()).certificate];
  const options = { hostname: "localhost", port: echo.port, caCerts, cert, key };
  using client = await Deno.connectTls(options);
  await client.write(Uint8Array.of(1));
  await client.read(new Uint8Array(1));
  assert.deepEqual(echo.peers.map(({ certificate }) => certificate?.commonName), ["lamp"]);
});

Deno.test("Listener does not hold up anybody for handshakes that do not come", async () => {
  await using folder = await TlsFolder.create(await testServer());
  for (const minVersion of MODES) {
    using echo = new EchoListener({ protocol: "websocket", tls: folder.options({ minVersion }) });
    await echo.listener.open();
    const { port } = echo;
    const silent = await Promise.all(
      Array.from({ length: 50 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    const { client } = await connectTls(port);
    await client[Symbol.asyncDispose]();
    for (const conn of silent) conn.close();
    await echo.waitFor(/closed the connection during the handshake/);
  }
});

Deno.test("Listener does not serve networks that it cannot read, and does not try again", async () => {
  using timers = new FakeTimers();
  using echo = new EchoListener({ proxyProtocol: "on", proxyNetworks: ["10.0.0.0/77"] });
  assert.equal((await echo.listener.open())?.name, "CannotServeError");
  assert.deepEqual(echo.lines, ["Cannot read the network '10.0.0.0/77' (final)"]);
  assert.equal(timers.count, 0);
});
