/**
 * The files that the TLS options name, read and looked at before a connection is tried.
 *
 * Owns what is said about files that cannot be used, and what becomes of a list of ciphers. Does no
 * TLS itself.
 */

import type { TlsClientOptions } from "../../client/endpoint.ts";
import type { TlsSettings } from "./connection_settings.ts";
import { ToolExit, ToolFailure } from "./tool_exit.ts";

/** What the TLS of this program (rustls) offers, and nothing else. */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/** Throws `ToolFailure`. */
export function readTlsFiles(tls: TlsSettings): TlsClientOptions {
  if (tls.ciphers !== undefined) checkCiphers(tls.ciphers);
  const caCertificates = [
    ...(tls.caFile === undefined ? [] : [readPem("--cafile", tls.caFile, CERTIFICATE)]),
    ...(tls.caFolder === undefined ? [] : readFolder(tls.caFolder)),
  ];
  const key = tls.keyFile === undefined ? undefined : readPem("--key", tls.keyFile, PRIVATE_KEY);
  if (key !== undefined && ENCRYPTED_KEY.test(key)) {
    throw failure(
      `Cannot use the private key '${tls.keyFile}': it is encrypted. ` +
        `Without password: openssl pkey -in '${tls.keyFile}' -out plain.key`,
    );
  }
  return {
    caCertificates,
    certificate: tls.certificateFile === undefined
      ? undefined
      : readPem("--cert", tls.certificateFile, CERTIFICATE),
    key,
    checkHostname: !tls.isInsecure,
    alpnProtocols: tls.alpnProtocols,
    minimumVersion: tls.minimumVersion,
  };
}

/**
 * Throws `ToolFailure` when a list as OpenSSL takes it names nothing that is offered here. Groups
 * ("HIGH", "ECDHE") are taken for what they mostly are.
 */
export function checkCiphers(list: string): void {
  const wanted = list.split(/[:, ]+/).filter((entry) => entry !== "" && !/^[!-]/.test(entry))
    .map((entry) => entry.replace(/^\+/, ""));
  const isOffered = (entry: string): boolean =>
    CIPHERS.includes(entry) || !/[-_]/.test(entry.replace(/^TLSv1\.\d$/, ""));
  if (wanted.some(isOffered)) return;
  throw failure(
    `Cannot use the ciphers '${list}': the TLS here offers none of them, but ${CIPHERS.join(", ")}`,
  );
}

function readPem(flag: string, path: string, kind: RegExp): string {
  const text = readText(flag, path);
  if (kind.test(text)) return text;
  const what = kind === CERTIFICATE ? "certificate" : "private key";
  throw failure(`Cannot use '${path}' of '${flag}': there is no ${what} in PEM in it`);
}

/** The files of the folder that have certificates; `openssl rehash` makes links, which count once. */
function readFolder(path: string): readonly string[] {
  const texts = new Set<string>();
  try {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      const text = isDirectory || !/\.(?:crt|pem|cer|\d)$/i.test(name)
        ? ""
        : readText("--capath", `${path}/${name}`);
      if (CERTIFICATE.test(text)) texts.add(text);
    }
  } catch (error) {
    if (error instanceof ToolFailure) throw error;
    throw cannotRead("--capath", path, error);
  }
  if (texts.size > 0) return [...texts];
  throw failure(`Cannot use the folder '${path}' of '--capath': no file in it has a certificate`);
}

function readText(flag: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw cannotRead(flag, path, error);
  }
}

function cannotRead(flag: string, path: string, error: unknown): ToolFailure {
  const reason = error instanceof Deno.errors.NotFound
    ? "there is no such file"
    : error instanceof Error
    ? error.message
    : String(error);
  return failure(`Cannot read '${path}' of '${flag}': ${reason}`);
}

function failure(message: string): ToolFailure {
  return new ToolFailure(ToolExit.Failure, message);
}
