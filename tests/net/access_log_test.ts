/**
 * What is logged about logins: why, how often, and nothing that is secret.
 */

import assert from "node:assert/strict";
import { AccessLog } from "../../src/net/access_log.ts";
import type { RefusedLogin } from "../../src/net/login_events.ts";
import { CapturedLog } from "../support/captured_log.ts";

const MINUTE_MS = 60_000;

class LogFixture implements Disposable {
  nowMs = 0;
  readonly log = new AccessLog(() => this.nowMs);
  readonly #captured = new CapturedLog("debug", {}, () => this.nowMs);

  take(): string[] {
    return this.#captured.take();
  }

  [Symbol.dispose](): void {
    this.#captured[Symbol.dispose]();
  }
}

function login(fields: Partial<RefusedLogin> = {}): RefusedLogin {
  return {
    username: "ann",
    clientIdentifier: "kitchen",
    remoteAddress: "203.0.113.5:5000",
    listener: "garden",
    cause: "wrong password",
    ...fields,
  };
}

Deno.test("AccessLog says who was refused, where, on which listener, and why", () => {
  using fixture = new LogFixture();
  fixture.log.loginRefused(login());
  fixture.log.loginRefused(login({ username: undefined, cause: "no anonymous clients" }));
  fixture.log.loginUndecided(login({ cause: "too many passwords wait to be verified" }));
  fixture.log.handshakeFailed("203.0.113.5:5001", "garden", "TLS handshake failed: unknown CA");
  assert.deepEqual(fixture.take(), [
    "warning access Refused the login of user 'ann', client 'kitchen' at 203.0.113.5:5000 on " +
    "listener 'garden': wrong password",
    "warning access Refused the login of client 'kitchen' at 203.0.113.5:5000 on listener " +
    "'garden': no anonymous clients",
    "warning access Cannot decide about the login of user 'ann', client 'kitchen' at " +
    "203.0.113.5:5000 on listener 'garden': too many passwords wait to be verified",
    "warning access Closed the connection from 203.0.113.5:5001 on listener 'garden': TLS " +
    "handshake failed: unknown CA",
  ]);
});

Deno.test("AccessLog tells a ban once as a warning, and its end as information", () => {
  using fixture = new LogFixture();
  fixture.log.addressBanned("2001:db8:0:1::/64", 10, 600_000);
  fixture.log.banEnded("2001:db8:0:1::/64", 17);
  assert.deepEqual(fixture.take(), [
    "warning access Banned 2001:db8:0:1::/64 for 10m after 10 failed logins: its connections are " +
    "closed at once",
    "info access The ban of 2001:db8:0:1::/64 is over; 17 connections were closed",
  ]);
});

Deno.test("AccessLog names both clients of a fight, and a client that publishes too fast", () => {
  using fixture = new LogFixture();
  fixture.log.clientsFight({ clientIdentifier: "c", addresses: ["192.0.2.1:1", "192.0.2.2:2"] });
  fixture.log.messageRateReached("c", "192.0.2.1:1", "limits.max_message_rate (5)");
  assert.deepEqual(fixture.take(), [
    "warning access Two clients fight over the Client Identifier 'c', at 192.0.2.1:1 and at " +
    "192.0.2.2:2: each disconnects the other. Give one of them another Client Identifier; until " +
    "then they are answered more and more slowly",
    "warning access Client 'c' at 192.0.2.1:1 publishes faster than limits.max_message_rate (5) " +
    "allows: it is read more slowly",
  ]);
});

Deno.test("AccessLog tells one of the clients that a reload disconnects", () => {
  using fixture = new LogFixture();
  for (const client of ["a", "b"]) {
    fixture.log.connectionRefusedNow(client, "192.0.2.1:1", "its user is gone");
  }
  assert.deepEqual(fixture.take(), [
    "warning access Closed the connection of 'a' from 192.0.2.1:1: its user is gone",
  ]);
});

Deno.test("AccessLog writes a failing login once a minute, with a count of the rest", () => {
  using fixture = new LogFixture();
  for (let port = 1; port <= 500; port++) {
    fixture.log.loginRefused(login({ remoteAddress: `203.0.113.5:${port}` }));
  }
  fixture.nowMs = MINUTE_MS;
  fixture.log.loginRefused(login());
  const lines = fixture.take();
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", /wrong password \(499 more like this in the last 60 s\)$/);
});

Deno.test("AccessLog writes a bounded number of lines, whatever names and addresses a flood has", () => {
  using fixture = new LogFixture();
  for (let index = 0; index < 10_000; index++) {
    const remoteAddress = `203.0.${index >> 8}.${index & 255}:1`;
    fixture.log.loginRefused(login({ username: `user${index}`, remoteAddress }));
    fixture.log.addressBanned(remoteAddress, 10, 1000);
    fixture.log.banEnded(remoteAddress, 0);
  }
  const before = fixture.take().length;
  assert(before <= 201, `${before} lines`);
  fixture.nowMs = MINUTE_MS;
  fixture.log.tick(MINUTE_MS);
  assert.deepEqual(fixture.take().filter((line) => line.includes("others")), [
    `warning access ${30_000 - before} more lines like 'others' were held back`,
  ]);
});

Deno.test("AccessLog shortens what strangers send, and lets nobody forge a line", () => {
  using fixture = new LogFixture();
  const evil = "a'\n2026-01-01 info server \x1b[2Jfine\r\u2028" + "x".repeat(60_000);
  fixture.log.loginRefused(login({ username: evil, clientIdentifier: evil, cause: evil }));
  fixture.log.handshakeFailed("203.0.113.5:1", "garden", evil);
  fixture.log.messageRateReached(evil, "203.0.113.5:1", "the limit");
  fixture.log.clientsFight({ clientIdentifier: evil, addresses: ["a:1", "b:1"] });
  const lines = fixture.take();
  assert.equal(lines.length, 4);
  for (const line of lines) {
    assert(line.length < 1200);
    assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]/u);
  }
});
