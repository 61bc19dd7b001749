/**
 * The names in a client's certificate: common name, subject, alternative names.
 *
 * Owns their spelling as text (RFC 2253, RFC 5280 section 4.2.1.6). They are read from the DER bytes:
 * the texts that the platform makes of a certificate do not tell a line break in a name from the
 * next name, and a name decides who somebody is.
 */

import { Buffer } from "node:buffer";
import type { ClientCertificate } from "../access/login_method.ts";
import {
  type AsnType,
  childrenOf,
  hexOf,
  identifierOf,
  parseAsn1,
  readCertificate,
  textOf,
} from "./x509_reader.ts";

/** The short names of RFC 2253 section 2.3, and two that OpenSSL writes as well. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "serialNumber"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "street"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["1.2.840.113549.1.9.1", "emailAddress"],
]);

const COMMON_NAME = "2.5.4.3";
const SUBJECT_ALT_NAME = "2.5.29.17";

/** What alternative names are called, by their tag; those that are text. */
const TEXT_ALTERNATIVES: ReadonlyMap<number, string> = new Map([
  [1, "email"],
  [2, "DNS"],
  [6, "URI"],
]);
const IP_ADDRESS = 7;

/** Reads a certificate in DER. Throws an Error when it is not one. */
export function namesOf(der: Uint8Array): ClientCertificate {
  const { subject, extensions } = readCertificate(der);
  const alternatives = extensions.find(({ id }) => id === SUBJECT_ALT_NAME);
  const names = alternatives === undefined ? [] : childrenOf(parseAsn1(alternatives.value));
  return {
    commonName: commonNameOf(subject),
    subject: subjectText(subject),
    subjectAltNames: names.map(alternativeText).filter((text) => text !== undefined),
  };
}

/** The most specific one, which is the last. */
function commonNameOf(subject: AsnType): string | undefined {
  const attributes = childrenOf(subject).flatMap(childrenOf).map(childrenOf);
  const last = attributes.findLast(([type]) => identifierOf(type) === COMMON_NAME);
  return last?.[1] === undefined ? undefined : textOf(last[1]);
}

/** The last name comes first, as in "CN=lamp,O=home". */
function subjectText(subject: AsnType): string {
  return [...childrenOf(subject)].reverse()
    .map((names) => childrenOf(names).map(attributeText).join("+"))
    .join(",");
}

function attributeText(attribute: AsnType): string {
  const [type, value] = childrenOf(attribute);
  const identifier = identifierOf(type);
  const name = SHORT_NAMES.get(identifier);
  const text = value === undefined ? "" : textOf(value);
  if (name !== undefined && text !== undefined) return `${name}=${escapeValue(text)}`;
  // What has no name, or is no text, is written as its bytes.
  return `${name ?? identifier}=#${value === undefined ? "" : hexOf(value)}`;
}

/** RFC 2253 section 2.4. Control characters are written as bytes, so that they cannot mislead. */
function escapeValue(text: string): string {
  return text
    .replace(/[,+"\\<>;]/g, "\\$&")
    .replace(/^[ #]|(?<!^) $/g, "\\$&")
    .replace(/\p{Cc}/gu, (sign) => {
      const bytes = Buffer.from(sign).toString("hex").toUpperCase();
      return bytes.replace(/../g, "\\$&");
    });
}

/** Undefined for kinds of names that have no usual text. */
function alternativeText(name: AsnType): string | undefined {
  const { tagNumber } = name.idBlock;
  const { length } = name.valueBeforeDecodeView;
  const content = name.valueBeforeDecodeView.subarray(length - name.lenBlock.length);
  if (tagNumber === IP_ADDRESS) return `IP Address:${ipText(content)}`;
  const kind = TEXT_ALTERNATIVES.get(tagNumber);
  return kind === undefined ? undefined : `${kind}:${new TextDecoder("latin1").decode(content)}`;
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const hex = Buffer.from(bytes).toString("hex");
  return (hex.match(/.{4}/g) ?? []).map((group) => parseInt(group, 16).toString(16)).join(":");
}
