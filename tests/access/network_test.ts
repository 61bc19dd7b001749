/**
 * CIDR ranges at their first and last address and just outside, and what is no range.
 */

import assert from "node:assert/strict";
import { networkContains, parseNetwork } from "../../src/access/network.ts";

/** A network, addresses that are in it, and some that are not. */
const TABLE: [string, string[], string[]][] = [
  ["192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.6", "192.0.2.8", "::192.0.2.7"]],
  ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0", ""]],
  ["10.9.8.7/8", ["10.0.0.0"], ["11.0.0.0"]],
  ["192.168.4.0/22", ["192.168.4.0", "192.168.7.255"], ["192.168.3.255", "192.168.8.0"]],
  ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::FFFF:1.2.3.4"], ["::1", "", "localhost"]],
  ["::/0", ["::", "ffff::1", "1:2:3:4:5:6:7:8"], ["1.2.3.4", "::ffff:1.2.3.4", "x"]],
  ["fd00::/8", ["fd00::", "fdff::1", "fd12::3%eth0"], ["fc00::", "fe00::"]],
  ["2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1"]],
  ["2001:DB8::1", ["2001:db8:0:0:0:0:0:1", "2001:db8::0.0.0.1"], ["2001:db8::2"]],
  ["::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.1.2.3"]],
  ["::ffff:0a01:0203", ["10.1.2.3"], ["10.1.2.4"]],
];

for (const [text, inside, outside] of TABLE) {
  Deno.test(`networkContains() knows who is in ${text}`, () => {
    const network = parseNetwork(text);
    assert.ok(network);
    const found = [...inside, ...outside].filter((address) => networkContains(network, address));
    assert.deepEqual(found, inside);
  });
}

Deno.test("parseNetwork() reads nothing but addresses and CIDR ranges", () => {
  const others = ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "a", "/8"];
  const more = ["10.0.0.0/8/8", "fe80::1%eth0", "256.0.0.1", "1::2::3", " 10.0.0.1", "10.0.0.0/8 "];
  assert.deepEqual([...others, ...more].filter((text) => parseNetwork(text) !== undefined), []);
});
