import assert from "node:assert/strict";
import {
  type AsnType,
  BmpString,
  Constructed,
  IA5String,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Primitive,
  PrintableString,
  Sequence,
  Set as AsnSet,
  Utf8String,
} from "asn1js";
import { namesOf } from "../../src/transport/certificate_names.ts";
import { testClient, testServer } from "../support/certificates.ts";
import { derOf } from "./tls_fixture.ts";
import { latin1 } from "./fake_inner.ts";

const CN = "2.5.4.3";
const O = "2.5.4.10";
const C = "2.5.4.6";

type Attribute = [string, AsnType];

function sequence(...value: AsnType[]): Sequence {
  return new Sequence({ value });
}

function utf8(value: string): AsnType {
  return new Utf8String({ value });
}

/** A certificate with this subject, a set of attributes for each place; it is signed by nobody. */
function certificate(subject: Attribute[][], alternatives: AsnType[] = []): Uint8Array {
  const names = subject.map((attributes) =>
    new AsnSet({
      value: attributes.map(([type, value]) =>
        sequence(new ObjectIdentifier({ value: type }), value)
      ),
    })
  );
  const extension = sequence(
    new ObjectIdentifier({ value: "2.5.29.17" }),
    new OctetString({ valueHex: sequence(...alternatives).toBER() }),
  );
  const extensions = new Constructed({
    idBlock: { tagClass: 3, tagNumber: 3 },
    value: [sequence(extension)],
  });
  const version = new Constructed({
    idBlock: { tagClass: 3, tagNumber: 0 },
    value: [new Integer({ value: 2 })],
  });
  const empty = () => sequence();
  const toBeSigned = sequence(
    ...[version, new Integer({ value: 7 }), empty(), empty(), empty(), sequence(...names)],
    ...[empty(), extensions],
  );
  return new Uint8Array(sequence(toBeSigned).toBER());
}

function alternative(tagNumber: number, content: Uint8Array<ArrayBuffer>): AsnType {
  return new Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex: content });
}

Deno.test("namesOf() reads certificates as `broker cert` makes them", async () => {
  assert.deepEqual(namesOf(derOf((await testClient("lamp")).certificate)), {
    commonName: "lamp",
    subject: "CN=lamp",
    subjectAltNames: [],
  });
  assert.deepEqual(namesOf(derOf((await testServer()).certificate)), {
    commonName: "localhost",
    subject: "CN=localhost",
    subjectAltNames: ["DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"],
  });
});

Deno.test("namesOf() writes the subject as in RFC 2253, the last name first", () => {
  const { commonName, subject } = namesOf(certificate([
    [[C, new PrintableString({ value: "DE" })]],
    [[O, utf8("Home, Inc")], ["2.5.4.11", utf8("a+b")]],
    [[CN, utf8('lamp "1"')]],
  ]));
  assert.equal(commonName, 'lamp "1"');
  assert.equal(subject, 'CN=lamp \\"1\\",O=Home\\, Inc+OU=a\\+b,C=DE');
});

Deno.test("namesOf() escapes what would change the meaning of a subject", () => {
  const subjectOf = (name: string) => namesOf(certificate([[[CN, utf8(name)]]])).subject;
  assert.equal(subjectOf("a\\b;<>"), "CN=a\\\\b\\;\\<\\>");
  assert.equal(subjectOf(" a b "), "CN=\\ a b\\ ");
  assert.equal(subjectOf("#1"), "CN=\\#1");
  assert.equal(subjectOf(" "), "CN=\\ ");
  assert.equal(subjectOf("a\nCN=admin"), "CN=a\\0ACN=admin");
});

Deno.test("namesOf() takes no part of another name for the common name", () => {
  const { commonName } = namesOf(certificate([[[O, utf8("x\nCN=admin")]], [[CN, utf8("guest")]]]));
  assert.equal(commonName, "guest");
  assert.equal(namesOf(certificate([[[O, utf8("CN=admin")]]])).commonName, undefined);
});

Deno.test("namesOf() takes the most specific of several common names", () => {
  const names = certificate([[[CN, utf8("group")]], [[CN, new BmpString({ value: "lamp" })]]]);
  assert.equal(namesOf(names).commonName, "lamp");
});

Deno.test("namesOf() writes as bytes what has no name or is no text", () => {
  const names = certificate([[["1.2.3.4", utf8("a")]], [[CN, new Null()]]]);
  assert.deepEqual(namesOf(names), {
    commonName: undefined,
    subject: "CN=#0500,1.2.3.4=#0c0161",
    subjectAltNames: [],
  });
});

Deno.test("namesOf() names the kind of each alternative name, and leaves out unknown kinds", () => {
  const der = certificate([], [
    alternative(2, latin1("lamp.home")),
    alternative(1, latin1("lamp@home")),
    alternative(6, latin1("urn:dev:1")),
    alternative(7, Uint8Array.of(192, 0, 2, 1)),
    alternative(8, Uint8Array.of(0x2a)),
    alternative(2, latin1("")),
  ]);
  assert.deepEqual(namesOf(der), {
    commonName: undefined,
    subject: "",
    subjectAltNames: [
      "DNS:lamp.home",
      "email:lamp@home",
      "URI:urn:dev:1",
      "IP Address:192.0.2.1",
      "DNS:",
    ],
  });
});

Deno.test("namesOf() rejects what is no certificate", () => {
  assert.throws(() => namesOf(new Uint8Array(new IA5String({ value: "no" }).toBER())), {
    message: "Cannot decode certificate: it has no subject",
  });
});
