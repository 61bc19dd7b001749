/**
 * Listeners: addresses, both IP versions, Unix sockets, and what happens when they cannot be opened.
 */

import assert from "node:assert/strict";
import { formatAddress, Listener, type ListenerOptions } from "../../src/net/listener.ts";
import type { ConnectionOrigin } from "../../src/net/origin.ts";
import type { Transport } from "../../src/net/transport.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";

const hasUnixSockets = Deno.build.os !== "windows";

interface Accepted {
  readonly transport: Transport;
  readonly origin: ConnectionOrigin;
}

/** A listener and what it told its host. Disposing closes it and all it accepted. */
class ListenerFixture implements Disposable {
  readonly listener: Listener;
  readonly events: string[] = [];
  readonly accepted: Accepted[] = [];
  #wake: () => void = () => {};

  constructor(options: Partial<ListenerOptions>) {
    this.listener = new Listener({
      name: "test",
      address: "127.0.0.1",
      port: 0,
      path: undefined,
      maxConnections: Infinity,
      allowAnonymous: "local_network",
      ...options,
    }, {
      accepted: (transport, origin) => {
        this.accepted.push({ transport, origin });
        this.#wake();
      },
      listening: () => this.events.push("listening"),
      listenFailed: (_endpoint, error, willRetry) =>
        this.events.push(`${error.name}, ${willRetry ? "retry" : "final"}`),
      acceptFailed: (_endpoint, error) => this.events.push(`accept: ${error.message}`),
    });
  }

  get port(): number {
    return (this.listener.addresses[0] as Deno.NetAddr).port;
  }

  async nextAccepted(): Promise<Accepted> {
    while (this.accepted.length === 0) await new Promise<void>((wake) => this.#wake = wake);
    return this.accepted.shift() as Accepted;
  }

  [Symbol.dispose](): void {
    this.listener.close();
    for (const { transport } of this.accepted) transport.close();
  }
}

/** Connects and gives what the listener made of it; both ends are closed again. */
async function acceptOne(fixture: ListenerFixture, hostname: string): Promise<Accepted> {
  const connection = await Deno.connect({ hostname, port: fixture.port });
  const accepted = await fixture.nextAccepted();
  connection.close();
  accepted.transport.close();
  return accepted;
}

/**
 * Another process connects and resets its connections, while this one stands still: all of them
 * are over before they can be accepted.
 */
function connectAndReset(port: number, count: number): void {
  const script = `
    import { connect } from "node:net";
    for (let left = ${count}; left > 0; left--) {
      await new Promise((resolve) => {
        const socket = connect(${port}, "127.0.0.1", () => socket.resetAndDestroy());
        socket.once("close", resolve);
      });
    }`;
  const { success } = new Deno.Command(Deno.execPath(), { args: ["eval", script] }).outputSync();
  assert(success);
}

Deno.test("formatAddress() writes IPv4, IPv6 and mapped addresses, and paths, for people", () => {
  const addresses: Deno.Addr[] = [
    { transport: "tcp", hostname: "127.0.0.1", port: 1883 },
    { transport: "tcp", hostname: "::1", port: 1883 },
    { transport: "tcp", hostname: "::", port: 1 },
    { transport: "tcp", hostname: "::ffff:192.168.1.7", port: 5000 },
    { transport: "tcp", hostname: "::ffff:1", port: 5000 },
    { transport: "unix", path: "/run/broker.sock" },
  ];
  assert.deepEqual(addresses.map(formatAddress), [
    "127.0.0.1:1883",
    "[::1]:1883",
    "[::]:1",
    "192.168.1.7:5000",
    "[::ffff:1]:5000",
    "/run/broker.sock",
  ]);
});

Deno.test("Listener accepts on one address, and says where the client is", async () => {
  using fixture = new ListenerFixture({ allowAnonymous: "never" });
  assert.equal(await fixture.listener.open(), undefined);
  const { transport, origin } = await acceptOne(fixture, "127.0.0.1");
  const { listener, ...where } = origin;
  assert.equal(listener, fixture.listener.options);
  assert.deepEqual(where, {
    address: "127.0.0.1",
    certificate: undefined,
    isEncrypted: false,
  });
  assert.match(transport.remoteAddress, /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(fixture.events, ["listening"]);
});

Deno.test("Listener on all addresses serves IPv4 and IPv6 on one port", async () => {
  using fixture = new ListenerFixture({ address: "all" });
  assert.equal(await fixture.listener.open(), undefined);
  const ports = new Set(fixture.listener.addresses.map((addr) => (addr as Deno.NetAddr).port));
  assert.equal(ports.size, 1);
  const over4 = await acceptOne(fixture, "127.0.0.1");
  assert.equal(over4.origin.address, "127.0.0.1");
  assert.match(over4.transport.remoteAddress, /^127\.0\.0\.1:\d+$/);
  if (!hasIPv6()) return;
  const over6 = await acceptOne(fixture, "::1");
  assert.equal(over6.origin.address, "::1");
  assert.match(over6.transport.remoteAddress, /^\[::1\]:\d+$/);
});

function hasIPv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("Listener tries again while its port is in use, and serves when it is free", async () => {
  const occupant = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = occupant.addr;
  using timers = new FakeTimers();
  using fixture = new ListenerFixture({ port });
  const error = await fixture.listener.open();
  assert(error instanceof Deno.errors.AddrInUse);
  assert.equal(timers.count, 1);
  assert.deepEqual([fixture.listener.failure, fixture.listener.willRetry], [error, true]);
  timers.advance(60_000);
  await settled();
  assert.deepEqual(new Set(fixture.events), new Set(["AddrInUse, retry"]));
  occupant.close();
  timers.advance(60_000);
  await settled();
  assert.equal(fixture.events.at(-1), "listening");
  assert.deepEqual([fixture.listener.failure, fixture.listener.willRetry], [undefined, false]);
  await acceptOne(fixture, "127.0.0.1");
});

Deno.test("Listener waits for an address that this machine does not have yet", async () => {
  using timers = new FakeTimers();
  using fixture = new ListenerFixture({ address: "192.0.2.1" });
  assert(await fixture.listener.open() instanceof Error);
  assert.deepEqual(fixture.events, ["AddrNotAvailable, retry"]);
  fixture.listener.close();
  assert.equal(timers.count, 0, "a closed listener does not try again");
});

Deno.test("Listener.close() frees the port, and leaves what it accepted alone", async () => {
  using fixture = new ListenerFixture({});
  await fixture.listener.open();
  const { port } = fixture;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const { transport } = await fixture.nextAccepted();
  fixture.listener.close();
  await settled();
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  await connection.write(Uint8Array.from([7]));
  const buffer = new Uint8Array(4);
  assert.deepEqual([await transport.read(buffer), buffer[0]], [1, 7]);
  transport.close();
});

Deno.test("Listener goes on at once after connections that were reset before it took them", async () => {
  using timers = new FakeTimers();
  using fixture = new ListenerFixture({});
  await fixture.listener.open();
  connectAndReset(fixture.port, 20);
  // Time stands still: a pause would never end.
  await acceptOne(fixture, "127.0.0.1");
  assert.equal(timers.count, 0);
  assert.deepEqual(fixture.events, ["listening"]);
});

Deno.test("Listener takes a connection although TCP_NODELAY cannot be set", async () => {
  using timers = new FakeTimers();
  using fixture = new ListenerFixture({});
  await fixture.listener.open();
  const probe = await acceptOneConn();
  const prototype = Object.getPrototypeOf(probe) as Deno.TcpConn;
  const { setNoDelay } = prototype;
  let calls = 0;
  prototype.setNoDelay = () => {
    calls++;
    throw new Error("Invalid argument (os error 22)");
  };
  try {
    await acceptOne(fixture, "127.0.0.1");
  } finally {
    prototype.setNoDelay = setNoDelay;
  }
  assert.deepEqual([calls, timers.count, fixture.events], [1, 0, ["listening"]]);
});

/** A connection as `accept` gives it, closed already. */
async function acceptOneConn(): Promise<Deno.Conn> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, conn] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  client.close();
  conn.close();
  return conn;
}

