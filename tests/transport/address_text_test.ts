import assert from "node:assert/strict";
import { hostAndPort, oneSpelling, plainAddress } from "../../src/transport/address_text.ts";

Deno.test("plainAddress() shows an IPv4 client of an IPv6 socket by its IPv4 address", () => {
  assert.equal(plainAddress("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(plainAddress("::ffff:1"), "::ffff:1");
  assert.equal(plainAddress("192.0.2.1"), "192.0.2.1");
});

Deno.test("hostAndPort() puts IPv6 addresses into brackets, with and without a port", () => {
  assert.equal(hostAndPort("192.0.2.1", 1883), "192.0.2.1:1883");
  assert.equal(hostAndPort("2001:db8::1", 1883), "[2001:db8::1]:1883");
  assert.equal(hostAndPort("2001:db8::1"), "[2001:db8::1]");
  assert.equal(hostAndPort("::ffff:192.0.2.1"), "192.0.2.1");
});

Deno.test("oneSpelling() is the same for all spellings of an address", () => {
  const spellings = [
    "203.0.113.7",
    "::ffff:203.0.113.7",
    "::FFFF:cb00:7107",
    "0:0::ffff:cb00:7107",
  ];
  assert.deepEqual(new Set(spellings.map(oneSpelling)), new Set(["203.0.113.7"]));
  assert.deepEqual(["2001:DB8:0::7", "::1"].map(oneSpelling), ["2001:db8::7", "::1"]);
});
