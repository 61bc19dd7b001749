/**
 * X.509 certificates as bytes (RFC 5280): what is to be certified goes in, signed PEM comes out.
 *
 * Owns the extensions and their criticality, and the serial numbers. Decides nothing about names and
 * times: `issue.ts` does. Loads the ASN.1 library, and is therefore itself loaded only when a
 * certificate is made. Invariant: no two certificates have the same serial number, which is positive.
 */

import {
  type AsnType,
  BitString,
  Boolean as AsnBoolean,
  Constructed,
  fromBER,
  GeneralizedTime,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Primitive,
  Sequence,
  Set as AsnSet,
  UTCTime,
  Utf8String,
} from "asn1js";
import { Buffer } from "node:buffer";
import { createHash, sign } from "node:crypto";
import { parseNetwork } from "../access/network.ts";
import { keyTypeOf, publicKeyBytes, toPem } from "./keys.ts";

/** What a certificate is for. */
export type Purpose = "ca" | "server" | "client";

/** What a certificate is to say. */
export interface Contents {
  readonly purpose: Purpose;
  /** The Common Name of the subject. */
  readonly commonName: string;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** The subject's key; only its public half goes into the certificate. */
  readonly key: string;
}

/** Who signs: a CA's certificate and key in PEM. Undefined: the subject itself. */
export interface Signer {
  readonly certificate: string;
  readonly key: string;
}

/** Object identifiers of RFC 5280, 5758 and 8017. */
const Oid = {
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  sha256WithRsa: "1.2.840.113549.1.1.11",
};

/** Key usages, as the bits of their first byte (RFC 5280 section 4.2.1.3). */
const DIGITAL_SIGNATURE = 0x80;
const KEY_ENCIPHERMENT = 0x20;
const KEY_CERT_SIGN = 0x04;
const CRL_SIGN = 0x02;

/** The class of tags that mean something in their place only. */
const CONTEXT_SPECIFIC = 3;
/** Tags of the alternatives of a GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const VERSION_3 = 2;
const SERIAL_BYTES = 16;
/** From here on, times are written with four digits for the year. */
const FIRST_LONG_YEAR = 2050;

/** Makes the certificate, signed with SHA-256, as PEM. */
export function signCertificate(contents: Contents, signer: Signer | undefined): string {
  const { commonName, notBeforeMs, notAfterMs, key } = contents;
  const issuer = signer === undefined ? undefined : subjectOf(signer.certificate);
  const subject = nameOf(commonName);
  const publicKey = publicKeyBytes(key);
  const signingKey = signer?.key ?? key;
  const issuerKey = publicKeyBytes(signingKey);
  const toBeSigned = new Sequence({
    value: [
      tagged(0, [new Integer({ value: VERSION_3 })]),
      new Integer({ valueHex: newSerialNumber() }),
      algorithmOf(signingKey),
      issuer ?? subject,
      new Sequence({ value: [timeOf(notBeforeMs), timeOf(notAfterMs)] }),
      subject,
      parse(publicKey),
      tagged(3, [new Sequence({ value: extensionsOf(contents, publicKey, issuerKey) })]),
    ],
  });
  const signature = sign("sha256", bytesOf(toBeSigned), signingKey);
  const certificate = new Sequence({
    value: [
      toBeSigned,
      algorithmOf(signingKey),
      new BitString({ valueHex: new Uint8Array(signature).buffer }),
    ],
  });
  return toPem("CERTIFICATE", bytesOf(certificate));
}

function extensionsOf(
  { purpose, names, key }: Contents,
  publicKey: Uint8Array<ArrayBuffer>,
  issuerKey: Uint8Array<ArrayBuffer>,
): Sequence[] {
  // A CA of ours signs certificates of servers and clients, and no other CA.
  const ca = [new AsnBoolean({ value: true }), new Integer({ value: 0 })];
  const constraints = new Sequence({ value: purpose === "ca" ? ca : [] });
  const use = purpose === "server" ? Oid.serverAuth : Oid.clientAuth;
  const extendedKeyUsage = new Sequence({ value: [new ObjectIdentifier({ value: use })] });
  const subjectKey = new OctetString({ valueHex: keyIdentifier(publicKey) });
  const authorityKey = new Sequence({ value: [implicit(0, keyIdentifier(issuerKey))] });
  const alternatives = new Sequence({ value: names.map(generalName) });
  return [
    extension(Oid.basicConstraints, constraints, true),
    extension(Oid.keyUsage, keyUsageOf(purpose, key), true),
    ...(purpose === "ca" ? [] : [extension(Oid.extendedKeyUsage, extendedKeyUsage)]),
    extension(Oid.subjectKeyIdentifier, subjectKey),
    extension(Oid.authorityKeyIdentifier, authorityKey),
    ...(names.length === 0 ? [] : [extension(Oid.subjectAltName, alternatives)]),
  ];
}

