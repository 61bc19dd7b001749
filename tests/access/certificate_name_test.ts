import assert from "node:assert/strict";
import { certificateName, nameInWords } from "../../src/access/certificate_name.ts";
import type { CertificateIdentity } from "../../src/access/login_method.ts";
import { loginOrigin } from "./login_request.ts";

const IDENTITIES: readonly CertificateIdentity[] = ["none", "common_name", "subject", "san"];

function names(commonName: string | undefined, subject: string, subjectAltNames: string[]) {
  const certificate = { commonName, subject, subjectAltNames };
  return IDENTITIES.map((identity) =>
    certificateName(loginOrigin({ tls: { identity } }, { certificate }))
  );
}

Deno.test("certificateName() is what the listener names of the certificate", () => {
  assert.deepEqual(names("lamp", "CN=lamp,O=home", ["DNS:lamp.home", "DNS:other"]), [
    undefined,
    "lamp",
    "CN=lamp,O=home",
    "lamp.home",
  ]);
});

Deno.test("certificateName() takes the kind of a subject alternative name off, and nothing else", () => {
  const sans = ["lamp", "email:a@b", "URI:urn:lamp", "IP Address:192.0.2.1", "x:y"];
  assert.deepEqual(sans.map((san) => names("c", "s", [san])[3]), [
    "lamp",
    "a@b",
    "urn:lamp",
    "192.0.2.1",
    "x:y",
  ]);
});

Deno.test("certificateName() is undefined for a name that is not there or empty", () => {
  assert.deepEqual(names(undefined, "", []), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(names("", "", [""]), [undefined, undefined, undefined, undefined]);
  const withoutCertificate = loginOrigin({ tls: { identity: "common_name" } });
  assert.equal(certificateName(withoutCertificate), undefined);
  const withoutTls = loginOrigin({}, {
    certificate: { commonName: "lamp", subject: "CN=lamp", subjectAltNames: [] },
  });
  assert.equal(certificateName(withoutTls), undefined);
});

Deno.test("nameInWords() says what is missing", () => {
  assert.deepEqual(IDENTITIES.map(nameInWords), [
    "subject",
    "common name",
    "subject",
    "subject alternative name",
  ]);
});
