import assert from "node:assert/strict";
import { forwardedAddress } from "../../src/transport/forwarded_address.ts";
import { parseNetworks } from "../../src/transport/networks.ts";

const TRUSTED = parseNetworks(["10.0.0.0/8", "::1"]);

/** `[header, address]` pairs, from a proxy that is trusted. */
const FROM_PROXY: [string | undefined, string | undefined][] = [
  ["203.0.113.7", "203.0.113.7"],
  ["198.51.100.1, 203.0.113.7", "203.0.113.7"],
  ["203.0.113.7, 10.9.9.9", "203.0.113.7"],
  ["1.1.1.1,203.0.113.7 ,10.9.9.9,10.1.1.1", "203.0.113.7"],
  ["10.2.2.2, 10.9.9.9", "10.2.2.2"],
  ["2001:DB8::7", "2001:db8::7"],
  ["[2001:db8::7]:4711", "2001:db8::7"],
  ["203.0.113.7:4711", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::ffff:cb00:7107", "203.0.113.7"],
  ["2001:0db8:0:0::0007", "2001:db8::7"],
  ["unknown, 10.9.9.9", "10.9.9.9"],
  ["unknown", undefined],
  ["fe80::1%eth0", undefined],
  ["", undefined],
  [undefined, undefined],
];

for (const [header, expected] of FROM_PROXY) {
  Deno.test(`forwardedAddress() of a proxy that says ${JSON.stringify(header)}`, () => {
    assert.equal(forwardedAddress(header, "10.0.0.1", TRUSTED), expected);
  });
}

Deno.test("forwardedAddress() believes nobody but the configured proxies", () => {
  assert.equal(forwardedAddress("203.0.113.7", "192.0.2.1", TRUSTED), undefined);
  assert.equal(forwardedAddress("203.0.113.7", "10.0.0.1", []), undefined);
});

Deno.test("forwardedAddress() believes a proxy that comes by a Unix socket", () => {
  assert.equal(forwardedAddress("203.0.113.7", "", TRUSTED), "203.0.113.7");
  assert.equal(forwardedAddress("203.0.113.7", "", []), undefined);
});
