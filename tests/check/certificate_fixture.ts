/**
 * Certificates that are good or bad in one way, at the time of the fake machine.
 *
 * Owns nothing that outlives the process; everything is PEM text.
 */

import { Buffer } from "node:buffer";
import { type Issued, issueServer, makeCa } from "../../src/certificates/issue.ts";
import { toPem } from "../../src/certificates/keys.ts";
import { signCertificate } from "../../src/certificates/x509.ts";
import { NOW_MS } from "./fake_machine.ts";

export const DAY_MS = 86_400_000;

let ca: Promise<Issued> | undefined;

/** The same one each time. */
export function checkCa(): Promise<Issued> {
  return ca ??= makeCa({ commonName: "Check CA", nowMs: NOW_MS });
}

/** For the names of the fake machine. */
export async function server(
  { names = ["pi4", "pi4.local", "192.168.1.5"], days = 100, nowMs = NOW_MS } = {},
): Promise<Issued> {
  return await issueServer(await checkCa(), { names, days, nowMs });
}

/** With a common name and no other. */
export async function withoutNames(key: string): Promise<string> {
  return signCertificate(
    {
      purpose: "server",
      commonName: "pi4",
      names: [],
      key,
      notBeforeMs: NOW_MS - DAY_MS,
      notAfterMs: NOW_MS + 100 * DAY_MS,
    },
    await checkCa(),
  );
}

/** A key that no TLS takes any more. */
export async function weakKey(): Promise<string> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 1024,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: "SHA-256",
  };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const bytes = await crypto.subtle.exportKey("pkcs8", (pair as CryptoKeyPair).privateKey);
  return toPem("PRIVATE KEY", new Uint8Array(Buffer.from(bytes)));
}
