import assert from "node:assert/strict";
import { sessionTimes } from "../../../src/import/database/session_times.ts";
import { NEVER } from "./database_fixture.ts";

const NOW = 1_000_000;
const clock = { nowMs: NOW * 1000, persistentClientExpirationMs: Infinity };

function times(
  sessionExpiryInterval: number,
  sessionExpiryTime: number,
  disconnectedTime?: number,
  persistentClientExpirationMs = Infinity,
) {
  const client = {
    clientIdentifier: "c",
    username: new Uint8Array(0),
    sessionExpiryInterval,
    sessionExpiryTime,
    disconnectedTime,
  };
  return sessionTimes(client, { ...clock, persistentClientExpirationMs });
}

Deno.test("a session that never ends never ends", () => {
  assert.deepEqual(times(NEVER, 0), {
    expiryIntervalMs: Infinity,
    disconnectedAtMs: NOW * 1000,
    isOver: false,
  });
});

Deno.test("a session ends when Mosquitto would have ended it", () => {
  assert.deepEqual(times(3600, NOW + 600), {
    expiryIntervalMs: 3_600_000,
    disconnectedAtMs: (NOW - 3000) * 1000,
    isOver: false,
  });
  assert.equal(times(3600, NOW).isOver, true);
  assert.equal(times(3600, NOW + 1).isOver, false);
});

Deno.test("the end stays where it is, also when the client has left in what is the future here", () => {
  const { disconnectedAtMs, expiryIntervalMs } = times(60, NOW + 100);
  assert.deepEqual([disconnectedAtMs, expiryIntervalMs], [NOW * 1000, 100_000]);
});

Deno.test("persistent_client_expiration shortens a session, whatever its client has asked for", () => {
  const day = 86_400_000;
  assert.equal(times(NEVER, 0, undefined, day).expiryIntervalMs, day);
  assert.equal(times(60, 0, undefined, day).expiryIntervalMs, 60_000);
  assert.deepEqual(times(NEVER, NOW + 3600, undefined, day), {
    expiryIntervalMs: day,
    disconnectedAtMs: (NOW + 3600) * 1000 - day,
    isOver: false,
  });
});

Deno.test("an end that a limit has set which is not known any more is kept", () => {
  assert.deepEqual(times(NEVER, NOW + 3600), {
    expiryIntervalMs: 3_600_000,
    disconnectedAtMs: NOW * 1000,
    isOver: false,
  });
});

Deno.test("in old files the time of a session counts from when its client left", () => {
  const hour = 3_600_000;
  assert.deepEqual(times(NEVER, 0, NOW - 60, hour), {
    expiryIntervalMs: hour,
    disconnectedAtMs: (NOW - 60) * 1000,
    isOver: false,
  });
  assert.equal(times(NEVER, 0, NOW - 3600, hour).isOver, true);
  assert.equal(times(NEVER, 0, NOW - 3600).isOver, false);
});
