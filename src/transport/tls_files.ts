/**
 * The files of a TLS listener: certificate, key, client CA and CRL, read and checked together.
 *
 * Owns what is demanded of them before they are used: neither of the platform's TLS servers says
 * anything useful about bad ones, and one accepts them silently. Invariant: `TlsFiles` fit together;
 * only their time may be over.
 */

import { messageOf } from "../error_text.ts";
import { createHash, X509Certificate } from "node:crypto";
import { belongsTogether, endOf } from "../certificates/facts.ts";
import type { RevocationList } from "./revocation_list.ts";
import type { TlsOptions } from "./tls_options.ts";

export interface TlsFiles {
  /** PEM, with its chain. */
  readonly certificate: string;
  readonly key: string;
  /** PEM; undefined when clients are not asked for certificates. */
  readonly clientCa: string | undefined;
  readonly revocationList: RevocationList | undefined;
  /** When the certificate, or the first of its chain, is over; milliseconds since 1970. */
  readonly endsAtMs: number;
  /** The same for the same contents of all files. */
  readonly digest: string;
}

/** The paths that TLS reads. */
export function tlsPaths(options: TlsOptions): string[] {
  const { certificate, key, clientCa, crl } = options;
  const client = options.clientCertificate === "none" ? [] : [clientCa, crl];
  return [certificate, key, ...client].filter((path) => path !== undefined);
}

/** Throws an Error for people when a file is missing, cannot be understood or does not fit. */
export async function readTlsFiles(options: TlsOptions): Promise<TlsFiles> {
  const certificate = readPem("certificate", options.certificate);
  const key = privateKeyIn(readPem("key", options.key));
  const certificates = parseCertificates("certificate", options.certificate, certificate);
  checkKey(certificate, key, options);
  const withoutClients = {
    certificate,
    key,
    clientCa: undefined,
    revocationList: undefined,
    endsAtMs: Math.min(...certificates.map(({ pem }) => endOf(pem))),
    digest: digestOf([certificate, key]),
  };
  if (options.clientCertificate === "none") return withoutClients;
  const clientCa = readPem("client_ca", options.clientCa);
  const cas = parseCertificates("client_ca", options.clientCa, clientCa);
  if (options.crl === undefined) {
    return { ...withoutClients, clientCa, digest: digestOf([certificate, key, clientCa]) };
  }
  const crl = readPem("crl", options.crl);
  return {
    ...withoutClients,
    clientCa,
    revocationList: await parseCrl(options.crl, crl, cas.map(({ parsed }) => parsed)),
    digest: digestOf([certificate, key, clientCa, crl]),
  };
}

function readPem(what: string, path: string | undefined): string {
  if (path === undefined) throw new Error(`Cannot use TLS: tls.${what} is not given`);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : messageOf(error);
    throw new Error(`Cannot read tls.${what} '${path}': ${reason}`);
  }
}

const PRIVATE_KEY = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]+-----END \1PRIVATE KEY-----\n?/;

/** The file may have the certificate as well, or parameters of the curve; not all readers skip them. */
function privateKeyIn(text: string): string {
  return PRIVATE_KEY.exec(text)?.[0] ?? text;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function parseCertificates(
  what: string,
  path: string | undefined,
  text: string,
): { pem: string; parsed: X509Certificate }[] {
  const blocks = text.match(CERTIFICATE);
  if (blocks === null) throw new Error(`Cannot read tls.${what} '${path}': no certificate in PEM`);
  return blocks.map((pem) => {
    try {
      return { pem, parsed: new X509Certificate(pem) };
    } catch (error) {
      throw new Error(`Cannot read tls.${what} '${path}': ${messageOf(error)}`);
    }
  });
}

function checkKey(certificate: string, key: string, options: TlsOptions): void {
  if (key.includes("ENCRYPTED")) {
    throw new Error(`Cannot use tls.key '${options.key}': it has a passphrase; remove it`);
  }
  let fits: boolean;
  try {
    fits = belongsTogether(certificate, key);
  } catch (error) {
    throw new Error(`Cannot read tls.key '${options.key}': ${messageOf(error)}`);
  }
  if (fits) return;
  throw new Error(
    `Cannot use tls.key '${options.key}': it is not the key of '${options.certificate}'`,
  );
}

/** The ASN.1 library is loaded only where there is something to read with it. */
async function parseCrl(
  path: string,
  text: string,
  cas: readonly X509Certificate[],
): Promise<RevocationList> {
  const { RevocationList } = await import("./revocation_list.ts");
  try {
    return RevocationList.parse(text, cas);
  } catch (error) {
    throw new Error(`Cannot use tls.crl '${path}': ${messageOf(error)}`);
  }
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}\n`).update(text);
  return hash.digest("hex");
}
