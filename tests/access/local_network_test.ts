/**
 * Which addresses count as local: each range at its first and last address, and just outside.
 */

import assert from "node:assert/strict";
import { isLocalAddress } from "../../src/access/local_network.ts";

/** Both ends of every local range. */
const LOCAL = [
  "127.0.0.0",
  "127.0.0.1",
  "127.255.255.255",
  "10.0.0.0",
  "10.255.255.255",
  "172.16.0.0",
  "172.31.255.255",
  "192.168.0.0",
  "192.168.255.255",
  "169.254.0.0",
  "169.254.255.255",
  "::1",
  "fc00::",
  "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  "fd12:3456:789a::1",
  "fe80::",
  "fe80::1%eth0",
  "febf:ffff::1",
  "FE80::A",
  "::ffff:127.0.0.1",
  "::ffff:10.1.2.3",
  "::FFFF:192.168.1.7",
  "::ffff:172.31.255.255",
];

/** The neighbours of every local range, and what only looks like it. */
const FOREIGN = [
  "126.255.255.255",
  "128.0.0.0",
  "9.255.255.255",
  "11.0.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "169.253.255.255",
  "169.255.0.0",
  "0.0.0.0",
  "255.255.255.255",
  "8.8.8.8",
  "100.64.0.1", // RFC 6598: shared by the customers of a provider
  "203.0.113.10",
  "224.0.0.1",
  "::",
  "::2",
  "1::1",
  "fbff::1",
  "fe00::1",
  "fe7f:ffff::1",
  "fec0::1",
  "ff02::1",
  "2001:db8::1",
  "2001:db8::10.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:172.32.0.0",
  "::ffff:0:10.0.0.1",
];

/** What is no address at all is nobody's local network. */
const NO_ADDRESSES = [
  "",
  "localhost",
  "10",
  "10.0.0",
  "10.0.0.0.1",
  "10.0.0.256",
  "10.0.0.-1",
  "10.0.0.x",
  "::ffff:10.0.0.256",
];

Deno.test("isLocalAddress() is true for loopback, private and link-local addresses", () => {
  assert.deepEqual(LOCAL.filter((address) => !isLocalAddress(address)), []);
});

Deno.test("isLocalAddress() is false for every other address", () => {
  assert.deepEqual(FOREIGN.filter(isLocalAddress), []);
});

Deno.test("isLocalAddress() is false for what is not an address", () => {
  assert.deepEqual(NO_ADDRESSES.filter(isLocalAddress), []);
});
