/**
 * TLS files in a folder of their own, revocation lists, and the options that name them.
 *
 * Owns the folder until it is disposed of.
 */

import {
  type AsnType,
  BitString,
  Boolean as AsnBoolean,
  Constructed,
  Integer,
  ObjectIdentifier,
  OctetString,
  Sequence,
  UTCTime,
} from "asn1js";
import { Buffer } from "node:buffer";
import { sign, X509Certificate } from "node:crypto";
import type { Issued } from "../../src/certificates/issue.ts";
import { toPem } from "../../src/certificates/keys.ts";
import type { TlsOptions } from "../../src/transport/tls_options.ts";
import { childrenOf, parseAsn1, readCertificate } from "../../src/transport/x509_reader.ts";

export const DAY_MS = 86_400_000;

/** Files in a temporary folder, named as the tests like. */
export class TlsFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** With `server.pem` and `server-key.pem`. */
  static async create({ certificate, key }: Issued): Promise<TlsFolder> {
    const folder = new TlsFolder(await Deno.makeTempDir({ prefix: "broker-tls-test-" }));
    folder.write("server.pem", certificate);
    folder.write("server-key.pem", key);
    return folder;
  }

  /** Writes, or replaces, a file. */
  write(name: string, text: string): string {
    const path = `${this.path}/${name}`;
    Deno.writeTextFileSync(`${path}.new`, text);
    Deno.renameSync(`${path}.new`, path);
    return path;
  }

  options(more: Partial<TlsOptions> = {}): TlsOptions {
    return {
      certificate: `${this.path}/server.pem`,
      key: `${this.path}/server-key.pem`,
      minVersion: "1.2",
      clientCa: undefined,
      clientCertificate: "none",
      identity: "none",
      crl: undefined,
      ...more,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

export interface CrlOptions {
  /** Certificates in PEM. */
  readonly revoked?: readonly string[];
  readonly nextUpdateMs?: number;
  /** An extension that nobody knows. */
  readonly hasCriticalExtension?: boolean;
}

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const SHA256_WITH_RSA = "1.2.840.113549.1.1.11";

/** A revocation list of a CA, in PEM. */
export function makeCrl(ca: Issued, options: CrlOptions = {}): string {
  const { revoked = [], nextUpdateMs = Date.now() + 7 * DAY_MS } = options;
  const isRsa = new X509Certificate(ca.certificate).publicKey.asymmetricKeyType === "rsa";
  const algorithm = () =>
    sequence(new ObjectIdentifier({ value: isRsa ? SHA256_WITH_RSA : ECDSA_WITH_SHA256 }));
  const time = (ms: number) => new UTCTime({ valueDate: new Date(ms) });
  const entries = revoked.map((pem) =>
    sequence(
      parseAsn1(Buffer.from(readCertificate(derOf(pem)).serialNumber, "hex")),
      time(Date.now() - DAY_MS),
    )
  );
  const toBeSigned = sequence(
    new Integer({ value: 1 }),
    algorithm(),
    subjectOf(ca.certificate),
    time(Date.now() - DAY_MS),
    time(nextUpdateMs),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(options.hasCriticalExtension === true ? [criticalExtension()] : []),
  );
  const signature = sign("sha256", new Uint8Array(toBeSigned.toBER()), ca.key);
  const bits = new BitString({ valueHex: new Uint8Array(signature).buffer });
  return toPem("X509 CRL", new Uint8Array(sequence(toBeSigned, algorithm(), bits).toBER()));
}

function criticalExtension(): AsnType {
  const id = new ObjectIdentifier({ value: "2.5.29.28" });
  const value = new OctetString({ valueHex: new Uint8Array(2).buffer });
  return new Constructed({
    idBlock: { tagClass: 3, tagNumber: 0 },
    value: [sequence(sequence(id, new AsnBoolean({ value: true }), value))],
  });
}

function sequence(...value: AsnType[]): Sequence {
  return new Sequence({ value });
}

export function derOf(pem: string): Uint8Array {
  return new Uint8Array(new X509Certificate(pem).raw);
}

function subjectOf(pem: string): AsnType {
  const subject = childrenOf(childrenOf(parseAsn1(derOf(pem)))[0])[5];
  if (subject === undefined) throw new Error("Cannot read the subject of a certificate");
  return subject;
}
