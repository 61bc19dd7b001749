/**
 * Certificates of a local CA: the CA itself, servers and clients, as PEM texts.
 *
 * Owns their validity and their keys. Reads and writes no files. Invariant: no certificate outlives
 * the CA that signed it.
 */

import { endOf } from "./facts.ts";
import { generateKey, type KeyType, keyTypeOf } from "./keys.ts";
import { DAY_MS } from "./renewal_time.ts";
import { type Contents, signCertificate } from "./x509.ts";

/** A certificate and its private key, in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** What all certificates have in common; every member has a default. */
export interface IssueOptions {
  /** Of a new key; by default "ec" for a CA, and the CA's for everything else. */
  readonly keyType?: KeyType | undefined;
  /** A private key in PEM to use in place of a new one. */
  readonly key?: string | undefined;
  /** How long it is valid. */
  readonly days?: number | undefined;
  /** The time of the wall; by default now. */
  readonly nowMs?: number | undefined;
}

export interface CaOptions extends IssueOptions {
  readonly commonName?: string | undefined;
}

export interface ServerOptions extends IssueOptions {
  /** DNS names and IP addresses that clients reach it by; the first one is its Common Name. */
  readonly names: readonly string[];
}

export interface ClientOptions extends IssueOptions {
  /** The Common Name, by which the broker knows the user. */
  readonly username: string;
}

/** More than this, and some platforms refuse a server's certificate. */
export const MAX_SERVER_DAYS = 825;
export const CA_DAYS = 3652;
/** Devices are rarely given a new one. It ends with the CA. */
export const CLIENT_DAYS = CA_DAYS;

/** What a Common Name may have (RFC 5280 appendix A.1: ub-common-name). */
export const MAX_COMMON_NAME = 64;

/** A certificate is valid from a while ago: not everybody's clock is right. */
const BACKDATE_MS = 3_600_000;

/** A new CA, whose certificate it signs itself. */
export async function makeCa(options: CaOptions = {}): Promise<Issued> {
  const { commonName = "Local CA", days = CA_DAYS, nowMs } = options;
  const key = options.key ?? await generateKey(options.keyType ?? "ec");
  const contents = { purpose: "ca", commonName, names: [], key, ...validity(days, nowMs) } as const;
  return { certificate: signCertificate(contents, undefined), key };
}

/** A certificate for a server that these names lead to. Throws without any name. */
export async function issueServer(ca: Issued, options: ServerOptions): Promise<Issued> {
  const { names, days = MAX_SERVER_DAYS } = options;
  const [first] = names;
  if (first === undefined) throw new Error("Cannot make a server certificate: it has no name");
  // The names that count are the alternative ones; this one is shown to people.
  const commonName = names.find((name) => [...name].length <= MAX_COMMON_NAME) ?? "server";
  return await issue(ca, { purpose: "server", commonName, names }, { ...options, days });
}

/** A certificate for a client. Throws when its name is empty or too long. */
export async function issueClient(ca: Issued, options: ClientOptions): Promise<Issued> {
  const { username, days = CLIENT_DAYS } = options;
  const length = [...username].length;
  if (length === 0 || length > MAX_COMMON_NAME) {
    throw new Error(
      `Cannot make a client certificate: its name has ${length} characters, ` +
        `allowed are 1 to ${MAX_COMMON_NAME}`,
    );
  }
  const contents = { purpose: "client", commonName: username, names: [] } as const;
  return await issue(ca, contents, { ...options, days });
}

async function issue(
  ca: Issued,
  contents: Pick<Contents, "purpose" | "commonName" | "names">,
  options: IssueOptions & { readonly days: number },
): Promise<Issued> {
  const key = options.key ?? await generateKey(options.keyType ?? keyTypeOf(ca.key));
  const { notBeforeMs, notAfterMs } = validity(options.days, options.nowMs);
  const lastMs = Math.min(notAfterMs, endOf(ca.certificate));
  if (lastMs <= notBeforeMs) {
    throw new Error("Cannot make a certificate: the CA has ended. --new-ca makes another one");
  }
  const all = { ...contents, key, notBeforeMs, notAfterMs: lastMs };
  return { certificate: signCertificate(all, ca), key };
}

/** Both ends belong to it (RFC 5280 section 4.1.2.5); there are no parts of a second. */
function validity(days: number, nowMs = Date.now()): { notBeforeMs: number; notAfterMs: number } {
  const notBeforeMs = Math.floor((nowMs - BACKDATE_MS) / 1000) * 1000;
  return { notBeforeMs, notAfterMs: notBeforeMs + days * DAY_MS - 1000 };
}
