import assert from "node:assert/strict";
import { Authenticator } from "../../src/access/authenticator.ts";
import { testLogin, testOrigin } from "./login_fixture.ts";

const FOREIGN = "203.0.113.5";

/** A refused login of this user. */
function refused(username: string) {
  const remoteAddress = `${FOREIGN}:1`;
  return { username, clientIdentifier: "c", remoteAddress, listener: "l", cause: "wrong password" };
}

Deno.test("LoginService counts failed logins, bans, and tells the beginning and the end of a ban", () => {
  const clock = { nowMs: 0 };
  const limits = { failedLoginsBeforeBan: 2, banTimeMs: 1000 };
  const { service, events, statistics } = testLogin(clock, limits);
  assert.equal(service.refused(refused("a"), FOREIGN, true), 100);
  assert.equal(service.refused(refused("b"), FOREIGN, true), 0);
  assert.deepEqual([1, 2, 3].map(() => service.refusesConnection(FOREIGN)), [
    "banned",
    "banned",
    "banned",
  ]);
  clock.nowMs = 1000;
  service.tick(clock.nowMs);
  assert.equal(service.refusesConnection(FOREIGN), undefined);
  assert.deepEqual(statistics, {
    loginsFailed: 2,
    addressesBanned: 1,
    connectionsRefusedByBan: 3,
  });
  assert.deepEqual(events.lines, [
    "refused a c: wrong password",
    "refused b c: wrong password",
    `banned ${FOREIGN} after 2 for 1000`,
    `ban of ${FOREIGN} ended, 3 refused`,
  ]);
});

Deno.test("LoginService limits new connections by address, but not those of a Unix socket", () => {
  const clock = { nowMs: 0 };
  const { service } = testLogin(clock, { maximumConnectionRate: 2 });
  const admitted = (address: string) =>
    [1, 2, 3].map(() => service.refusesConnection(address) === undefined);
  assert.deepEqual(admitted(FOREIGN), [true, true, false]);
  assert.deepEqual(admitted("203.0.113.6"), [true, true, false]);
  assert.deepEqual(admitted(""), [true, true, true]);
  clock.nowMs = 1000;
  assert.deepEqual(admitted(FOREIGN), [true, true, false]);
});

Deno.test("LoginService lets in few connections of addresses that fail and fail, local or not", () => {
  const clock = { nowMs: 0 };
  const { service } = testLogin(clock);
  const fail = (address: string, times: number) => {
    for (let time = 0; time < times; time++) service.undecided(refused("b"), address);
  };
  const admitted = (address: string) =>
    Array.from({ length: 500 }, () => service.refusesConnection(address))
      .filter((refusal) => refusal !== "failed logins").length;
  fail("127.0.0.1", 9);
  service.refused(refused("a"), FOREIGN, true);
  assert.deepEqual(["127.0.0.1", FOREIGN].map(admitted), [500, 500]);
  fail("127.0.0.1", 1);
  fail(FOREIGN, 9);
  assert.deepEqual(["127.0.0.1", FOREIGN, "203.0.113.6", ""].map(admitted), [200, 0, 500, 500]);
  clock.nowMs = 100;
  assert.equal(admitted(FOREIGN), 20);
  clock.nowMs = 1000;
  assert.equal(admitted("127.0.0.1"), 500, "it has not failed for a second");
});

Deno.test("LoginService has a message rate for a client where one is set, and says which", () => {
  const clock = { nowMs: 0 };
  assert.equal(testLogin(clock).service.messageRateFor(FOREIGN), undefined);
  const perAddress = testLogin(clock, { maximumMessageRatePerAddress: 1 }).service;
  assert.equal(perAddress.messageRateFor(""), undefined);
  const [one, other] = [perAddress.messageRateFor(FOREIGN), perAddress.messageRateFor(FOREIGN)];
  assert.deepEqual([one?.count(0), other?.count(0)], [1000, 2000]);
  assert.equal(perAddress.messageRateText, "limits.max_message_rate_per_address (1)");
  const both = testLogin(clock, { maximumMessageRate: 5, maximumMessageRatePerAddress: 9 });
  assert.equal(
    both.service.messageRateText,
    "limits.max_message_rate (5) or limits.max_message_rate_per_address (9)",
  );
});

Deno.test("LoginService.apply() changes what holds from now on, and keeps bans", () => {
  const clock = { nowMs: 0 };
  const { service } = testLogin(clock, { failedLoginsBeforeBan: 1, maximumConnectionRate: 1 });
  service.refused(refused("a"), FOREIGN, true);
  const authenticator = new Authenticator();
  service.apply(authenticator, {
    ...service.limits,
    failedLoginsBeforeBan: Infinity,
    maximumConnectionRate: Infinity,
  });
  assert.equal(service.authenticator, authenticator);
  assert.equal(service.refusesConnection(FOREIGN), "banned");
  const others = [1, 2, 3].map(() => service.refusesConnection("203.0.113.6"));
  assert.deepEqual(others, [undefined, undefined, undefined]);
  service.refused(refused("b"), "203.0.113.7", true);
  assert.equal(service.refusesConnection("203.0.113.7"), undefined);
});

Deno.test("LoginService shares one mount point among the listeners that have it", () => {
  const { service } = testLogin({ nowMs: 0 });
  const mountPoint = service.mountPointOf(testOrigin({ mountPoint: "home/" }));
  assert.equal(mountPoint?.prefix, "home/");
  assert.equal(service.mountPointOf(testOrigin({ name: "x", mountPoint: "home/" })), mountPoint);
  assert.equal(service.mountPointOf(testOrigin({ mountPoint: "" })), undefined);
  assert.equal(service.mountPointOf(testOrigin()), undefined);
});

Deno.test("LoginService tells a fight over a Client Identifier once", () => {
  const { service, events } = testLogin({ nowMs: 0 });
  for (let time = 0; time < 5; time++) service.tookOver("c", "192.0.2.1:1", "192.0.2.2:2");
  assert.deepEqual(events.lines, ["fight over c: 192.0.2.1:1 and 192.0.2.2:2"]);
});
