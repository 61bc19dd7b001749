import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { makeCa } from "../../src/certificates/issue.ts";
import { RevocationList } from "../../src/transport/revocation_list.ts";
import { testCa, testClient, testServer } from "../support/certificates.ts";
import { DAY_MS, derOf, makeCrl } from "./tls_fixture.ts";

async function parse(text: string): Promise<RevocationList> {
  return RevocationList.parse(text, [new X509Certificate((await testCa()).certificate)]);
}

Deno.test("RevocationList refuses what was revoked, and nothing else of its issuer", async () => {
  const [revoked, other, valid] = [
    await testClient("stolen"),
    await testClient("lost"),
    await testClient("lamp"),
  ];
  const certificates = [revoked.certificate, other.certificate];
  const list = await parse(makeCrl(await testCa(), { revoked: certificates }));
  const refusals = [revoked, other, valid].map(({ certificate }) =>
    list.refusal(derOf(certificate), Date.now())
  );
  assert.deepEqual(refusals, ["it was revoked", "it was revoked", undefined]);
});

Deno.test("RevocationList of an RSA CA is read as well", async () => {
  const ca = await makeCa({ keyType: "rsa", commonName: "RSA CA" });
  const list = RevocationList.parse(makeCrl(ca), [new X509Certificate(ca.certificate)]);
  const { certificate } = await testServer();
  assert.equal(list.refusal(derOf(certificate), 0), "there is no CRL of its issuer");
});

Deno.test("RevocationList refuses everything once it is over, until there is a new one", async () => {
  const endMs = Math.floor(Date.now() / 1000) * 1000 + DAY_MS;
  const list = await parse(makeCrl(await testCa(), { nextUpdateMs: endMs }));
  assert.equal(list.nextUpdateMs, endMs);
  const der = derOf((await testClient("lamp")).certificate);
  assert.equal(list.refusal(der, endMs - 1), undefined);
  assert.equal(list.refusal(der, endMs), "the CRL of its issuer is over; a new one is needed");
});

Deno.test("RevocationList reads several lists of one file", async () => {
  const [ca, other] = [await testCa(), await makeCa({ commonName: "Other CA" })];
  const cas = [ca, other].map(({ certificate }) => new X509Certificate(certificate));
  const list = RevocationList.parse(makeCrl(other) + makeCrl(ca), cas);
  const { certificate } = await testClient("lamp");
  assert.equal(list.refusal(derOf(certificate), Date.now()), undefined);
});

Deno.test("RevocationList.parse() rejects a list that no CA of the listener has signed", async () => {
  const impostor = await makeCa({ commonName: "Test CA" });
  await assert.rejects(parse(makeCrl(impostor)), { message: "no CA of client_ca has signed it" });
  const stranger = await makeCa({ commonName: "Stranger" });
  await assert.rejects(parse(makeCrl(stranger)), { message: "no CA of client_ca has signed it" });
});

Deno.test("RevocationList.parse() rejects a list that may be only a part of one", async () => {
  const crl = makeCrl(await testCa(), { hasCriticalExtension: true });
  await assert.rejects(parse(crl), {
    message: "it has the critical extension 2.5.29.28, which is not understood",
  });
});

Deno.test("RevocationList.parse() rejects what is no list", async () => {
  await assert.rejects(parse((await testCa()).certificate), { message: "no CRL in PEM" });
  const wrong = (body: string) => `-----BEGIN X509 CRL-----\n${body}\n-----END X509 CRL-----`;
  await assert.rejects(parse(wrong("MAA=")), { message: "not a CRL" });
  await assert.rejects(parse(wrong("////")), { message: /^not a CRL: Cannot decode ASN\.1/ });
});

Deno.test("RevocationList takes several lists of one issuer together, in any order", async () => {
  const [ca, stolen, lamp] = [await testCa(), await testClient("stolen"), await testClient("lamp")];
  const nowMs = Date.now();
  const lists = [
    makeCrl(ca, { revoked: [stolen.certificate] }),
    makeCrl(ca, { nextUpdateMs: nowMs - DAY_MS / 2 }),
  ];
  for (const texts of [lists, lists.toReversed()]) {
    const list = await parse(texts.join(""));
    assert.deepEqual(
      [stolen, lamp].map(({ certificate }) => list.refusal(derOf(certificate), nowMs)),
      ["it was revoked", undefined],
    );
  }
});
