import assert from "node:assert/strict";
import { type LoginFailureLimits, LoginFailures } from "../../src/net/login_failures.ts";

const FOREIGN = "203.0.113.5";
const WINDOW_MS = 60_000;
const BAN_MS = 10_000;

function failuresWith(limits: Partial<LoginFailureLimits> = {}, maximumAddresses?: number) {
  return new LoginFailures({
    failedLoginsBeforeBan: 3,
    failedLoginWindowMs: WINDOW_MS,
    banTimeMs: BAN_MS,
    banLocalNetwork: false,
    ...limits,
  }, maximumAddresses);
}

/** Fails `times` times; what the last one led to. */
function fail(failures: LoginFailures, times: number, address = FOREIGN, nowMs = 0) {
  let outcome = failures.failed(address, true, nowMs);
  for (let time = 1; time < times; time++) outcome = failures.failed(address, true, nowMs);
  return outcome;
}

Deno.test("LoginFailures holds answers back for longer with every failure, up to two seconds", () => {
  const failures = failuresWith({ failedLoginsBeforeBan: Infinity });
  const delays = Array.from({ length: 8 }, () => fail(failures, 1).delayMs);
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  assert.equal(fail(failures, 1, "203.0.113.6").delayMs, 100);
  assert.equal(fail(failures, 5000).delayMs, 2000);
});

Deno.test("LoginFailures bans an address at the limit, for a while, and counts its connections", () => {
  const failures = failuresWith();
  assert.equal(fail(failures, 2).bannedAfter, undefined);
  assert.equal(failures.refusesConnection(FOREIGN, 0), false);
  assert.equal(fail(failures, 1).bannedAfter, 3);
  assert.deepEqual(
    [FOREIGN, "203.0.113.6", ""].map((address) => failures.refusesConnection(address, BAN_MS - 1)),
    [true, false, false],
  );
  assert.deepEqual(failures.tick(BAN_MS - 1), []);
  assert.equal(failures.refusesConnection(FOREIGN, BAN_MS), false);
  assert.deepEqual(failures.tick(BAN_MS), [{ address: FOREIGN, refusedConnections: 1 }]);
  assert.deepEqual([failures.bannedCount, failures.failingCount], [0, 0]);
});

Deno.test("LoginFailures bans nobody twice for logins that were under way", () => {
  const failures = failuresWith();
  fail(failures, 3);
  assert.deepEqual(fail(failures, 20), { delayMs: 0, bannedAfter: undefined });
  assert.equal(failures.failingCount, 0);
  assert.equal(fail(failures, 3, FOREIGN, BAN_MS).bannedAfter, 3);
});

Deno.test("LoginFailures bans the whole /64 of an IPv6 address", () => {
  const failures = failuresWith();
  for (const host of [1, 2, 3]) failures.failed(`2001:db8:1:2::${host}`, true, 0);
  assert.deepEqual(
    ["2001:db8:1:2:ffff::9", "2001:db8:1:3::1"].map((one) => failures.refusesConnection(one, 0)),
    [true, false],
  );
});

Deno.test("LoginFailures counts within the window only", () => {
  const failures = failuresWith();
  fail(failures, 2, FOREIGN, 0);
  assert.equal(fail(failures, 1, FOREIGN, 2 * WINDOW_MS).bannedAfter, undefined);
  fail(failures, 1, FOREIGN, 2 * WINDOW_MS + 1);
  assert.equal(fail(failures, 1, FOREIGN, 2 * WINDOW_MS + 2).bannedAfter, 3);
});

Deno.test("LoginFailures lets the window before count for its share, so that nobody waits for its end", () => {
  const failures = failuresWith({ failedLoginsBeforeBan: 10 });
  fail(failures, 9, FOREIGN, WINDOW_MS - 1);
  // Its windows begin with the first failure, so a new one has begun a millisecond ago.
  assert.equal(fail(failures, 2, FOREIGN, 2 * WINDOW_MS).bannedAfter, 10);
});

Deno.test("LoginFailures bans the local network only when it is told to, and a Unix socket never", () => {
  const banned = (banLocalNetwork: boolean) =>
    ["127.0.0.1", "192.168.1.7", "fe80::1", "::1", "", FOREIGN].map((address) =>
      fail(failuresWith({ banLocalNetwork }), 3, address).bannedAfter !== undefined
    );
  assert.deepEqual(banned(false), [false, false, false, false, false, true]);
  assert.deepEqual(banned(true), [true, true, true, true, false, true]);
});

Deno.test("LoginFailures bans nobody without a limit, or who did not guess", () => {
  const unlimited = failuresWith({ failedLoginsBeforeBan: Infinity });
  assert.equal(fail(unlimited, 1000).bannedAfter, undefined);
  const failures = failuresWith();
  for (let time = 0; time < 100; time++) {
    assert.deepEqual(failures.failed(FOREIGN, false, 0), { delayMs: 500, bannedAfter: undefined });
  }
  assert.deepEqual([failures.isSuspicious(FOREIGN), failures.failingCount], [false, 0]);
});

Deno.test("LoginFailures knows who failed lately", () => {
  const failures = failuresWith();
  fail(failures, 1);
  assert.deepEqual([FOREIGN, "203.0.113.6"].map((one) => failures.isSuspicious(one)), [
    true,
    false,
  ]);
  failures.tick(WINDOW_MS);
  assert.equal(failures.isSuspicious(FOREIGN), false);
});

Deno.test("LoginFailures' tables stay bounded, and forget who has been quiet for longest", () => {
  const failures = failuresWith({}, 50);
  for (let host = 0; host < 1000; host++) fail(failures, 1, `203.0.${host >> 8}.${host & 255}`);
  assert.equal(failures.failingCount, 50);
  assert.deepEqual(
    ["203.0.0.1", "203.0.3.231"].map((one) => failures.isSuspicious(one)),
    [false, true],
  );
  for (let host = 0; host < 1000; host++) fail(failures, 3, `203.0.${host >> 8}.${host & 255}`);
  assert.equal(failures.bannedCount, 50);
  assert.equal(failures.refusesConnection("203.0.3.231", 0), true);
});

Deno.test("bans() lists those of now, with what they have refused", () => {
  const failures = failuresWith();
  assert.deepEqual([...failures.bans()], []);
  fail(failures, 3, FOREIGN, 1000);
  fail(failures, 3, "2001:db8:1:2:3::4", 2000);
  failures.refusesConnection(FOREIGN, 3000);
  assert.deepEqual([...failures.bans()], [
    { address: FOREIGN, untilMs: 1000 + BAN_MS, refusedConnections: 1 },
    { address: "2001:db8:1:2::/64", untilMs: 2000 + BAN_MS, refusedConnections: 0 },
  ]);
  failures.tick(1000 + BAN_MS);
  assert.equal([...failures.bans()].length, 1);
});
