import assert from "node:assert/strict";
import {
  hostNames,
  mergeNames,
  missingNames,
  normalizeName,
  thisHost,
} from "../../src/certificates/host_names.ts";

function system(hostname: string, addresses: string[] = []) {
  return { hostname: () => hostname, addresses: () => addresses };
}

Deno.test("a host is known by its name, in its network, as localhost, and by its addresses", () => {
  const addresses = [
    "127.0.0.1",
    "::1",
    "192.168.1.7",
    "169.254.3.4",
    "fe80::1%eth0",
    "fd00:0:0::00A7",
    "0.0.0.0",
    "::",
  ];
  assert.deepEqual(hostNames(system("Garden", addresses)), [
    "garden",
    "garden.local",
    "localhost",
    "192.168.1.7",
    "127.0.0.1",
    "fd00::a7",
    "::1",
  ]);
});

Deno.test("a host with a domain is known with it and without it", () => {
  const always = ["localhost", "127.0.0.1", "::1"];
  assert.deepEqual(hostNames(system("pi.lan")), ["pi.lan", "pi", "pi.local", ...always]);
  for (const name of ["localhost", "not a name", "", "10.0.0.1"]) {
    assert.deepEqual(hostNames(system(name)), always);
  }
});

Deno.test("this host has a loopback address", () => {
  assert.equal(thisHost.addresses().includes("127.0.0.1"), true);
  assert.equal(hostNames().includes("localhost"), true);
});

Deno.test("names are spelt as certificates want them, or refused", () => {
  const cases: [string, string | undefined][] = [
    ["Pi.Local.", "pi.local"],
    ["my_host-1", "my_host-1"],
    ["*.example.org", "*.example.org"],
    ["b\u00fccher.example", "xn--bcher-kva.example"],
    ["10.0.0.1", "10.0.0.1"],
    ["[FD00::0001]", "fd00::1"],
    ["::1", "::1"],
    ["10.0.0.300", undefined],
    ["fe80::1%eth0", undefined],
    ["a..b", undefined],
    ["-a", undefined],
    ["a-", undefined],
    ["a b", undefined],
    ["a/b", undefined],
    ["", undefined],
    ["*", undefined],
    ["a.*.b", undefined],
    ["x".repeat(64), undefined],
    [Array(64).fill("xxx").join("."), undefined],
  ];
  assert.deepEqual(cases.map(([text]) => [text, normalizeName(text)]), cases);
});

Deno.test("names are merged once each, with the addresses at the end", () => {
  assert.deepEqual(mergeNames(["a", "::1", "10.0.0.1"], ["a", undefined, "b"]), [
    "a",
    "b",
    "10.0.0.1",
    "::1",
  ]);
});

Deno.test("a name that is gone or an IPv6 address that was found is no reason to renew", () => {
  const certified = ["old", "pi", "10.0.0.1", "fd00::1"];
  assert.deepEqual(missingNames(certified, ["pi", "10.0.0.1", "fd00::2"], []), []);
  assert.deepEqual(missingNames(certified, ["new", "10.0.0.2", "fd00::2"], ["fd00::3"]), [
    "new",
    "10.0.0.2",
    "fd00::3",
  ]);
});
