import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import {
  childrenOf,
  hexOf,
  identifierOf,
  parseAsn1,
  readCertificate,
  textOf,
} from "../../src/transport/x509_reader.ts";
import { testCa, testClient } from "../support/certificates.ts";
import { derOf } from "./tls_fixture.ts";

Deno.test("readCertificate() reads the same serial number as the platform, and the names' bytes", async () => {
  const { certificate } = await testClient("lamp");
  const parts = readCertificate(derOf(certificate));
  const { serialNumber } = new X509Certificate(certificate);
  assert.equal(parts.serialNumber, `0210${serialNumber.toLowerCase()}`);
  const ca = readCertificate(derOf((await testCa()).certificate));
  assert.equal(hexOf(parts.issuer), hexOf(ca.subject));
  assert.notEqual(hexOf(parts.subject), hexOf(ca.subject));
});

Deno.test("readCertificate() reads which extensions are critical", async () => {
  const { certificate } = await testClient("lamp");
  const { extensions } = readCertificate(derOf(certificate));
  assert.deepEqual(extensions.map(({ id, isCritical }) => [id, isCritical]), [
    ["2.5.29.19", true],
    ["2.5.29.15", true],
    ["2.5.29.37", false],
    ["2.5.29.14", false],
    ["2.5.29.35", false],
  ]);
  assert.equal(Buffer.from(extensions[1]?.value ?? []).toString("hex"), "03020780");
});

Deno.test("parseAsn1() rejects what is cut off, and what goes on after the end", async () => {
  const der = derOf((await testCa()).certificate);
  assert.throws(() => parseAsn1(der.subarray(0, -1)), /^Error: Cannot decode ASN\.1: /);
  assert.throws(() => parseAsn1(Uint8Array.of(5, 0, 0)), {
    message: "Cannot decode ASN.1: bytes after the end",
  });
});

Deno.test("readCertificate() rejects what is no certificate", () => {
  assert.throws(() => readCertificate(Uint8Array.of(0x30, 0)), {
    message: "Cannot decode certificate: it has no subject",
  });
});

Deno.test("childrenOf(), textOf() and identifierOf() give nothing of other kinds of values", () => {
  const nothing = parseAsn1(Uint8Array.of(5, 0));
  assert.deepEqual(childrenOf(nothing), []);
  assert.equal(textOf(nothing), undefined);
  assert.equal(identifierOf(nothing), "");
  const [text] = childrenOf(parseAsn1(Uint8Array.of(0x30, 4, 0x0c, 2, 0xc3, 0xa4)));
  assert.equal(text === undefined ? "" : textOf(text), "\u00e4");
});
