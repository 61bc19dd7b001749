import assert from "node:assert/strict";
import {
  MAX_V1_BYTES,
  MAX_V2_BYTES,
  parseProxyHeader,
  type ProxySource,
} from "../../src/transport/proxy_header.ts";
import { HandshakeError } from "../../src/transport/transport.ts";
import { concat, latin1 } from "./fake_inner.ts";

const SIGNATURE = latin1("\r\n\r\n\0\r\nQUIT\n");

/** A header of version 2; by default for TCP over IPv4. */
function version2(
  body: readonly number[],
  { versionAndCommand = 0x21, family = 0x11, length = body.length } = {},
): Uint8Array<ArrayBuffer> {
  const fixed = [versionAndCommand, family, length >> 8, length & 255];
  return concat(SIGNATURE, Uint8Array.from(fixed), Uint8Array.from(body));
}

const IPV4 = [203, 0, 113, 7, 192, 0, 2, 1, 0x15, 0xb3, 0x07, 0x5b];
const IPV6 = [
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8],
  ...[0x15, 0xb3, 0x07, 0x5b],
];

const VALID: [string, Uint8Array, ProxySource | undefined][] = [
  ["TCP4", latin1("PROXY TCP4 203.0.113.7 192.0.2.1 5555 1883\r\n"), {
    address: "203.0.113.7",
    port: 5555,
  }],
  ["TCP6", latin1("PROXY TCP6 2001:DB8:0:0::7 2001:db8::8 5555 1883\r\n"), {
    address: "2001:db8::7",
    port: 5555,
  }],
  ["TCP6 with a mapped address", latin1("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 65535\r\n"), {
    address: "203.0.113.7",
    port: 1,
  }],
  ["UNKNOWN", latin1("PROXY UNKNOWN\r\n"), undefined],
  ["UNKNOWN with words", latin1("PROXY UNKNOWN ffff::1 whatever 1 2\r\n"), undefined],
  ["version 2, IPv4", version2(IPV4), { address: "203.0.113.7", port: 5555 }],
  ["version 2, UDP over IPv4", version2(IPV4, { family: 0x12 }), {
    address: "203.0.113.7",
    port: 5555,
  }],
  ["version 2, IPv6", version2(IPV6, { family: 0x21 }), { address: "2001:db8::7", port: 5555 }],
  ["version 2, Unix socket", version2(new Array(216).fill(65), { family: 0x31 }), {
    address: "",
    port: 0,
  }],
  ["version 2, unspecified", version2([1, 2, 3], { family: 0 }), undefined],
  ["version 2, LOCAL", version2([], { versionAndCommand: 0x20, family: 0 }), undefined],
  ["version 2, LOCAL with addresses", version2(IPV4, { versionAndCommand: 0x20 }), undefined],
  ["version 2 with other values", version2([...IPV4, 4, 0, 2, 0, 0, 0x20, 0, 1, 9]), {
    address: "203.0.113.7",
    port: 5555,
  }],
  ["version 2 as long as may be", version2([...IPV4, ...new Array(508).fill(4)]), {
    address: "203.0.113.7",
    port: 5555,
  }],
];

for (const [name, header, source] of VALID) {
  Deno.test(`parseProxyHeader() reads ${name}, whatever follows it`, () => {
    const expected = { length: header.length, source };
    assert.deepEqual(parseProxyHeader(header), expected);
    assert.deepEqual(parseProxyHeader(concat(header, latin1("\x10\x0c\r\nmore"))), expected);
  });

  Deno.test(`parseProxyHeader() waits for the rest of ${name}, however it is cut`, () => {
    for (let end = 0; end < header.length; end++) {
      assert.equal(parseProxyHeader(header.subarray(0, end)), undefined, `${end} bytes`);
    }
  });
}

const INVALID: [string, Uint8Array, RegExp][] = [
  ["MQTT", Uint8Array.of(0x10, 12, 0, 4), /does not begin with one/],
  ["TLS", Uint8Array.of(0x16, 3, 1), /does not begin with one/],
  ["another word", latin1("PROXIES"), /does not begin with one/],
  ["a broken signature", latin1("\r\n\r\n\0\r\nQUIT\r"), /does not begin with one/],
  ["a bare line feed", latin1("PROXY UNKNOWN\n"), /no CR before LF/],
  ["no end", latin1(`PROXY UNKNOWN ${"x".repeat(100)}`), /no end in 107 bytes/],
  ["an unknown family", latin1("PROXY UDP4 203.0.113.7 192.0.2.1 1 2\r\n"), /not a line/],
  ["UNKNOWN with more letters", latin1("PROXY UNKNOWNS\r\n"), /not a line/],
  ["too few words", latin1("PROXY TCP4 203.0.113.7 192.0.2.1 1\r\n"), /not a line/],
  ["too many spaces", latin1("PROXY TCP4 203.0.113.7  192.0.2.1 1 2\r\n"), /not a line/],
  ["an address of the other family", latin1("PROXY TCP4 ::1 ::1 1 2\r\n"), /not a line/],
  ["a zone", latin1("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"), /not a line/],
  ["a port that is too large", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"), /not a line/],
  ["a port with a zero before it", latin1("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"), /not a line/],
  ["version 3", version2(IPV4, { versionAndCommand: 0x31 }), /version and command are 0x31/],
  ["an unknown command", version2(IPV4, { versionAndCommand: 0x22 }), /command are 0x22/],
  ["an unknown address family", version2(IPV4, { family: 0x41 }), /unknown address family 4/],
  ["an unknown transport", version2(IPV4, { family: 0x13 }), /unknown address family 1/],
  ["too few bytes of addresses", version2(IPV4.slice(1)), /11 bytes for addresses, 12 needed/],
  ["too many bytes", version2([], { length: 521 }), /537 bytes announced, allowed are 536/],
];

for (const [name, header, message] of INVALID) {
  Deno.test(`parseProxyHeader() rejects ${name}`, () => {
    assert.throws(() => parseProxyHeader(header), (error) => {
      assert(error instanceof HandshakeError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseProxyHeader() knows the longest headers of the specification", () => {
  assert.deepEqual([MAX_V1_BYTES, MAX_V2_BYTES], [107, 536]);
  const line = `PROXY UNKNOWN ${"x".repeat(MAX_V1_BYTES - 16)}\r\n`;
  assert.equal(parseProxyHeader(latin1(line))?.length, MAX_V1_BYTES);
});
