/**
 * Certificates of a PEM file, and whether each one is signed by the next.
 */

import assert from "node:assert/strict";
import {
  brokenAfter,
  isFor,
  isSelfSigned,
  readChain,
  shortAddress,
} from "../../src/check/certificate_chain.ts";
import { makeCa } from "../../src/certificates/issue.ts";
import { checkCa, DAY_MS, server } from "./certificate_fixture.ts";
import { NOW_MS } from "./fake_machine.ts";

Deno.test("readChain() reads names and times, in the order of the file", async () => {
  const leaf = await server({ names: ["a.example", "10.0.0.1"], days: 3 });
  const [first, second, ...more] = readChain(leaf.certificate + (await checkCa()).certificate);
  assert.equal(more.length, 0);
  assert.equal(first?.commonName, "a.example");
  assert.deepEqual(first?.alternativeNames, ["DNS:a.example", "IP Address:10.0.0.1"]);
  assert.ok(first.startsAtMs <= NOW_MS && first.endsAtMs > NOW_MS + 2 * DAY_MS);
  assert.ok(second !== undefined && isSelfSigned(second) && !isSelfSigned(first));
});

Deno.test("readChain() says which certificate cannot be read", async () => {
  const bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  assert.throws(() => readChain(bad), /^Error: the certificate in it cannot be read: /);
  const { certificate } = await checkCa();
  assert.throws(() => readChain(certificate + bad), /^Error: certificate 2 in it cannot be read: /);
  assert.deepEqual(readChain("nothing"), []);
});

Deno.test("brokenAfter() finds where a chain is not in order", async () => {
  const [leaf, ca] = [(await server()).certificate, (await checkCa()).certificate];
  const other = (await makeCa({ commonName: "Other" })).certificate;
  const chains = [leaf, leaf + ca, leaf + other, ca + leaf, leaf + ca + other];
  assert.deepEqual(chains.map((chain) => brokenAfter(readChain(chain))), [
    undefined,
    undefined,
    0,
    0,
    1,
  ]);
});

Deno.test("isFor() compares names without case, addresses in any spelling, and one label for a star", async () => {
  const names = ["Pi4.local", "*.home.example", "10.0.0.1", "fd00::1"];
  const [leaf] = readChain((await server({ names })).certificate);
  assert.ok(leaf !== undefined);
  const asked = ["pi4.LOCAL", "a.home.example", "10.0.0.1", "fd00:0::1"];
  assert.deepEqual(asked.map((name) => isFor(leaf, name)), [true, true, true, true]);
  const others = ["local", "home.example", "a.b.home.example", "10.0.0.2", "fd00::2"];
  assert.deepEqual(others.map((name) => isFor(leaf, name)), [false, false, false, false, false]);
});

Deno.test("shortAddress() has one spelling for an IPv6 address", () => {
  assert.deepEqual(["0:0:0:0:0:0:0:1", "10.0.0.1", "a.example"].map(shortAddress), [
    "::1",
    "10.0.0.1",
    "a.example",
  ]);
});
