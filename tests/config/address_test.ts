/**
 * Addresses of listeners: their form, and which of them get in each other's way.
 */

import assert from "node:assert/strict";
import { addressesOverlap, isAddress } from "../../src/config/address.ts";

Deno.test("isAddress() accepts all, IP addresses of both families, and host names", () => {
  const accepted = [
    "all",
    "0.0.0.0",
    "192.168.1.10",
    "::",
    "::1",
    "fe80::1%eth0",
    "2001:db8::8:800:200c:417a",
    "::ffff:192.168.1.1",
    "localhost",
    "pi.local",
    "broker-1.example.org.",
  ];
  assert.deepEqual(accepted.filter((address) => !isAddress(address)), []);
});

Deno.test("isAddress() refuses what cannot be one", () => {
  const refused = [
    "",
    " ",
    "192.168.1.300",
    "192.168.1",
    "1.2.3.4.5",
    "12345",
    "localhost:1883",
    "[::1]",
    ":::1",
    "::1%",
    "fe80::1%a%b",
    "::1]/#",
    "-pi",
    "pi-",
    "a..b",
    "under_score",
    "mqtt://pi",
    "x".repeat(64),
  ];
  assert.deepEqual(refused.filter(isAddress), []);
});

Deno.test("addressesOverlap() is true for equal addresses and for those that cover a family", () => {
  const expected: [string, string, boolean][] = [
    ["all", "all", true],
    ["all", "127.0.0.1", true],
    ["all", "::1", true],
    ["all", "localhost", true],
    ["0.0.0.0", "127.0.0.1", true],
    ["0.0.0.0", "::", false],
    ["0.0.0.0", "::1", false],
    ["::", "::1", true],
    ["::", "0:0:0::0", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["127.0.0.1", "127.0.0.1", true],
    ["pi.local", "PI.local", true],
    ["pi.local", "127.0.0.1", false],
  ];
  assert.deepEqual(
    expected.map(([a, b]) => [a, b, addressesOverlap(a, b)]),
    expected,
  );
  assert.deepEqual(
    expected.map(([a, b]) => [a, b, addressesOverlap(b, a)]),
    expected,
  );
});
