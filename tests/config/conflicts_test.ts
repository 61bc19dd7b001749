/**
 * Settings that contradict each other, each of them allowed alone.
 */

import assert from "node:assert/strict";
import { findConflicts } from "../../src/config/conflicts.ts";
import { RawValues } from "../../src/config/raw_values.ts";

/** Each conflict as "path: message". */
function conflictsOf(raw: unknown): string[] {
  return findConflicts(new RawValues(raw)).map(({ path, message }) =>
    `${path.join(".")}: ${message}`
  );
}

Deno.test("a Unix socket has neither port nor address", () => {
  assert.deepEqual(conflictsOf({ listeners: [{ path: "/a", port: 1, address: "::1" }] }), [
    "listeners.0.port: Cannot use 'listeners[0].port' together with 'path': " +
    "a Unix socket has neither port nor address",
    "listeners.0.address: Cannot use 'listeners[0].address' together with 'path': " +
    "a Unix socket has neither port nor address",
  ]);
});

Deno.test("two listeners cannot have one port on one address, nor one path", () => {
  const listeners = [
    { port: 1883 },
    { address: "127.0.0.1" },
    { port: 1884, address: "0.0.0.0" },
    { port: 1884, address: "::" },
    { path: "/a" },
    { path: "/a" },
    { port: 0 },
    { port: 0 },
  ];
  assert.deepEqual(conflictsOf({ listeners }), [
    "listeners.1.address: Cannot use 'listeners[1]': port 1883 on '127.0.0.1' is taken by " +
    "'listeners[0]'",
    "listeners.5.path: Cannot use 'listeners[5]': the Unix socket '/a' is taken by 'listeners[4]'",
  ]);
});

Deno.test("a file destination has a file, and no destination stands there twice", () => {
  const destinations = ["stderr", { keep: 3 }, { file: "a" }, { file: "a" }, "stderr"];
  assert.deepEqual(conflictsOf({ logging: { destinations } }), [
    "logging.destinations.1: Cannot use 'logging.destinations[1]': it has no 'file'",
    "logging.destinations.3: Cannot use 'logging.destinations[3]': 'a' is there already",
    "logging.destinations.4: Cannot use 'logging.destinations[4]': 'stderr' is there already",
  ]);
});

Deno.test("a limit of one client that is given cannot be more than one of all that is given", () => {
  const limits = { max_buffered_bytes: "1 MiB", max_buffered_bytes_per_client: "2 MiB" };
  assert.deepEqual(conflictsOf({ limits }), [
    "limits.max_buffered_bytes_per_client: Cannot use 'limits.max_buffered_bytes_per_client': " +
    "'2 MiB' is more than 'limits.max_buffered_bytes', '1 MiB'",
  ]);
  assert.deepEqual(conflictsOf({ limits: { max_buffered_bytes: "1 MiB" } }), []);
});

Deno.test("findConflicts() takes values of any kind without failing", () => {
  const odd = [null, 5, "x", [], [null], {}, [[]]];
  for (const value of odd) {
    assert.deepEqual(
      conflictsOf({ listeners: value, limits: value, sessions: value, logging: value }),
      [],
    );
    assert.deepEqual(conflictsOf(value), []);
  }
});
