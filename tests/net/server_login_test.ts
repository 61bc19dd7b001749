/**
 * What the server does for logins: bans, connection rates, and addresses that a proxy tells.
 */

import assert from "node:assert/strict";
import type { LoginLimits } from "../../src/net/login_service.ts";
import type { ListenerLogin } from "../../src/net/origin.ts";
import type { Peer } from "../../src/net/transport.ts";
import type { ServerLimits } from "../../src/net/server.ts";
import { FakeTransport } from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";
import { testOrigin } from "./login_fixture.ts";
import { ServerFixture } from "./server_fixture.ts";

const FOREIGN = "203.0.113.5";
const BEHIND_PROXY: Partial<ListenerLogin> = { proxyProtocol: "on" };

function fixtureWith(loginLimits: Partial<LoginLimits>, limits: Partial<ServerLimits> = {}) {
  return new ServerFixture(limits, loginLimits);
}

/** A login from `address` that fails as often as it takes. */
function fail({ logins }: ServerFixture, address: string, times: number): void {
  for (let time = 0; time < times; time++) {
    logins.service.refused(
      {
        username: "ann",
        clientIdentifier: "c",
        remoteAddress: `${address}:1`,
        listener: "l",
        cause: "wrong password",
      },
      address,
      true,
    );
  }
}

/** A transport whose proxy tells where the client is. */
class ProxiedTransport extends FakeTransport {
  readonly #address: string;

  constructor(address: string) {
    super();
    this.#address = address;
  }

  open(): Promise<Peer> {
    const remoteAddress = `${this.#address}:4711`;
    this.remoteAddress = remoteAddress;
    return Promise.resolve({
      remoteAddress,
      address: this.#address,
      certificate: undefined,
      isEncrypted: false,
    });
  }
}

/** Connections that a proxy at 10.0.0.1 passes on from `address`; whether each is turned away. */
async function passOn(fixture: ServerFixture, address: string, count: number): Promise<boolean[]> {
  const transports = Array.from({ length: count }, () => new ProxiedTransport(address));
  const listener = fixture.listener();
  for (const transport of transports) {
    const origin = testOrigin(BEHIND_PROXY, { address: "10.0.0.1" });
    fixture.server.accepted(transport, origin, listener);
  }
  await settled();
  return transports.map(({ isClosed }) => isClosed);
}

Deno.test("Server closes connections of a banned address at once, counts them, and says nothing more", () => {
  using fixture = fixtureWith({ failedLoginsBeforeBan: 2 });
  fail(fixture, FOREIGN, 2);
  const listener = fixture.listener();
  const transports = [FOREIGN, FOREIGN, "203.0.113.6"].map((one) => fixture.accept(listener, one));
  assert.deepEqual(transports.map(({ isClosed }) => isClosed), [true, true, false]);
  assert.deepEqual(transports.map(({ readSizes }) => readSizes.length), [0, 0, 1]);
  assert.equal(fixture.logins.statistics.connectionsRefusedByBan, 2);
  assert.equal(fixture.server.connectionCount, 1);
  assert.deepEqual(fixture.events.lines.filter((line) => line.startsWith("limit")), []);
});

Deno.test("Server's clock ends a ban and tells it", async () => {
  using fixture = fixtureWith({ failedLoginsBeforeBan: 1, banTimeMs: 5000 });
  await fixture.server.start();
  fail(fixture, FOREIGN, 1);
  fixture.timers.advance(6000);
  assert.equal(fixture.accept(fixture.listener(), FOREIGN).isClosed, false);
  assert.equal(fixture.logins.events.lines.at(-1), `ban of ${FOREIGN} ended, 0 refused`);
  await fixture.stop();
});

Deno.test("Server closes connections over max_connection_rate, and names the limit", () => {
  using fixture = fixtureWith({ maximumConnectionRate: 2 });
  const listener = fixture.listener();
  const refused = () =>
    [1, 2, 3].map(() => fixture.accept(listener, FOREIGN)).map(({ isClosed }) => isClosed);
  assert.deepEqual(refused(), [false, false, true]);
  fixture.timers.nowMs += 1000;
  assert.deepEqual(refused(), [false, false, true]);
  assert.deepEqual(
    new Set(fixture.events.lines.filter((line) => line.startsWith("limit"))),
    new Set(["limit: limits.max_connection_rate (2 a second)"]),
  );
  assert.equal(fixture.broker.statistics.socketsRefused, 2);
});

Deno.test("Server counts the clients behind a proxy by the addresses that the proxy tells", async () => {
  using fixture = fixtureWith({}, { maximumConnectionsPerAddress: 2 });
  assert.deepEqual(await passOn(fixture, FOREIGN, 3), [false, false, true]);
  assert.deepEqual(await passOn(fixture, "203.0.113.6", 2), [false, false]);
  // The proxy's own address is not one that a client has.
  assert.deepEqual(await passOn(fixture, "10.0.0.1", 1), [false]);
});

Deno.test("Server gives the place of a client behind a proxy to the next of that address", async () => {
  using fixture = fixtureWith({}, { maximumConnectionsPerAddress: 1 });
  const transport = new ProxiedTransport(FOREIGN);
  const origin = testOrigin(BEHIND_PROXY, { address: "10.0.0.1" });
  fixture.server.accepted(transport, origin, fixture.listener());
  await settled();
  assert.deepEqual(await passOn(fixture, FOREIGN, 1), [true]);
  await transport.end();
  assert.deepEqual(await passOn(fixture, FOREIGN, 1), [false]);
});

Deno.test("Server turns a banned client away that comes by a proxy, and no other", async () => {
  using fixture = fixtureWith({ failedLoginsBeforeBan: 1, banLocalNetwork: true });
  fail(fixture, FOREIGN, 1);
  assert.deepEqual(await passOn(fixture, FOREIGN, 1), [true]);
  assert.deepEqual(await passOn(fixture, "203.0.113.6", 1), [false]);
});
