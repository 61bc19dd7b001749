/**
 * Certificates of a PEM file, and whether each one is signed by the next.
 *
 * Owns the reading for people: what cannot be read is an error's text. Loads the ASN.1 library, since
 * not every Deno tells issuers and names.
 */

import { messageOf } from "../error_text.ts";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { namesOf } from "../transport/certificate_names.ts";
import { hexOf, readCertificate } from "../transport/x509_reader.ts";

export interface ChainLink {
  readonly pem: string;
  readonly certificate: X509Certificate;
  /** Unix milliseconds. */
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** DER in hexadecimal, for comparison. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string | undefined;
  /** "DNS:a.example", "IP Address:192.168.1.5". */
  readonly alternativeNames: readonly string[];
}

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** In the order of the file. Throws an Error that says which one cannot be read. */
export function readChain(pem: string): ChainLink[] {
  return (pem.match(CERTIFICATE) ?? []).map((block, index, all) => {
    try {
      return readLink(block);
    } catch (error) {
      const which = all.length === 1 ? "the certificate" : `certificate ${index + 1}`;
      const reason = messageOf(error);
      throw new Error(`${which} in it cannot be read: ${reason}`);
    }
  });
}

function readLink(block: string): ChainLink {
  const certificate = new X509Certificate(block);
  // Deno 2.4 does not give the bytes back.
  const der = new Uint8Array(Buffer.from(block.replace(/-----[^-]+-----/g, ""), "base64"));
  const { subject, issuer } = readCertificate(der);
  const { commonName, subjectAltNames } = namesOf(der);
  return {
    pem: block,
    certificate,
    startsAtMs: Date.parse(certificate.validFrom),
    endsAtMs: Date.parse(certificate.validTo),
    subject: hexOf(subject),
    issuer: hexOf(issuer),
    commonName,
    alternativeNames: subjectAltNames,
  };
}

export function isSelfSigned({ subject, issuer }: ChainLink): boolean {
  return subject === issuer;
}

/** The first place, from 0, after which the next one is not who signed it; undefined: none. */
export function brokenAfter(chain: readonly ChainLink[]): number | undefined {
  const index = chain.findIndex(({ issuer }, at) => {
    const next = chain[at + 1];
    return next !== undefined && next.subject !== issuer;
  });
  return index < 0 ? undefined : index;
}

/** Whether the certificate is for a name or address; a "*" stands for one label. */
export function isFor({ alternativeNames }: ChainLink, name: string): boolean {
  return alternativeNames.some((entry) => {
    const [, kind, value = ""] = /^(DNS|IP Address):(.*)$/.exec(entry) ?? [];
    if (kind === "IP Address") return shortAddress(value) === shortAddress(name);
    if (kind !== "DNS") return false;
    const [certified, wanted] = [value.toLowerCase(), name.toLowerCase()];
    return certified === wanted ||
      (certified.startsWith("*.") && certified.slice(1) === wanted.replace(/^[^.]+/, ""));
  });
}

/** IPv6 addresses have many spellings. */
export function shortAddress(text: string): string {
  return text.includes(":") && URL.canParse(`http://[${text}]`)
    ? new URL(`http://[${text}]`).hostname.slice(1, -1)
    : text;
}