if (hasUnixSockets) {
  /** Runs with the path of a socket file in a folder of its own. */
  const withPath = async (body: (path: string) => Promise<void>): Promise<void> => {
    const folder = await Deno.makeTempDir({ prefix: "broker-test-" });
    try {
      await body(`${folder}/broker.sock`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };

  /** A socket file that nobody listens on, as a crash leaves it. */
  const leaveStaleSocket = async (path: string): Promise<void> => {
    const socket = Deno.listen({ transport: "unix", path: `${path}.old` });
    await Deno.rename(`${path}.old`, path); // Closing removes it at its old place only.
    socket.close();
    await assert.rejects(Deno.connect({ transport: "unix", path }));
  };

  const isSocket = (path: string): boolean => {
    try {
      return Deno.lstatSync(path).isSocket ?? false;
    } catch {
      return false;
    }
  };

  const acceptUnix = async (fixture: ListenerFixture, path: string): Promise<Accepted> => {
    const connection = await Deno.connect({ transport: "unix", path });
    const accepted = await fixture.nextAccepted();
    connection.close();
    accepted.transport.close();
    return accepted;
  };

  Deno.test("Listener serves a Unix socket, and removes it when it closes", () =>
    withPath(async (path) => {
      using fixture = new ListenerFixture({ path });
      assert.equal(await fixture.listener.open(), undefined);
      assert.equal(fixture.listener.endpoint, path);
      const { transport, origin } = await acceptUnix(fixture, path);
      assert.deepEqual([transport.remoteAddress, origin.address], [`unix:${path}`, ""]);
      fixture.listener.close();
      assert.equal(isSocket(path), false);
    }));

  Deno.test("Listener takes the place of a socket file that nobody listens on", () =>
    withPath(async (path) => {
      await leaveStaleSocket(path);
      using fixture = new ListenerFixture({ path });
      assert.equal(await fixture.listener.open(), undefined);
      await acceptUnix(fixture, path);
    }));

  Deno.test("Listener leaves a socket that somebody listens on to them, also when it closes", () =>
    withPath(async (path) => {
      using first = new ListenerFixture({ path });
      await first.listener.open();
      using timers = new FakeTimers();
      using second = new ListenerFixture({ path });
      assert(await second.listener.open() instanceof Deno.errors.AddrInUse);
      assert.equal(timers.count, 1);
      second.listener.close();
      assert.equal(isSocket(path), true);
      (await first.nextAccepted()).transport.close(); // The second one's look whether it is used.
      await acceptUnix(first, path);
    }));

  Deno.test("Listener removes no file that is not a socket", () =>
    withPath(async (path) => {
      await Deno.writeTextFile(path, "precious");
      using timers = new FakeTimers();
      using fixture = new ListenerFixture({ path });
      assert(await fixture.listener.open() instanceof Deno.errors.AddrInUse);
      fixture.listener.close();
      assert.equal(await Deno.readTextFile(path), "precious");
      assert.equal(timers.count, 0);
    }));
}