function keyUsageOf(purpose: Purpose, key: string): BitString {
  // Old devices encrypt to an RSA key in place of an exchange of their own.
  const ofOthers = DIGITAL_SIGNATURE | (keyTypeOf(key) === "rsa" ? KEY_ENCIPHERMENT : 0);
  const bits = purpose === "ca" ? KEY_CERT_SIGN | CRL_SIGN : ofOthers;
  const unusedBits = 31 - Math.clz32(bits & -bits);
  return new BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits });
}

/** What is not critical does not say so: that is the default, which DER leaves out. */
function extension(id: string, value: AsnType, isCritical = false): Sequence {
  return new Sequence({
    value: [
      new ObjectIdentifier({ value: id }),
      ...(isCritical ? [new AsnBoolean({ value: true })] : []),
      new OctetString({ valueHex: value.toBER() }),
    ],
  });
}

function generalName(name: string): Primitive {
  const address = parseNetwork(name)?.bytes;
  return address === undefined
    ? implicit(DNS_NAME, new TextEncoder().encode(name))
    : implicit(IP_ADDRESS, Uint8Array.from(address));
}

function nameOf(commonName: string): Sequence {
  const type = new ObjectIdentifier({ value: Oid.commonName });
  const attribute = new Sequence({ value: [type, new Utf8String({ value: commonName })] });
  return new Sequence({ value: [new AsnSet({ value: [attribute] })] });
}

/** An RSA signature has parameters, which are NULL; an ECDSA one has none. */
function algorithmOf(key: string): Sequence {
  const value = keyTypeOf(key) === "rsa"
    ? [new ObjectIdentifier({ value: Oid.sha256WithRsa }), new Null()]
    : [new ObjectIdentifier({ value: Oid.ecdsaWithSha256 })];
  return new Sequence({ value });
}

function timeOf(ms: number): UTCTime {
  const valueDate = new Date(ms);
  return valueDate.getUTCFullYear() < FIRST_LONG_YEAR
    ? new UTCTime({ valueDate })
    : new GeneralizedTime({ valueDate });
}

function tagged(tagNumber: number, value: AsnType[]): Constructed {
  return new Constructed({ idBlock: { tagClass: CONTEXT_SPECIFIC, tagNumber }, value });
}

function implicit(tagNumber: number, bytes: Uint8Array<ArrayBuffer>): Primitive {
  return new Primitive({ idBlock: { tagClass: CONTEXT_SPECIFIC, tagNumber }, valueHex: bytes });
}

/** The first method of RFC 5280 section 4.2.1.2, which everybody else uses as well. */
function keyIdentifier(publicKey: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bits = childrenOf(parse(publicKey))[1];
  if (!(bits instanceof BitString)) throw new Error("Cannot read a public key: it has no bits");
  return new Uint8Array(createHash("sha1").update(bits.valueBlock.valueHexView).digest());
}

/** Random, positive, and without the leading zeros that an INTEGER may not have. */
function newSerialNumber(): ArrayBuffer {
  const bytes = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  bytes[0] = (bytes[0] ?? 0) & 0x3f | 0x40;
  return bytes.buffer;
}

/** The subject as it stands in the certificate: an issuer's name must be the same, byte by byte. */
function subjectOf(pem: string): AsnType {
  const body = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(pem)?.[1] ?? "";
  const [toBeSigned] = childrenOf(parse(new Uint8Array(Buffer.from(body, "base64"))));
  // Version, serial number, algorithm, issuer and validity come before it.
  const subject = toBeSigned === undefined ? undefined : childrenOf(toBeSigned)[5];
  if (subject === undefined) throw new Error("Cannot read the certificate of the CA");
  return subject;
}

function parse(bytes: Uint8Array<ArrayBuffer>): AsnType {
  const { offset, result } = fromBER(bytes.buffer);
  if (offset < 0) throw new Error(`Cannot read a certificate or key: ${result.error}`);
  return result;
}

function childrenOf(value: AsnType): readonly AsnType[] {
  return value instanceof Constructed ? value.valueBlock.value : [];
}

function bytesOf(value: AsnType): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value.toBER());
}
