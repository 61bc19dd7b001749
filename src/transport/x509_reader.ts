/**
 * The parts of a certificate that `node:crypto` does not give, or not in a form that can be trusted:
 * names, serial number and extensions (RFC 5280 section 4.1).
 *
 * Owns the way to them through the ASN.1 library. Whoever needs it loads it late: only listeners that
 * ask for client certificates do.
 */

import { Buffer } from "node:buffer";
import {
  type AsnType,
  BaseStringBlock,
  Boolean as AsnBoolean,
  Constructed,
  fromBER,
  ObjectIdentifier,
  OctetString,
} from "asn1js";

export type { AsnType };

export interface CertificateParts {
  /** In hexadecimal. */
  readonly serialNumber: string;
  readonly issuer: AsnType;
  readonly subject: AsnType;
  readonly extensions: readonly CertificateExtension[];
}

export interface CertificateExtension {
  /** Object identifier, with dots. */
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

const CONTEXT_SPECIFIC = 3;

/** `der`: the bytes of one value, nothing after it. Throws an Error otherwise. */
export function parseAsn1(der: Uint8Array): AsnType {
  // A Buffer of Node is a part of memory that others use as well.
  const { offset, result } = fromBER(new Uint8Array(der));
  if (offset === der.length) return result;
  throw new Error(`Cannot decode ASN.1: ${offset < 0 ? result.error : "bytes after the end"}`);
}

/** The members of a sequence or set; none of anything else. */
export function childrenOf(value: AsnType | undefined): readonly AsnType[] {
  return value instanceof Constructed ? value.valueBlock.value : [];
}

/** The whole value as it was encoded, in hexadecimal: for comparison. */
export function hexOf(value: AsnType): string {
  return Buffer.from(value.valueBeforeDecodeView).toString("hex");
}

/** Undefined when it is not text. */
export function textOf(value: AsnType): string | undefined {
  return value instanceof BaseStringBlock ? value.getValue() : undefined;
}

/** An object identifier with dots; empty when it is not one. */
export function identifierOf(value: AsnType | undefined): string {
  return value instanceof ObjectIdentifier ? value.getValue() : "";
}

/** Reads a certificate. Throws an Error when it is not one. */
export function readCertificate(der: Uint8Array): CertificateParts {
  const [toBeSigned] = childrenOf(parseAsn1(der));
  const members = childrenOf(toBeSigned);
  // Version 1 does not say its version.
  const [serialNumber, , issuer, , subject] = isTagged(members[0], 0) ? members.slice(1) : members;
  if (serialNumber === undefined || issuer === undefined || subject === undefined) {
    throw new Error("Cannot decode certificate: it has no subject");
  }
  const tagged = members.find((member) => isTagged(member, 3));
  return {
    serialNumber: hexOf(serialNumber),
    issuer,
    subject,
    extensions: readExtensions(tagged),
  };
}

export function isTagged(value: AsnType | undefined, tagNumber: number): boolean {
  return value?.idBlock.tagClass === CONTEXT_SPECIFIC && value.idBlock.tagNumber === tagNumber;
}

/** `tagged`: what holds the list of extensions; none without it. */
export function readExtensions(tagged: AsnType | undefined): CertificateExtension[] {
  return childrenOf(childrenOf(tagged)[0]).map((extension) => {
    const [id, ...rest] = childrenOf(extension);
    const value = rest.at(-1);
    const [critical] = rest;
    return {
      id: identifierOf(id),
      isCritical: critical instanceof AsnBoolean && critical.getValue(),
      value: value instanceof OctetString ? new Uint8Array(value.getValue()) : NO_BYTES,
    };
  });
}

const NO_BYTES = new Uint8Array(0);
