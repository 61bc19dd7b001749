/**
 * Certificate revocation lists (RFC 5280 section 5): which certificates of clients count no more.
 *
 * Owns their reading and their use. `node:tls` of Deno ignores its option `crl`, so this is asked
 * after the handshake. As in OpenSSL, a certificate is refused when there is no list of its issuer,
 * or only one that is over: otherwise whoever holds back a new list un-revokes.
 */

import { messageOf } from "../error_text.ts";
import { BitString, UTCTime } from "asn1js";
import { Buffer } from "node:buffer";
import { verify, type X509Certificate } from "node:crypto";
import {
  type AsnType,
  childrenOf,
  hexOf,
  identifierOf,
  isTagged,
  parseAsn1,
  readCertificate,
  readExtensions,
} from "./x509_reader.ts";

/** The hash of each signature algorithm (RFC 5758, 8017, 8410); undefined: it has its own. */
const HASHES: ReadonlyMap<string, string | undefined> = new Map([
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.3.101.112", undefined],
]);

/** Extensions of a list that do not change what it means: its number, the key of its issuer. */
const HARMLESS_EXTENSIONS = ["2.5.29.20", "2.5.29.35"];

const CRL = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;

interface IssuerList {
  /** Serial numbers in hexadecimal. */
  readonly serials: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly nextUpdateMs: number;
}

/** The parts of a list that is signed. */
interface SignedList {
  readonly signed: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
  readonly issuer: AsnType;
  readonly entries: readonly AsnType[];
  readonly nextUpdateMs: number;
}

export class RevocationList {
  /** By the name of the issuer, DER in hexadecimal. */
  readonly #issuers: ReadonlyMap<string, IssuerList>;
  /** When the first of the lists is over; milliseconds since 1970. */
  readonly nextUpdateMs: number;

  private constructor(issuers: ReadonlyMap<string, IssuerList>) {
    this.#issuers = issuers;
    this.nextUpdateMs = Math.min(...[...issuers.values()].map((list) => list.nextUpdateMs));
  }

  /** Reads PEM with one list or more, each signed by one of `cas`. Throws an Error for people. */
  static parse(text: string, cas: readonly X509Certificate[]): RevocationList {
    const blocks = [...text.matchAll(CRL)];
    if (blocks.length === 0) throw new Error("no CRL in PEM");
    const issuers = new Map<string, IssuerList>();
    for (const [, body = ""] of blocks) {
      const list = readList(new Uint8Array(Buffer.from(body, "base64")));
      checkSignature(list, cas);
      const issuer = hexOf(list.issuer);
      issuers.set(issuer, joined(issuers.get(issuer), list));
    }
    return new RevocationList(issuers);
  }

  /** Why the certificate (DER) is refused; undefined when it is not. */
  refusal(certificate: Uint8Array, nowMs: number): string | undefined {
    const { issuer, serialNumber } = readCertificate(certificate);
    const list = this.#issuers.get(hexOf(issuer));
    if (list === undefined) return "there is no CRL of its issuer";
    if (list.nextUpdateMs <= nowMs) return "the CRL of its issuer is over; a new one is needed";
    return list.serials.has(serialNumber) ? "it was revoked" : undefined;
  }
}

/** Of several lists of one issuer, none takes back what another one says. */
function joined(before: IssuerList | undefined, list: SignedList): IssuerList {
  const serials = list.entries.map((entry) => childrenOf(entry)[0])
    .filter((serial) => serial !== undefined).map(hexOf);
  return {
    serials: new Set([...before?.serials ?? [], ...serials]),
    nextUpdateMs: Math.max(before?.nextUpdateMs ?? -Infinity, list.nextUpdateMs),
  };
}

function readList(der: Uint8Array): SignedList {
  let root: AsnType;
  try {
    root = parseAsn1(der);
  } catch (error) {
    throw new Error(`not a CRL: ${messageOf(error)}`);
  }
  const [toBeSigned, algorithm, signature] = childrenOf(root);
  const members = childrenOf(toBeSigned);
  // Version 1 does not say its version. Times and the entries may be missing.
  const start = identifierOf(childrenOf(members[0])[0]) === "" ? 1 : 0;
  const [, issuer, , ...rest] = members.slice(start);
  if (toBeSigned === undefined || issuer === undefined || !(signature instanceof BitString)) {
    throw new Error("not a CRL");
  }
  refuseUnknown(rest.find((member) => isTagged(member, 0)));
  const [nextUpdate] = rest;
  return {
    signed: toBeSigned.valueBeforeDecodeView,
    algorithm: identifierOf(childrenOf(algorithm)[0]),
    signature: signature.valueBlock.valueHexView,
    issuer,
    entries: childrenOf(
      rest.find((member) => !isTagged(member, 0) && childrenOf(member).length > 0),
    ),
    nextUpdateMs: nextUpdate instanceof UTCTime ? nextUpdate.toDate().getTime() : Infinity,
  };
}

/** A critical extension may say that the list is only a part: it must not be used as a whole. */
function refuseUnknown(tagged: AsnType | undefined): void {
  const unknown = readExtensions(tagged).find(({ isCritical, id }) =>
    isCritical && !HARMLESS_EXTENSIONS.includes(id)
  );
  if (unknown === undefined) return;
  throw new Error(`it has the critical extension ${unknown.id}, which is not understood`);
}

/** Which of the CAs has signed it shows by trying: several may have one name. */
function checkSignature(list: SignedList, cas: readonly X509Certificate[]): void {
  const { algorithm } = list;
  if (!HASHES.has(algorithm)) {
    throw new Error(`its signature algorithm ${algorithm} is not known`);
  }
  const issuer = hexOf(list.issuer);
  const isSigned = cas.some((ca) =>
    hexOf(readCertificate(new Uint8Array(ca.raw)).subject) === issuer && isSignedBy(ca, list)
  );
  if (!isSigned) throw new Error("no CA of client_ca has signed it");
}

function isSignedBy(ca: X509Certificate, { algorithm, signed, signature }: SignedList): boolean {
  try {
    return verify(HASHES.get(algorithm), signed, ca.publicKey, signature);
  } catch {
    return false; // A key of another kind.
  }
}
